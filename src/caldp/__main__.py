"""``python -m caldp`` is the ``caldp`` command."""

from caldp.cli.start import run

if __name__ == "__main__":
    run()
