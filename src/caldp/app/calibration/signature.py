"""Signatures of files, which change when a file is written: a file that was judged must still be the same."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from caldp.domain.errors import PublishError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.events import Step
from caldp.domain.run.record import Failure

Signature = tuple[int, int, int]
"""Inode, size (bytes) and time of modification (ns)."""

GONE: Signature = (0, 0, 0)
"""The signature of a file that is not there."""


def signature_of(path: Path) -> Signature:
    """Look at a file; a symbolic link is looked at itself. `GONE` if there is none."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return GONE
    return status.st_ino, status.st_size, status.st_mtime_ns


def is_unchanged(path: Path, judged: Signature) -> bool:
    """Tell whether a file is the one that was judged."""
    return signature_of(path) == judged != GONE


def require_unchanged(path: Path, judged: Signature | None) -> None:
    """Refuse a file that is not the one that was judged: only what was judged is published.

    Parameters
    ----------
    path
        The file.
    judged
        Its signature when it was judged; None for a file that is published without.

    Raises
    ------
    PublishError
        If it was written, replaced or removed since.
    """
    if judged is not None and not is_unchanged(path, judged):
        raise PublishError(_MESSAGE.format(path.name), advice=_ADVICE)


def changed_failure(name: str) -> Failure:
    """Say that a file is not the one that was judged."""
    return Failure(ExitCode.GENERIC_ERROR, _MESSAGE.format(name), _ADVICE, Step.RECORD)


_MESSAGE: Final = "{} was written or removed after it had been judged, so nothing is published as processed."
_ADVICE: Final = "Look for a program that still writes into the scratch directory, then run it again."
