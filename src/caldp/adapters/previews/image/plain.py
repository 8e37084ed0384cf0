"""Images of ordinary FITS files, read without astropy, whose import takes longer than to draw a picture.

What is ordinary is said in `caldp.adapters.support.plain_fits`. Beyond that, pixels must be numbers that need no
scaling (FITS standard 4.0, section 5.3), and cards that matter to a picture must be written plainly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import FileIO
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from caldp.adapters.support.plain_fits import CARD, DTYPES, Unordinary, ordinary_headers
from caldp.adapters.support.positioned import read_at

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
_OFFSETS: Final = {(8, -128): np.int16, (16, 2**15): np.int32, (32, 2**31): np.int64}
"""Number types of the other sign, by BITPIX and BZERO (section 5.3), and one that holds their values."""


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


def plain_contents(file: FileIO) -> tuple[Mapping[str, Any], tuple[str, ...], tuple[PlainImage, ...]]:
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
    headers: list[Mapping[str, Any]] = []
    names, images = [], []
    for header, start, length in ordinary_headers(file, _header, dict):
        name = str(header.get("EXTNAME", "" if headers else "PRIMARY")).rstrip().upper()
        if length and header.get("XTENSION", "IMAGE") == "IMAGE" and header["NAXIS"] > 1:
            images.append(_image(file, start, name, header))
        headers.append(header)
        names.append(name)
    return headers[0], tuple(names), tuple(images)


def _image(file: FileIO, start: int, name: str, header: Mapping[str, Any]) -> PlainImage:
    bits, offset = header["BITPIX"], header.get("BZERO", 0)
    if any(type(header.get(scale, 0)) not in {int, float} for scale in ("BSCALE", "BZERO")):
        raise Unordinary("the scale of its pixels is no number")
    if header.get("BSCALE", 1) != 1 or (offset and (bits, offset) not in _OFFSETS) or "BLANK" in header:
        raise Unordinary("its pixels are scaled, or one value stands for none")
    shape = tuple(header[f"NAXIS{axis}"] for axis in range(header["NAXIS"], 0, -1))
    return PlainImage(name, header.get("EXTVER", 1), header, shape, file, start, np.dtype(DTYPES[bits]), int(offset))


def _header(cards: bytes) -> Mapping[str, Any]:
    return dict(_values(cards.decode("ascii")))


def _values(cards: str) -> Iterator[tuple[str, Any]]:
    """Yield keywords that matter, and their values."""
    seen = set()
    for start in range(0, len(cards), CARD):
        keyword = cards[start : start + 8].rstrip()
        if keyword == "END":
            return
        is_needed = _KEYWORDS.fullmatch(keyword) is not None
        if not is_needed and not _WORDS.fullmatch(keyword):
            continue
        match = _VALUE.fullmatch(cards, start + 10, start + CARD)
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
