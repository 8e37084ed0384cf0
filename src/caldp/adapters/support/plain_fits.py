"""Headers of ordinary FITS files, read without astropy, which takes longer to open a file than all else takes to read.

What is ordinary is drawn narrowly (FITS standard 4.0, sections 3, 4 and 7): headers of ASCII, images and tables, one
after the other, the last of which ends where the file does. All else raises `Unordinary`, and is left to astropy, which
knows the rest of FITS and what can be made of damaged files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import FileIO
from math import prod
from typing import Any, Final, TypeVar

Header = TypeVar("Header")

BLOCK: Final = 2880
CARD: Final = 80
DTYPES: Final = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
"""Types of pixels by BITPIX, as numpy names them."""
_MOST_HEADER_BLOCKS: Final = 10_000
_MOST_AXES: Final = 999
_TEXT: Final = bytes(range(ord(" "), ord("~") + 1))
_END: Final = re.compile(rb"END {77}")
_TABLES: Final = frozenset({"TABLE", "BINTABLE"})


class Unordinary(Exception):
    """FITS file that is left to astropy; the message gives the reason."""


def ordinary_headers(
    file: FileIO, read: Callable[[bytes], Header], values: Callable[[Header], Mapping[str, Any]]
) -> Iterator[tuple[Header, int, int]]:
    """Go through the headers of a file.

    Parameters
    ----------
    file
        Open for reading.
    read
        Return what is to be known of a header, given its bytes.
    values
        Return its values by keyword, which tell the size of the data.

    Yields
    ------
    tuple
        That, the place where the data begin, and their size without padding, bytes.

    Raises
    ------
    Unordinary
        If astropy is to read the file.
    OSError
        If it cannot be read.
    """
    size, place = os.fstat(file.fileno()).st_size, 0
    while place < size:
        cards = _header_at(file, place)
        header, start = read(cards), place + len(cards)
        length = _ordinary_size(values(header), is_first=not place)
        yield header, start, length
        place = start + padded(length)
    if place != size or not size:
        raise Unordinary("it does not end where its headers say")


def _header_at(file: FileIO, place: int) -> bytes:
    """Read the header that begins at a byte, to the end of its last block.

    Raises
    ------
    Unordinary
        If it is cut off, or no text.
    OSError
        If the file cannot be read.
    """
    header = bytearray()
    for _ in range(_MOST_HEADER_BLOCKS):
        block = os.pread(file.fileno(), BLOCK, place + len(header))
        if len(block) < BLOCK or block.translate(None, _TEXT):
            raise Unordinary("a header is cut off, or no text")
        header += block
        if any(_END.match(block, start) for start in range(0, BLOCK, CARD)):
            if not header.startswith(b"XTENSION=" if place else b"SIMPLE  ="):
                raise Unordinary("a header begins in another way")
            return bytes(header)
    raise Unordinary("a header has no end")


def _ordinary_size(header: Mapping[str, Any], *, is_first: bool) -> int:
    """Return the size of an HDU's data without padding, bytes.

    Parameters
    ----------
    header
        Values by keyword.
    is_first
        True for the primary header.

    Raises
    ------
    Unordinary
        If it is neither an image nor a table, or its header lacks what it must have.
    """
    kind, axes = header.get("XTENSION", "IMAGE"), _axes(header)
    counts = (*axes, header.get("PCOUNT", 0), header.get("GCOUNT", 1))
    if (
        header.get("SIMPLE", not is_first) is not True
        or is_first is not ("XTENSION" not in header)
        or kind not in {"IMAGE", *_TABLES}
        or type(header.get("BITPIX")) is not int
        or header["BITPIX"] not in DTYPES
        or any(type(count) is not int or count < 0 for count in counts)
        or not (is_first or {"PCOUNT", "GCOUNT"} <= header.keys())
        or header.get("GCOUNT", 1) != 1
        or (kind == "IMAGE" and header.get("PCOUNT", 0))
        or not {"GROUPS", "ZIMAGE"}.isdisjoint(header)
        or not isinstance(header.get("EXTNAME", ""), str)
        or type(header.get("EXTVER", 1)) is not int
    ):
        raise Unordinary("it is neither a plain image nor a table")
    elements = prod(axes) if axes else 0
    return int((elements + header.get("PCOUNT", 0)) * abs(header["BITPIX"]) // 8)


def _axes(header: Mapping[str, Any]) -> Sequence[Any]:
    count = header.get("NAXIS")
    if type(count) is not int or not 0 <= count <= _MOST_AXES:
        raise Unordinary("it does not tell its axes")
    return [header.get(f"NAXIS{axis}") for axis in range(1, count + 1)]


def padded(size: int) -> int:
    """Return the size of data with their padding, bytes."""
    return size + -size % BLOCK
