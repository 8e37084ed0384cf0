"""The ``caldp`` command."""


def run() -> None:
    """Run the command line and exit with its status."""
    raise SystemExit(0)
