"""Changes of reference files: such as no exposure uses, and such as matter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from astropy.io import fits

from caldp.domain.stale.selecting import TableEntry

Change = Callable[[fits.HDUList], None]
ELSEWHERE: Final = {
    "APERTURE": "F25ND3", "CCDAMP": "A", "CCDCHIP": 9, "CENWAVE": 1, "DETECTOR": "NUV-MAMA", "LAMPSET": "OTHER",
    "OPT_ELEM": "G140M",
}  # fmt: skip
"""Values of columns that make a row one of another mode."""
_CHECKED: Final = frozenset({"AXIS"})
"""Columns in which engines refuse a wrong value of any row, used or not: ``dodqi.c`` of calacs."""


def put_other_rows(hdus: fits.HDUList, entry: TableEntry) -> None:
    """Put rows of another mode, with nonsense in all other columns, before the rows of each table."""
    for number, hdu in enumerate(hdus[1:], 1):
        rows = np.array(hdu.data)
        strange = rows.copy()
        for name in strange.dtype.names or ():
            if strange[name].dtype.kind in "if" and name not in _CHECKED:
                strange[name] = strange[name] * 3 + 7
        column = next(one.name for one in entry.columns if one.name in (strange.dtype.names or ()))
        strange[column] = ELSEWHERE[column]
        table = fits.BinTableHDU.from_columns(hdu.columns, header=hdu.header, nrows=2 * len(rows))
        for name in strange.dtype.names or ():
            table.data[name] = np.concatenate([strange[name], rows[name]])
        hdus[number] = table


def repack(hdus: fits.HDUList) -> None:
    """Change only what tells of the file itself."""
    hdus[0].header["HISTORY"] = "Delivered again."
    hdus[0].header["DATE"] = "2026-11-26"


def times(*columns: str, factor: float = 1.25) -> Change:
    """Return a change that makes the values of columns larger."""

    def change(hdus: fits.HDUList) -> None:
        for column in columns:
            hdus[1].data[column] *= factor

    return change


def of_pixels(work: Callable[[np.ndarray], np.ndarray], extension: str = "SCI") -> Change:
    """Return a change of all pixels of the extensions of a name; what was constant is written out."""

    def change(hdus: fits.HDUList) -> None:
        for number, hdu in enumerate(hdus):
            if hdu.name == extension:
                size = hdu.header.get("NPIX2"), hdu.header.get("NPIX1")
                data = np.full(size, hdu.header["PIXVALUE"]) if hdu.data is None else hdu.data
                hdus[number].data = work(data).astype(np.float32)

    return change


def replaced(cache: Path, name: str, change: Change, label: str) -> str:
    """Write another file beside a reference file of a cache, and return its name."""
    directory = cache / "references" / "hst"
    new = f"{label}{name[3:]}"
    with fits.open(directory / name) as hdus:
        change(hdus)
        hdus[0].header["FILENAME"] = new
        hdus.writeto(directory / new)
    return new
