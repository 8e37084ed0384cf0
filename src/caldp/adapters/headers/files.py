"""Headers of files of this machine, and of streams; FITS files by themselves or in tarballs."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final

from attrs import field, frozen

from caldp.adapters.headers.cards import read_headers
from caldp.adapters.support.disk import why
from caldp.adapters.support.foreign import in_words, reading_foreign
from caldp.adapters.support.tar_gate import TarLimits
from caldp.adapters.support.unpacking import members
from caldp.domain.errors import CaldpError, InputNotFound, InvalidInput
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.hst.magic import HEAD, kind_of
from caldp.domain.stale.header_values import FileHeaders

_TARBALLS: Final = (".tar.gz", ".tgz", ".tar")
_FITS: Final = (".fits", ".fits.gz")
_CHUNK: Final = 1 << 20
_PART: Final = 1 << 16  # the headers before the first data, as a rule


class _Damaged(Exception):
    """A file cannot be read; the message says why."""


@frozen
class Headers:
    """Reads headers; implements the port HeaderSource.

    Attributes
    ----------
    limits
        Greatest size of a tarball.
    """

    limits: TarLimits = field(factory=TarLimits)

    def files(self, path: Path) -> Iterator[FileHeaders | UnreadableFits]:
        """Yield the headers of the FITS files of a place."""
        if path.is_dir():
            for found in sorted(path.rglob("*")):
                if found.name.lower().endswith((*_FITS, *_TARBALLS)) and found.is_file():
                    yield from self._of_file(found)
            return
        if not path.exists():
            raise InputNotFound(f"There is no {path}.", advice="Name a FITS file, a tarball or a directory.")
        for one in self._of_file(path):
            if isinstance(one, UnreadableFits) and one.name == path.name.lower():
                raise InvalidInput(f"{path} cannot be read: {one.reason}.", advice="Expected a FITS file or a tarball.")
            yield one

    def _of_file(self, path: Path) -> Iterator[FileHeaders | UnreadableFits]:
        name, place = path.name.lower(), str(path)
        try:
            with path.open("rb") as file:
                if name.endswith((".gz", *_TARBALLS)):
                    yield from _of_stream(name, place, file, self.limits)
                else:
                    yield _headers(name, place, file, lambda count: file.seek(count, 1))
        except OSError as error:
            yield UnreadableFits(name, why(error))

    def parts(self, name: str, place: str, read: Callable[[int, int], bytes]) -> FileHeaders | UnreadableFits:
        """Return the headers of a FITS file of which any bytes can be had."""
        source = io.BufferedReader(_Parts(read), _PART)
        return _headers(name.lower(), place, source, lambda count: source.seek(count, 1))

    def stream(self, name: str, place: str, chunks: Iterable[bytes]) -> Iterator[FileHeaders | UnreadableFits]:
        """Yield the headers of a FITS file or of the members of a tarball."""
        yield from _of_stream(name.lower(), place, io.BufferedReader(_Chunks(chunks), _CHUNK), self.limits)


class _Parts(io.RawIOBase):
    """Bytes that are asked for by their position, as a file."""

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._position = offset + (self._position if whence == io.SEEK_CUR else 0)
        return self._position

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self._read(self._position, len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


class _Chunks(io.RawIOBase):
    """Bytes that come in pieces, as a stream."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._ahead = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        while not self._ahead:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._ahead = memoryview(piece)
        count = min(len(buffer), len(self._ahead))
        buffer[:count], self._ahead = self._ahead[:count], self._ahead[count:]
        return count


def _of_stream(name: str, place: str, source: IO[bytes], limits: TarLimits) -> Iterator[FileHeaders | UnreadableFits]:
    if name.endswith(_TARBALLS):
        yield from _of_tarball(name, place, source, limits)
    elif name.endswith(".gz"):
        from isal import igzip

        plain: IO[bytes] = igzip.IGzipFile(fileobj=source, mode="rb")  # type: ignore[no-untyped-call,assignment]
        yield _headers(name.removesuffix(".gz"), place, plain, _passing_over(plain))
    else:
        yield _headers(name, place, source, _passing_over(source))


def _of_tarball(name: str, place: str, source: IO[bytes], limits: TarLimits) -> Iterator[FileHeaders | UnreadableFits]:
    headers: list[FileHeaders | UnreadableFits] = []
    try:
        with members(source, place, limits) as found:
            for member, data in found:
                if member.endswith(".fits"):
                    headers.append(_headers(member, place, data, _passing_over(data), place))
    except CaldpError as error:
        headers.append(UnreadableFits(name, error.message.rstrip(".")))
    yield from sorted(headers, key=lambda one: one.name)


def _headers(
    name: str, place: str, source: IO[bytes], skip: Callable[[int], object], container: str = ""
) -> FileHeaders | UnreadableFits:
    head = bytearray()

    def read(size: int) -> bytes:
        data = source.read(size)
        if len(head) < HEAD:
            head.extend(data[:HEAD])
        return data

    try:
        with reading_foreign(lambda error: _Damaged(in_words(error)), (_Damaged,)):
            return FileHeaders(name, place, container or place.rpartition("/")[0] or ".", read_headers(read, skip))
    except _Damaged as damage:
        kind = kind_of(bytes(head))
        return UnreadableFits(name, str(damage) if kind in ("", "a FITS file") else f"it is {kind}")


def _passing_over(source: IO[bytes]) -> Callable[[int], None]:
    def skip(size: int) -> None:
        while size > 0 and (data := source.read(min(size, _CHUNK))):
            size -= len(data)

    return skip
