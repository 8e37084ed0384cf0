"""Start of the ``caldp`` command.

A command that is going to process a dataset begins here what takes longer than to find out which dataset.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final, NoReturn

_JOB: Final = ("batch", "job")
_NO_RUN: Final = frozenset({"-h", "--help"})


def run() -> NoReturn:
    """Run the command line of this process and exit with its status."""
    if is_run(sys.argv[1:]):
        begin_run()
    from caldp.cli.main import run as run_command

    run_command()


def is_run(words: Sequence[str]) -> bool:
    """Tell whether a command line is going to process a dataset, as far as a look at its words tells."""
    is_run = "process" in words[:2] or tuple(words[:2]) == _JOB
    return is_run and not _NO_RUN.intersection(words)


def begin_run() -> None:
    """Begin what every run needs; the end of this process ends it."""
    import atexit

    from caldp.factories import begin_early

    atexit.register(begin_early())
