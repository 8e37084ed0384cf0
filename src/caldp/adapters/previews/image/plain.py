"""Images of ordinary FITS files, read without astropy, whose import takes longer than to draw a picture.

What is ordinary is drawn narrowly (FITS standard 4.0, sections 3, 4 and 7.1): headers of plain cards, images of numbers
that need no scaling, beside tables that are only skipped. All else raises `Unordinary`, and is left to astropy, which
knows the rest of FITS and what can be made of damaged files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from io import FileIO
from math import prod
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from caldp.adapters.support.positioned import read_at

_BLOCK: Final = 2880
_CARD: Final = 80
_MOST_HEADER_BLOCKS: Final = 10_000
_END: Final = re.compile(rb"END {77}")
_KEYWORDS: Final = re.compile(
    r"SIMPLE|XTENSION|BITPIX|NAXIS[0-9]{0,3}|PCOUNT|GCOUNT|GROUPS|EXTNAME|EXTVER|BSCALE|BZERO|BLANK|ZIMAGE"
    r"|CCDCHIP|GOODMIN|GOODMAX|DETECTOR"
)
_WORDS: Final = re.compile(
    r"CTYPE[12]|CRPIX[12]|CRVAL[12]|CD[12]_[12]|RADESYS|TARGNAME|INSTRUME|FILTER[12]?|T?EXPTIME|PROPOSID|DATE-OBS|BUNIT"
)
"""Keywords for the caption, which may be written in any way: what is not plain is passed over."""

_VALUE: Final = re.compile(
    r" *(?:(?P<number>[+-]?(?:[0-9]+(?P<point>\.[0-9]*)?|(?P<fraction>\.[0-9]+))(?P<exponent>[ED][+-]?[0-9]{1,3})?)"
    r"|(?P<logical>[TF])|'(?P<text>(?:[^']|'')*)') *(?:/.*)?"
)
_DTYPES: Final = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_OFFSETS: Final = {(8, -128): np.int16, (16, 2**15): np.int32, (32, 2**31): np.int64}
"""Number types of the other sign, by BITPIX and BZERO (section 5.3), and one that holds their values."""

_TABLES: Final = frozenset({"TABLE", "BINTABLE"})


class Unordinary(Exception):
    """FITS file that is not read here; the message gives the reason."""


@frozen
class PlainImage:
    """Image HDU of an ordinary file.

    Attributes
    ----------
    name, version
        EXTNAME in upper case, and EXTVER.
    header
        Values of the keywords that matter to a picture.
    shape
        Lengths of the axes, the fastest last.
    """

    name: str
    version: int
    header: Mapping[str, Any]
    shape: tuple[int, ...]
    _file: FileIO
    _start: int
    _dtype: np.dtype[Any]
    _offset: int

    def rows(self, first: int, last: int) -> NDArray[Any]:
        """Read rows of the first plane.

        Raises
        ------
        OSError
            If the file cannot be read, or became shorter.
        """
        width = self.shape[-1]
        content = np.empty((last - first) * width * self._dtype.itemsize, dtype=np.uint8)
        left, place = content.data, self._start + first * width * self._dtype.itemsize
        while left:
            count = read_at(self._file.fileno(), left, place)
            if not count:
                raise OSError(f"it is cut off, {len(left)} bytes are missing")
            left, place = left[count:], place + count
        rows: NDArray[Any] = content.view(self._dtype).reshape(last - first, width)
        if self._offset:
            rows = rows.astype(_OFFSETS[self._dtype.itemsize * 8, self._offset]) + self._offset
        return rows


def plain_hdus(file: FileIO) -> tuple[Mapping[str, Any], tuple[str, ...], tuple[PlainImage, ...]]:
    """Read the headers of a file.

    Parameters
    ----------
    file
        Open for reading, and to stay open as long as its images are read.

    Returns
    -------
    header
        Values of the primary header, by keyword, as far as they matter to a picture.
    names
        Names of all HDUs.
    images
        Those HDUs that hold pixels.

    Raises
    ------
    Unordinary
        If astropy is to read the file.
    OSError
        If it cannot be read.
    """
    size = os.fstat(file.fileno()).st_size
    headers, names, images = [], [], []
    place = 0
    while place < size:
        header, start = _header(file, place)
        _require_ordinary(header, is_first=not place)
        length = _data_size(header)
        name = str(header.get("EXTNAME", "" if place else "PRIMARY")).rstrip().upper()
        if length and header.get("XTENSION", "IMAGE") == "IMAGE" and header["NAXIS"] > 1:
            images.append(_image(file, start, name, header))
        headers.append(header)
        names.append(name)
        place = start + length + -length % _BLOCK
    if place != size or not headers:
        raise Unordinary("it does not end where its headers say")
    return headers[0], tuple(names), tuple(images)


def _image(file: FileIO, start: int, name: str, header: Mapping[str, Any]) -> PlainImage:
    bits, offset = header["BITPIX"], header.get("BZERO", 0)
    if header.get("BSCALE", 1) != 1 or (offset and (bits, offset) not in _OFFSETS) or "BLANK" in header:
        raise Unordinary("its pixels are scaled, or one value stands for none")
    shape = tuple(header[f"NAXIS{axis}"] for axis in range(header["NAXIS"], 0, -1))
    return PlainImage(name, header.get("EXTVER", 1), header, shape, file, start, np.dtype(_DTYPES[bits]), int(offset))


def _header(file: FileIO, place: int) -> tuple[Mapping[str, Any], int]:
    """Read the header that begins at a byte; return its values, and where its data begin."""
    cards = bytearray()
    for _ in range(_MOST_HEADER_BLOCKS):
        block = os.pread(file.fileno(), _BLOCK, place + len(cards))
        if len(block) < _BLOCK or not block.isascii():
            raise Unordinary("a header is cut off, or no text")
        cards += block
        if any(_END.match(block, start) for start in range(0, _BLOCK, _CARD)):
            return dict(_values(cards.decode("ascii"))), place + len(cards)
    raise Unordinary("a header has no end")


def _values(cards: str) -> Iterator[tuple[str, Any]]:
    """Yield keywords that matter, and their values."""
    seen = set()
    for start in range(0, len(cards), _CARD):
        keyword = cards[start : start + 8].rstrip()
        if keyword == "END":
            return
        is_needed = _KEYWORDS.fullmatch(keyword) is not None
        if not is_needed and not _WORDS.fullmatch(keyword):
            continue
        match = _VALUE.fullmatch(cards, start + 10, start + _CARD)
        is_plain = keyword not in seen and match is not None and cards[start + 8 : start + 10] == "= "
        seen.add(keyword)
        try:
            if match is None or not is_plain:
                raise Unordinary(f"{keyword} is written in an unusual way")
            yield keyword, _value(match)
        except Unordinary:
            if is_needed:
                raise


def _value(match: re.Match[str]) -> Any:
    if match["number"] is not None:
        is_whole = match["point"] is match["fraction"] is match["exponent"] is None
        return int(match["number"]) if is_whole else float(match["number"].replace("D", "E"))
    if match["logical"] is not None:
        return match["logical"] == "T"
    if match["text"].endswith("&"):
        raise Unordinary("a value goes on in the next card")
    return match["text"].replace("''", "'").rstrip()


def _require_ordinary(header: Mapping[str, Any], *, is_first: bool) -> None:
    """Refuse what is neither an image nor a table, and headers that lack what they must have."""
    kind = header.get("XTENSION", "IMAGE")
    has_axes = type(header.get("NAXIS")) is int and 0 <= header["NAXIS"] < 1000
    axes = [header.get(f"NAXIS{axis}") for axis in range(1, header["NAXIS"] + 1)] if has_axes else []
    counts = [*axes, header.get("PCOUNT", 0), header.get("GCOUNT", 1)]
    if (
        header.get("SIMPLE", not is_first) is not True
        or is_first is not ("XTENSION" not in header)
        or kind not in {"IMAGE", *_TABLES}
        or type(header.get("BITPIX")) is not int
        or header["BITPIX"] not in _DTYPES
        or not has_axes
        or any(type(count) is not int or count < 0 for count in counts)
        or header.get("GCOUNT", 1) != 1
        or (kind == "IMAGE" and header.get("PCOUNT", 0))
        or not {"GROUPS", "ZIMAGE"}.isdisjoint(header)
        or not isinstance(header.get("EXTNAME", ""), str)
        or type(header.get("EXTVER", 1)) is not int
        or any(type(header.get(scale, 0)) not in {int, float} for scale in ("BSCALE", "BZERO"))
    ):
        raise Unordinary("it is neither a plain image nor a table")


def _data_size(header: Mapping[str, Any]) -> int:
    """Return the size of an HDU's data without padding, bytes."""
    axes = [header[f"NAXIS{axis}"] for axis in range(1, header["NAXIS"] + 1)]
    elements = prod(axes) if axes else 0
    return int((elements + header.get("PCOUNT", 0)) * abs(header["BITPIX"]) // 8)
