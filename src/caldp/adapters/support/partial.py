"""Files that appear under their names only when they are whole."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Final, TypeVar

from attrs import define

_PARTIAL: Final = ".part"
_NAME: Final = re.compile(r"\..+\.[0-9a-f]{8}\.part", re.DOTALL)
_ATTEMPTS: Final = 10
_TOKEN: Final = 8  # hexadecimal digits
_WORTH_KEEPING: Final = 1 << 20  # bytes

_Result = TypeVar("_Result")


@define
class PartialFile:
    """A file that is being written under a hidden name beside its place; make one with `begin`.

    Attributes
    ----------
    place
        Path that the file is going to have.
    path
        Its name until then.
    size
        Amount that was written; bytes.
    """

    place: Path
    path: Path
    _descriptor: int
    size: int = 0

    @classmethod
    def begin(cls, place: Path) -> PartialFile:
        """Make the file, and the directories on the way to it."""

        def attempt() -> PartialFile:
            path = place.with_name(partial_name(place.name, secrets.token_hex(_TOKEN // 2)))
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            with suppress(OSError):  # some network file systems have no locks; then nothing is swept there
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return cls(place, path, descriptor)

        sweep_beside(place)
        return in_directory(place, attempt)

    @classmethod
    def resume(cls, place: Path, checksum: str) -> PartialFile:
        """Open what an earlier process wrote of the same contents, behind its last byte; begin the file if it did not.

        Parameters
        ----------
        place
            Path that the file is going to have.
        checksum
            Of the contents, in hexadecimal digits: its first eight are in the name, so that only pieces of the same are
            put together. Without it the file is begun.

        Returns
        -------
        PartialFile
            One that no other process writes to: where that one is in use, or locks are not to be had, a new one.
        """
        path = place.with_name(partial_name(place.name, checksum[:_TOKEN]))
        descriptor = in_directory(place, lambda: _locked(path)) if is_partial(path.name) else None
        if descriptor is None:
            return cls.begin(place)
        sweep_beside(place)
        return cls(place, path, descriptor, os.lseek(descriptor, 0, os.SEEK_END))

    def read(self, size: int) -> Iterator[bytes]:
        """Yield what was written, in pieces of a size; bytes."""
        with self.path.open("rb", buffering=0) as stream:
            while data := stream.read(size):
                yield data

    def write(self, data: bytes) -> None:
        """Append bytes."""
        view = memoryview(data)
        while view:
            written = os.write(self._descriptor, view)
            view = view[written:]
            self.size += written

    def sync(self) -> None:
        """Wait until the disk has what was written."""
        os.fsync(self._descriptor)

    def finish(self) -> None:
        """Check that all is there and give the file its name."""
        self._close()
        self.path.replace(self.place)

    def finish_new(self) -> None:
        """Give the file its name if there is none of that name; it is on the disk then.

        Raises
        ------
        FileExistsError
            If there is one.
        """
        os.fsync(self._descriptor)
        self._close()
        os.link(self.path, self.place)

    def _close(self) -> None:
        found = os.fstat(self._descriptor).st_size
        if found != self.size:
            raise OSError(f"{found} bytes arrived of {self.size}")
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)  # network file systems report here what they could not write

    def leave(self) -> None:
        """Keep what was written for `resume`, if it is worth that; discard it otherwise."""
        if self.size < _WORTH_KEEPING:
            self.discard()
        elif self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def discard(self) -> None:
        """Give the file up."""
        with suppress(OSError):
            self.path.unlink()
        if self._descriptor >= 0:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = -1


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a hidden name to write a file under; afterwards the file has its own, in place of an earlier one.

    For libraries that write files by name; where we write the bytes ourselves, `PartialFile` does it.

    Parameters
    ----------
    path
        The file, in a directory that exists.
    """
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield hidden
        hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)


def partial_name(name: str, token: str) -> str:
    """Return the hidden name of a file that is being written."""
    return f".{name}.{token}{_PARTIAL}"


def is_partial(name: str) -> bool:
    """Tell whether a file's name is one of a file that is being written."""
    return _NAME.fullmatch(name) is not None


def sweep(partials: Iterable[Path]) -> None:
    """Remove partial files that no living process holds."""
    for path in partials:
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if has_name(path, file.fileno()):
                path.unlink()


def has_name(path: Path, descriptor: int) -> bool:
    """Tell whether an open file still has its name: another process may have removed or replaced it."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _locked(path: Path) -> int | None:
    """Open a file of that name under its lock, at its end; None if the lock cannot be had."""
    while True:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        if has_name(path, descriptor):
            return descriptor
        os.close(descriptor)


def sweep_beside(place: Path) -> None:
    """Remove what killed processes left while they were writing a file."""
    sweep(place.parent.glob(f".{escape(place.name)}.*{_PARTIAL}"))


def in_directory(place: Path, action: Callable[[], _Result]) -> _Result:
    """Do something in a file's directory, making it first; another run may be removing empty ones meanwhile."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(FileNotFoundError):
            place.parent.mkdir(parents=True, exist_ok=True)
            return action()
    place.parent.mkdir(parents=True, exist_ok=True)
    return action()


def prune(directory: Path, root: Path) -> None:
    """Remove a directory and those above it, below a root, as far as they are empty."""
    with suppress(OSError):
        while directory != root:
            directory.rmdir()
            directory = directory.parent
