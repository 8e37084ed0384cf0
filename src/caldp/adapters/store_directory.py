"""Products, logs and messages in a directory."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.adapters.tools.disk import remedy, why
from caldp.adapters.tools.partial import PartialFile, in_directory, is_partial, prune, sweep, sweep_beside
from caldp.app.ports import StoredObject
from caldp.domain.errors import PublishError
from caldp.domain.location import FileLocation

_CHUNK: Final = 1 << 20


@frozen
class DirectoryStore:
    """A directory whose files are the objects; implements the port ObjectStore.

    A file is written under a hidden name beside its place and renamed into it. What a killed process left under
    such a name is removed when its key is put or deleted, or when it is come upon in a listing.

    Attributes
    ----------
    root
        The directory; made when something is put.
    """

    root: Path

    def put_bytes(self, key: str, data: bytes) -> None:
        """Write a small file."""
        self.put_stream(key, (data,))

    def put_file(self, key: str, path: Path, *, consume: bool = False) -> None:
        """Copy a file; rename it if it may be consumed and lies on the same file system."""
        place = self._place(key)
        with _explained(place):
            if consume and not path.is_symlink() and _renamed(path, place):
                return
            with path.open("rb") as source:
                self.put_stream(key, iter(lambda: source.read(_CHUNK), b""))
            if consume:
                path.unlink()

    def put_stream(self, key: str, chunks: Iterable[bytes]) -> StoredObject:
        """Write what an iterator yields."""
        place = self._place(key)
        with _explained(place):
            partial = PartialFile.begin(place)
        try:
            for chunk in chunks:
                with _explained(place):
                    partial.write(chunk)
            with _explained(place):
                partial.finish()
        except BaseException:
            partial.discard()
            raise
        return StoredObject(key, partial.size)

    def get_bytes(self, key: str) -> bytes | None:
        """Read a small file."""
        place = self._place(key)
        try:
            return place.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _trouble(place, error) from error

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the files below a directory, and remove what killed processes left."""
        start = self.root / prefix.rpartition("/")[0]
        with _explained(start):
            found = list(self._walk(start, prefix))
        yield from sorted(found, key=lambda stored: stored.key)

    def delete(self, key: str) -> None:
        """Remove a file, and the directories that are empty without it."""
        place = self._place(key)
        with _explained(place):
            sweep_beside(place)
            with suppress(FileNotFoundError, NotADirectoryError):
                place.unlink()
        prune(place.parent, self.root)

    def locate(self, key: str) -> str:
        """Return a file's absolute path."""
        return str(self._place(key).absolute())

    def _place(self, key: str) -> Path:
        if key.startswith("/") or ".." in key.split("/"):
            raise PublishError(f"{key[:200]!r} is not a key below {self.root}.")
        return self.root / key

    def _walk(self, start: Path, prefix: str) -> Iterator[StoredObject]:
        for directory, _, names in os.walk(start, onerror=_raise_unless_missing):
            for path in (Path(directory, name) for name in names):
                key = path.relative_to(self.root).as_posix()
                if is_partial(path.name):
                    sweep((path,))
                elif key.startswith(prefix):
                    yield StoredObject(key, path.lstat().st_size)


def make_directory_store(location: FileLocation) -> DirectoryStore:
    """Build the store of a ``file:`` location."""
    return DirectoryStore(Path(location.path).expanduser().absolute())


def _renamed(path: Path, place: Path) -> bool:
    """Rename a file if the file system can do that."""
    try:
        in_directory(place, lambda: path.replace(place))
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    return True


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    """Turn operating system errors of the work inside into `PublishError`."""
    try:
        yield
    except OSError as error:
        raise _trouble(place, error) from error


def _trouble(place: Path, error: OSError) -> PublishError:
    return PublishError(
        f"{place} cannot be written: {why(error)}.",
        advice=remedy(error, "Check the output's path and its permissions."),
    )
