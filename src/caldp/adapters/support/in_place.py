"""Puts a directory in the place of another one, in one step where the system can."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2  # linux/fs.h
_UNKNOWN: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})
_ASIDE: Final = ".aside"
_AT_ONCE: Final = 8  # one commit of the file system's journal serves several


def exchange(one: Path, other: Path, platform: str = sys.platform) -> bool:
    """Exchange two names in one step, as Linux's renameat2(2) does; False if system or file system cannot.

    Parameters
    ----------
    one, other
        Paths of which both are there.
    platform
        As ``sys.platform`` has it.

    Raises
    ------
    OSError
        If they cannot be exchanged for another reason.
    """
    if not platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):  # musl has had it only since 1.2.6
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(other))


def put_in_place(new: Path, place: Path, unsettle: Callable[[], None]) -> None:
    """Put a directory in a place, and remove what was there.

    Parameters
    ----------
    new
        The directory, on the same file system.
    place
        Path that it is to have; there may be another one.
    unsettle
        Called first if there is going to be a moment in which the place is empty.
    """
    aside = new.with_name(new.name + _ASIDE)
    if not os.path.lexists(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        new.rename(place)
    elif exchange(new, place):
        aside = new  # the old one by now
    else:
        unsettle()
        place.rename(aside)
        new.rename(place)
    flush_directory(place.parent)
    if aside.is_symlink():
        aside.unlink()
    shutil.rmtree(aside, ignore_errors=True)  # what stays is hidden


def flush(root: Path) -> None:
    """Return when the files below a directory, and all directories on the way to them, survive a loss of power."""
    directories, files = [], []
    for directory, _, names in os.walk(root):
        directories.append(Path(directory))
        files += [Path(directory, name) for name in names]
    with ThreadPoolExecutor(_AT_ONCE, "caldp-flush") as pool:
        _wait(pool.map(flush_file, (path for path in files if not path.is_symlink())))
        _wait(pool.map(flush_directory, directories))
    flush_directory(root.parent)


def flush_directory(directory: Path) -> None:
    """Return when the names in a directory survive a loss of power, where file systems can promise that."""
    with suppress(PermissionError):  # of a directory that may be written and not read
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _flush(descriptor)
        finally:
            os.close(descriptor)


def flush_file(path: Path) -> None:
    """Return when a file's content survives a loss of power."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        _flush(file.fileno())


def _flush(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNKNOWN:  # of file systems without anything to flush
            raise


def _wait(results: Iterable[None]) -> None:
    for _ in results:
        pass
