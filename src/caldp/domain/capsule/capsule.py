"""A capsule: one file with all that a calibration needs."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from caldp.domain.lock.lock import Lock


@frozen
class Capsule:
    """A capsule that has been made or verified.

    Attributes
    ----------
    path
        The file.
    lock
        The lock in it.
    files
        Number of files in it, those of the bag included.
    payload
        Size of the raw files, references and texts in it; bytes.
    size
        Size of the file; bytes.
    warnings
        Warnings: that data may be under exclusive access.
    """

    path: Path
    lock: Lock
    files: int
    payload: int
    size: int
    warnings: tuple[str, ...] = ()
