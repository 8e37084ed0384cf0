"""Variety of the science in a FITS file, found with as little reading as possible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from caldp.adapters.fits.hdus import Hdu
from caldp.adapters.support.fits_layout import data_size
from caldp.adapters.support.plain_fits import DTYPES
from caldp.domain.hst.files import Values

if TYPE_CHECKING:
    from numpy import dtype

_PIECE: Final = 1 << 18
"""Amount that is read at once; bytes."""
_COLUMNS: Final = ("WAVELENGTH", "FLUX", "NET")


def science_values(hdu: Hdu, path: Path) -> dict[str, Values]:
    """Look at the pixels of an SCI image, or the columns WAVELENGTH, FLUX and NET of a table.

    The bytes are read, and not mapped: a file that is cut off meanwhile would end the program (SIGBUS).

    Parameters
    ----------
    hdu
        An extension.
    path
        Its file.

    Returns
    -------
    dict of str to Values
        By the name of the extension or column; empty for other extensions. Scaling (BSCALE, BZERO) is left out of
        account: it changes no difference.
    """
    keywords, row = hdu.keywords, hdu.row
    if row is not None:
        there = [name for name in row.names or () if name.upper() in _COLUMNS]
        rows = int(keywords["NAXIS2"])
        return {name.upper(): _values(piece[name] for piece in _pieces(path, hdu.start, row, rows)) for name in there}
    name = str(keywords.get("EXTNAME", "")).upper()
    if name != "SCI" or keywords.get("XTENSION") != "IMAGE":
        return {}
    size = data_size(keywords)
    if not size:
        return {name: Values.CONSTANT if "PIXVALUE" in keywords else Values.NONE}
    import numpy as np

    kind = np.dtype(DTYPES[int(keywords["BITPIX"])])
    return {name: _values(_pieces(path, hdu.start, kind, size // kind.itemsize))}


def _pieces(path: Path, start: int, kind: dtype[Any], left: int) -> Iterator[Any]:
    """Read so many values of a type, or rows, as arrays."""
    import numpy as np

    with path.open("rb") as file:
        file.seek(start)
        while left:
            count = min(left, max(1, _PIECE // kind.itemsize))
            data = file.read(count * kind.itemsize)
            if len(data) < count * kind.itemsize:
                raise ValueError("it was cut off while it was read")
            yield np.frombuffer(data, kind)
            left -= count


def _values(pieces: Iterator[Any]) -> Values:
    """Say what the values of some arrays are; reading stops where two finite ones differ."""
    import numpy as np

    first, any_value = None, False
    for piece in pieces:
        any_value = any_value or piece.size > 0
        finite = piece[np.isfinite(piece)]
        if not finite.size:
            continue
        first = finite[0] if first is None else first
        if (finite != first).any():
            return Values.VARIED
    if first is not None:
        return Values.CONSTANT
    return Values.NOT_FINITE if any_value else Values.NONE
