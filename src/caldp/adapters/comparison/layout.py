"""Places and types of the data in a FITS file, read in pieces.

astropy reads the headers. Data are read from the file as they lie there, so that memory does not depend on their size:
what is mapped counts as memory of this process too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import FileIO
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

PIECE: Final = 1 << 18
"""Values, or bytes of a table, that are read at once."""
_TYPES: Final = {8: ">u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}

Array = NDArray[Any]


@frozen
class Scale:
    """Scaling of stored values: ``zero + scale * stored``, and the stored value that stands for none.

    Attributes
    ----------
    scale, zero
        As BSCALE and BZERO, or TSCAL and TZERO, have them.
    blank
        As BLANK or TNULL has it; None for none.
    """

    scale: float = 1.0
    zero: float = 0.0
    blank: int | None = None

    def __call__(self, stored: Array) -> Array:
        """Return the values that are meant; integers where they are integers shifted by half their range."""
        if stored.dtype.kind not in "iu":
            is_scaled = stored.dtype.kind in "fc" and (self.scale, self.zero) != (1.0, 0.0)
            return stored * self.scale + self.zero if is_scaled else stored
        bits = 8 * stored.dtype.itemsize
        if self.blank is not None:
            values = stored.astype(np.float64) * self.scale + self.zero
            values[stored == self.blank] = np.nan
            return values
        if (self.scale, self.zero) == (1.0, 0.0):
            return stored
        kind, half = ("i", -(2.0 ** (bits - 1))) if stored.dtype.kind == "u" else ("u", 2.0 ** (bits - 1))
        if (self.scale, self.zero) == (1.0, half):  # FITS standard 4.0, table 11
            top = np.array(1 << (bits - 1), f"u{stored.dtype.itemsize}")
            plain = stored.astype(f"u{stored.dtype.itemsize}")
            shifted: Array = (plain ^ top).astype(f"{kind}{stored.dtype.itemsize}")
            return shifted
        return stored.astype(np.float64) * self.scale + self.zero


def image_type(header: Mapping[str, Any]) -> np.dtype[Any]:
    """Return the type of an image's stored values."""
    return np.dtype(_TYPES[int(header["BITPIX"])])


def image_shape(header: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the lengths of an image's axes, as FITS orders them."""
    return tuple(int(header[f"NAXIS{axis}"]) for axis in range(1, int(header["NAXIS"]) + 1))


def image_scale(header: Mapping[str, Any]) -> Scale:
    """Return the scaling of an image's stored values."""
    blank = header.get("BLANK") if int(header["BITPIX"]) > 0 else None
    return Scale(float(header.get("BSCALE", 1.0)), float(header.get("BZERO", 0.0)), blank)


def pieces(file: FileIO, start: int, kind: np.dtype[Any], count: int) -> Iterator[Array]:
    """Read values in pieces.

    Parameters
    ----------
    file
        File to read.
    start
        Offset of the first; bytes.
    kind
        Type of a value, or of a row.
    count
        Number of values.

    Raises
    ------
    EOFError
        If the file ends before.
    """
    at_once = max(1, PIECE // max(1, kind.itemsize // 4))
    for first in range(0, count, at_once):
        yield read(file, start + first * kind.itemsize, kind, min(at_once, count - first))


def read(file: FileIO, start: int, kind: np.dtype[Any], count: int) -> Array:
    """Read some values.

    Raises
    ------
    EOFError
        If the file ends before.
    """
    data = bytearray(count * kind.itemsize)
    view, done = memoryview(data), 0
    file.seek(start)
    while done < len(data):
        got = file.readinto(view[done:])
        if not got:
            raise EOFError
        done += got
    return np.frombuffer(data, kind, count)


def pixel(number: int, shape: tuple[int, ...]) -> str:
    """Write the place of a pixel, counted from 1 along FITS axes.

    Examples
    --------
    >>> pixel(5, (4, 3))
    'pixel (2, 2)'
    """
    found = []
    for length in shape:
        number, rest = divmod(number, length)
        found.append(rest + 1)
    return f"pixel ({', '.join(map(str, found))})"


def place_in_table(number: int, elements: int) -> str:
    """Write the place of a value in a column, counted from 1.

    Examples
    --------
    >>> place_in_table(5, 1), place_in_table(5, 4)
    ('row 6', 'row 2, element 2')
    """
    row, element = divmod(number, elements)
    return f"row {row + 1}" + (f", element {element + 1}" if elements > 1 else "")
