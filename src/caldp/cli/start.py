"""Start of the ``caldp`` command.

A command that is going to process a dataset begins here what takes longer than to find out which dataset.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final, NoReturn

_JOB: Final = ("batch", "job")
_WARM: Final = "--warm"
"""Word by which the driver of a batch says that standard input is a line to its servers."""
_NO_RUN: Final = frozenset({"-h", "--help"})


def run() -> NoReturn:
    """Run the command line of this process and exit with its status."""
    words = sys.argv[1:]
    if is_run(words):
        begin_run(has_line=tuple(words[:2]) == _JOB and _WARM in words)
    from caldp.cli.main import run as run_command

    run_command()


def is_run(words: Sequence[str]) -> bool:
    """Tell whether a command line is going to process a dataset, as far as a look at its words tells."""
    is_run = "process" in words[:2] or tuple(words[:2]) == _JOB
    return is_run and not _NO_RUN.intersection(words)


def begin_run(*, has_line: bool = False) -> None:
    """Begin what every run needs; the end of this process ends it.

    Parameters
    ----------
    has_line
        True if standard input is a line to the warm servers of a batch.
    """
    import atexit

    from caldp.factories import begin_early

    atexit.register(begin_early(has_line=has_line))
