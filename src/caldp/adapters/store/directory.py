"""Products, logs and messages in a directory."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.adapters.support.conditional import conditional, create, take_away, touch
from caldp.adapters.support.disk import advice_on, why
from caldp.adapters.support.in_place import flush, flush_directory, flush_file, put_in_place
from caldp.adapters.support.partial import PartialFile, in_directory, is_partial, prune, sweep, sweep_beside
from caldp.app.ports.object_store import Reading, StoredObject
from caldp.domain.errors import PublishError
from caldp.domain.output.location import FileLocation

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
        """Write a small file, down to the disk."""
        self.put_stream(key, (data,))
        place = self._place(key)
        with _explained(place):
            flush_file(place)
            flush_directory(place.parent)

    def put_if(self, key: str, data: bytes, version: str | None) -> str:
        """Write a small file under a hidden name and link it to its own, which only one can.

        Another version is renamed away first, which only one can either: no lock is needed, and network file systems
        without any will do. The same data are touched.
        """
        place = self._place(key)
        with _explained(place), conditional(place):
            if version is None:
                create(place, data)
            elif version == _version(data):
                touch(place, data)
            else:
                take_away(place, lambda found: _version(found) == version)
                create(place, data)
        return _version(data)

    def read(self, key: str) -> Reading | None:
        """Read a small file; its age goes by this machine's clock."""
        place = self._place(key)
        try:
            with place.open("rb") as file:
                data, written = file.read(), os.fstat(file.fileno()).st_mtime
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _trouble(place, error, "read") from error
        return Reading(data, _version(data), max(0.0, time.time() - written))

    def put_file(self, key: str, path: Path, *, consume: bool = False) -> StoredObject:
        """Copy a file; rename it if it may be consumed and lies on the same file system."""
        place = self._place(key)
        with _explained(path, "read"):
            size = path.stat().st_size
        with _explained(place):
            if consume and not path.is_symlink() and _renamed(path, place):
                return StoredObject(key, size)
        stored = self.put_stream(key, _pieces(path))
        if consume:
            with _explained(path):
                path.unlink()
        return stored

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

    def settle(self, prefix: str) -> None:
        """Flush all files below a directory, and the directories."""
        place = self._place(prefix)
        with _explained(place):
            flush(place)

    def replace(self, staged: str, prefix: str, unsettle: Callable[[], None]) -> None:
        """Exchange two directories by renaming."""
        source, place = self._place(staged), self._place(prefix)
        with _explained(place):
            if not source.is_dir():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(source))
            flush(source)
            put_in_place(source, place, unsettle)

    def get_bytes(self, key: str) -> bytes | None:
        """Read a small file."""
        place = self._place(key)
        try:
            return place.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _trouble(place, error, "read") from error

    def get_many(self, keys: Iterable[str]) -> Generator[bytes | None, None, None]:
        """Read small files one after the other: there is nothing to wait for."""
        yield from map(self.get_bytes, keys)

    def get_part(self, key: str, start: int, size: int) -> bytes | None:
        """Read some bytes of a file."""
        place = self._place(key)
        try:
            with open(place, "rb", buffering=0) as file:  # noqa: PTH123  some 10^4 of them are read in a row
                file.seek(start)
                return file.read(size)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _trouble(place, error, "read") from error

    def get_stream(self, stored: StoredObject) -> Iterator[bytes]:
        """Read a file."""
        place, size = self._place(stored.key), 0
        for piece in _pieces(place):
            size += len(piece)
            yield piece
        if size != stored.size:
            raise PublishError(f"{place} has changed: {size} bytes, and {stored.size} before.", advice="Run it again.")

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the files below a directory, and remove what killed processes left."""
        start = self.root / prefix.rpartition("/")[0]
        with _explained(start, "read"):
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
        first = prefix.rpartition("/")[2]
        for directory, below, names in os.walk(start, onerror=_raise_unless_missing):
            place = Path(directory)
            if first and place == start:
                below[:] = [name for name in below if name.startswith(first)]
            lead = (place.relative_to(self.root) / "x").as_posix()[:-1]  # once a directory, which may have 10^5 files
            for name in names:
                if is_partial(name):
                    sweep((place / name,))
                elif lead.startswith(prefix) or (lead + name).startswith(prefix):
                    yield StoredObject(lead + name, os.lstat(f"{directory}/{name}").st_size)


def make_directory_store(location: FileLocation) -> DirectoryStore:
    """Build the store of a ``file:`` location."""
    return DirectoryStore(Path(location.path).expanduser().absolute())


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


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


def _pieces(path: Path) -> Iterator[bytes]:
    with _explained(path, "read"), path.open("rb") as source:
        while piece := source.read(_CHUNK):
            yield piece


@contextmanager
def _explained(place: Path, done: str = "written") -> Iterator[None]:
    """Turn operating system errors of the work inside, by which a place is read or written, into `PublishError`."""
    try:
        yield
    except OSError as error:
        raise _trouble(place, error, done) from error


def _trouble(place: Path, error: OSError, done: str = "written") -> PublishError:
    return PublishError(
        f"{place} cannot be {done}: {why(error)}.",
        advice=advice_on(error, "Check the output's path and its permissions."),
    )


def try_to_write(root: Path) -> None:
    """Find out whether something can be made in a directory, or where that would be made; leave nothing there.

    Raises
    ------
    PublishError
        If it cannot.
    """
    absolute = root.absolute()
    place = next(one for one in (absolute, *absolute.parents) if one.exists())
    with _explained(root):
        Path(tempfile.mkdtemp(prefix=".caldp-trial-", dir=place)).rmdir()
