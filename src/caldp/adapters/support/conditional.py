"""Small files written on a condition, by steps of the file system in which only one caller can succeed."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from caldp.adapters.support.partial import PartialFile, in_directory, partial_name
from caldp.domain.errors import KeyTaken

_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})


@contextmanager
def conditional(place: Path) -> Iterator[None]:
    """Turn the file system's error of the slower caller into `KeyTaken`."""
    try:
        yield
    except (FileExistsError, FileNotFoundError) as error:
        raise KeyTaken(f"{place} has been changed by another.") from error


def create(place: Path, data: bytes) -> None:
    """Write a file that must not exist; it appears whole.

    Raises
    ------
    FileExistsError
        If it exists.
    """
    partial = PartialFile.begin(place)
    try:
        partial.write(data)
        partial.finish_new()
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        in_directory(place, lambda: _create_directly(place, data))
    finally:
        partial.discard()


def _create_directly(place: Path, data: bytes) -> None:
    """Write a file where there are no links: for a moment it is empty, which names no run."""
    with place.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def touch(place: Path, data: bytes) -> None:
    """Make a file young again, if it holds certain data.

    Raises
    ------
    FileNotFoundError
        If it does not.
    """
    with place.open("rb") as file:
        if file.read() != data:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(place))
        os.utime(file.fileno())
        if not os.path.samestat(os.fstat(file.fileno()), place.stat()):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(place))


def take_away(place: Path, wanted: Callable[[bytes], bool]) -> None:
    """Remove a file if its content is as wanted.

    Raises
    ------
    FileNotFoundError
        If it is not: it is back in its place then.
    """
    aside = place.with_name(partial_name(place.name, secrets.token_hex(4)))
    place.rename(aside)
    try:
        if not wanted(aside.read_bytes()):
            _put_back(aside, place)
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(place))
    finally:
        aside.unlink(missing_ok=True)


def _put_back(aside: Path, place: Path) -> None:
    try:
        with suppress(FileExistsError):
            os.link(aside, place)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if not place.exists():
            aside.rename(place)
