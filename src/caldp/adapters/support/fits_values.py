"""Variety of the science in a FITS file, found with as little reading as possible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from caldp.domain.hst.files import Values

_PIECE: Final = 1 << 18
"""Amount that is read at once; bytes."""
_COLUMNS: Final = ("WAVELENGTH", "FLUX", "NET")
_TYPES: Final = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}


def science_values(hdu: Any, path: Path) -> dict[str, Values]:
    """Look at the pixels of an SCI image, or the columns WAVELENGTH, FLUX and NET of a table.

    The bytes are read, and not mapped: a file that is cut off meanwhile would end the program (SIGBUS).

    Parameters
    ----------
    hdu
        An extension, as astropy has it.
    path
        Its file.

    Returns
    -------
    dict of str to Values
        By the name of the extension or column; empty for other extensions. Scaling (BSCALE, BZERO) is left out of
        account: it changes no difference.
    """
    columns = getattr(hdu, "columns", None)
    if columns is not None:
        there = [name for name in columns.names if name.upper() in _COLUMNS]
        if not there:
            return {}
        table = columns.dtype.newbyteorder(">")
        return {name.upper(): _values(piece[name] for piece in _pieces(hdu, path, table)) for name in there}
    name = str(hdu.name).upper()
    if name != "SCI" or not hdu.is_image:
        return {}
    if not hdu.size:
        return {name: Values.CONSTANT if "PIXVALUE" in hdu.header else Values.NONE}
    import numpy as np

    return {name: _values(_pieces(hdu, path, np.dtype(_TYPES[hdu.header["BITPIX"]])))}


def _pieces(hdu: Any, path: Path, kind: Any) -> Iterator[Any]:
    """Read an extension's data piece by piece, as arrays of a type; heaps of tables are left out."""
    import numpy as np

    left = hdu.size // kind.itemsize if hdu.is_image else int(hdu.header["NAXIS2"])
    with path.open("rb") as file:
        file.seek(hdu.fileinfo()["datLoc"])
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
