"""Unpacks tarballs and compressed files from untrusted hands, in bounded memory."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Self

from attrs import define

from caldp.adapters.support.disk import Readable, pour
from caldp.adapters.support.tar_gate import Gate, TarLimits
from caldp.domain.errors import InputTarError, InvalidInput
from caldp.domain.hst.magic import HEAD, kind_of

_CHUNK: Final = 1 << 20
_GZIP_MAGIC: Final = b"\x1f\x8b"
_LARGEST_HEADER: Final = 1 << 20  # tarfile reads long names and pax headers into memory whole
_SLACK: Final = 4 << 20  # what headers, padding and reading ahead may add to one member
_HEADER_TYPES: Final = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)


def unpack(source: Readable, directory: Path, label: str, limits: TarLimits) -> tuple[Path, ...]:
    """Unpack a tarball as it comes in, all members flat into one directory, names in lower case.

    Parameters
    ----------
    source
        A tarball, plain or compressed with gzip.
    directory
        An existing directory. If the tarball is refused, whatever was unpacked until then is removed.
    label
        Name of the tarball in messages.
    limits
        Greatest size of it.

    Raises
    ------
    InputTarError
        If the tarball is damaged or unsafe.
    WorkDirectoryError
        If the directory cannot be written.
    """
    made: list[Path] = []
    try:
        with members(source, label, limits) as found:
            for name, data in found:
                made.append(directory / name)
                pour(data, made[-1])
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise
    return tuple(sorted(made))


def inspect(source: Readable, label: str, limits: TarLimits) -> None:
    """Read a tarball from end to end and raise what `unpack` would, but write nothing."""
    with members(source, label, limits) as found:
        for _ in found:
            pass


def gunzip(source: Path, target: Path, limit: int) -> None:
    """Decompress a file.

    Raises
    ------
    InvalidInput
        If the file is damaged, or decompresses to more than `limit` bytes.
    WorkDirectoryError
        If the target cannot be written. In either case there is no target afterwards.
    """
    from isal import igzip, isal_zlib

    try:
        with igzip.open(source, "rb") as packed:  # type: ignore[no-untyped-call]
            pour(_Limited(packed, source.name, limit), target)
    except (EOFError, igzip.BadGzipFile, isal_zlib.IsalError) as error:  # type: ignore[misc]
        with source.open("rb") as file:
            head = file.read(HEAD)
        is_gzip = head.startswith(_GZIP_MAGIC) or not (kind := kind_of(head))
        raise InvalidInput(
            f"{source.name} is damaged: it is not a whole gzip file."
            if is_gzip
            else f"{source.name} is {kind}, not a file compressed with gzip.",
            advice="Get the file again from its source.",
        ) from error


class _Header(tarfile.TarInfo):
    """A tar header that tarfile cannot be tricked or cut short with.

    By itself, tarfile takes a damaged header for the end of the tarball, and reads headers of any size into memory.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]  # the block of zeros at the end
            raise
        except tarfile.HeaderError as error:
            raise InputTarError("it is cut off or damaged") from error
        if header.type in _HEADER_TYPES and header.size > _LARGEST_HEADER:
            raise InputTarError(f"it has a header of {header.size} bytes")
        return header


@define
class _Limited:
    """Contents of a compressed file, up to a limit."""

    source: IO[bytes]
    name: str
    left: int

    def read(self, size: int, /) -> bytes:
        data = self.source.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise InvalidInput(
                f"{self.name} is larger than what may be unpacked.", advice="Raise CALDP_TAR_MAX_BYTES if it is sound."
            )
        return data


@define(slots=False)  # io's classes cannot be made again with slots
class _Tape(io.RawIOBase):
    """The tarball after decompression; gives no more than the members announced until now can account for."""

    source: Readable | IO[bytes]
    is_packed: bool = False
    ceiling: int = _SLACK
    position: int = 0
    head: bytes = b""
    has_ended: bool = False

    def read(self, size: int = -1, /) -> bytes:
        if self.position > self.ceiling:
            raise InputTarError("it holds more than its headers announce")
        data = self.source.read(size)
        self.position += len(data)
        self.has_ended = not data
        if len(self.head) < HEAD:
            self.head += data[: HEAD - len(self.head)]
        return data


class _Raw(io.RawIOBase):
    """Any readable as the standard library's buffers want it."""

    def __init__(self, source: Readable) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def members(source: Readable, label: str, limits: TarLimits) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Open a tarball as a stream of plain names and contents; errors of the work inside become ours.

    Raises
    ------
    InputTarError
        If the tarball is damaged or unsafe.
    """
    from isal import igzip, isal_zlib

    raw = io.BufferedReader(_Raw(source), _CHUNK)
    gate, tape = Gate(limits), _Tape(raw)
    try:
        if raw.peek(2)[:2] == _GZIP_MAGIC:
            tape.source, tape.is_packed = igzip.IGzipFile(fileobj=raw, mode="rb"), True  # type: ignore[no-untyped-call]
        with tarfile.open(fileobj=tape, mode="r|", tarinfo=_Header, bufsize=_CHUNK) as tar:
            yield _admitted(tar, gate, tape)
        while tape.read(_CHUNK):  # to the end, where gzip has its checksum
            pass
    except InputTarError as error:
        raise _something_else(label, tape, gate) or _refusal(label, error.message) from error
    except (tarfile.TarError, EOFError, igzip.BadGzipFile, isal_zlib.IsalError) as error:  # type: ignore[misc]
        raise _something_else(label, tape, gate) or _refusal(label, "it is cut off or damaged") from error
    except (ValueError, RecursionError) as error:  # what tarfile lets through for malformed extended headers
        raise _refusal(label, "its headers make no sense") from error


def _admitted(tar: tarfile.TarFile, gate: Gate, tape: _Tape) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        name = gate.admit(member)
        tape.ceiling += member.size + _SLACK
        data = tar.extractfile(member) if name else None
        if name and data:
            yield name, data


def _something_else(label: str, tape: _Tape, gate: Gate) -> InputTarError | None:
    """Say what was given in the place of a tarball; None if it may well be one, or is nothing that is known."""
    if gate.members or not (tape.head or tape.has_ended):
        return None
    kind = kind_of(tape.head)
    if kind in ("", "a tarball"):
        return None
    packed = " compressed with gzip" if tape.is_packed else ""
    return InputTarError(
        f"The input {label} is {kind}{packed}, not a tarball.",
        advice="Expected a directory that holds FITS files, or a tarball of plain files (.tar.gz).",
    )


def _refusal(label: str, reason: str) -> InputTarError:
    return InputTarError(
        f"The tarball {label} is refused: {reason}.",
        advice="Expected plain files at the top level, packed with tar and gzip; get or make the tarball again.",
    )
