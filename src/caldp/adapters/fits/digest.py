"""Digests of files: one pass, little memory, each HDU of a FITS file too.

The layout of an HDU is read from its own cards (FITS standard 4.0, sections 3 and 4.4.1): no pixel becomes a number.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from caldp.adapters.support.fits_layout import data_size
from caldp.domain.hst.digests import VOLATILE_CARDS, FileDigest, HduDigest

_BLOCK: Final = 2880
_CARD: Final = 80
_CHUNK: Final = 1 << 18  # bytes that stay in the processor's cache from one digest to the other
_FITS: Final = b"SIMPLE  ="
_MOST_HEADER_BLOCKS: Final = 10_000
_VALUE: Final = re.compile(r"(?P<keyword>[A-Z0-9_-]{1,8}) *= *(?:'(?P<text>(?:[^']|'')*)'|(?P<plain>[^/]*))")


def file_digest(path: Path) -> FileDigest:
    """Read a file once and digest it.

    A file that only begins like FITS, or is cut off, has the digest of the whole and none of HDUs.

    Parameters
    ----------
    path
        Any file.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        tape = _Tape(file)
        begins = bytes(tape.peek()[: len(_FITS)]) == _FITS
        try:
            hdus = tuple(_hdus(tape)) if begins else ()
        except (ValueError, KeyError):  # no whole FITS file
            hdus = ()
        tape.run_out()
        return FileDigest(tape.size, tape.whole.hexdigest(), hdus)


@define
class _Tape:
    """Bytes of a file in their order; all that is read goes into the digest of the whole.

    What it gives out are views of one buffer: each is to be used before the next is asked for.
    """

    file: FileIO
    buffer: memoryview = field(factory=lambda: memoryview(bytearray(_CHUNK)))
    whole: Any = field(factory=hashlib.sha256)
    size: int = 0
    ahead: memoryview = memoryview(b"")

    def peek(self) -> memoryview:
        """Return the next bytes without going on; none at the end of the file."""
        if not self.ahead:
            self.ahead = self.buffer[: self.file.readinto(self.buffer)]
            self.whole.update(self.ahead)
            self.size += len(self.ahead)
        return self.ahead

    def take(self, count: int) -> Iterator[memoryview]:
        """Yield the next bytes, in pieces.

        Raises
        ------
        ValueError
            If the file ends before.
        """
        while count:
            piece = self.peek()[:count]
            if not piece:
                raise ValueError("the file is cut off")
            self.ahead = self.ahead[len(piece) :]
            count -= len(piece)
            yield piece

    def run_out(self) -> None:
        """Go on to the end of the file."""
        while self.peek():
            self.ahead = memoryview(b"")


def _hdus(tape: _Tape) -> Iterator[HduDigest]:
    while tape.peek() and tape.peek()[0]:  # zeros behind the last HDU are padding
        header, values = _header(tape)
        size = data_size(values)
        data = hashlib.sha256()
        for piece in tape.take(size):
            data.update(piece)
        for _ in tape.take(-size % _BLOCK):
            pass
        name, version = values.get("EXTNAME", "").upper(), int(values.get("EXTVER", "1"))
        yield HduDigest(name, version, header.hexdigest(), data.hexdigest())


def _header(tape: _Tape) -> tuple[Any, Mapping[str, str]]:
    """Read one header: the digest of its lasting cards, and its values by keyword as they are written."""
    digest, values = hashlib.sha256(), dict[str, str]()
    for _ in range(_MOST_HEADER_BLOCKS):
        block = bytearray()
        for piece in tape.take(_BLOCK):
            block += piece
        for start in range(0, _BLOCK, _CARD):
            card = block[start : start + _CARD]
            keyword = card[:8].rstrip().decode("latin-1")
            if keyword == "END" and not card[8:].strip():
                return digest, values
            if keyword not in VOLATILE_CARDS:
                digest.update(card)
            match = _VALUE.match(card.decode("latin-1"))
            if match:
                text = match["plain"] if match["text"] is None else match["text"].replace("''", "'")
                values.setdefault(match["keyword"], text.strip())
    raise ValueError("the header has no end")
