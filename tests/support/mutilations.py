"""Ways to mutilate a product so that it still opens, or nearly: what an engine may leave behind and call done."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from astropy.io import fits

Mutilation: TypeAlias = Callable[[Path], None]


def _edited(path: Path, edit: Callable[[fits.HDUList], object]) -> None:
    with fits.open(path) as opened:
        hdus = fits.HDUList([hdu.copy() for hdu in opened])
    edit(hdus)
    hdus.writeto(path, overwrite=True, output_verify="ignore")


def without(name: str, *, counted: bool = False) -> Mutilation:
    """Drop every extension of a name; `counted` says whether NEXTEND is set to what is left."""

    def edit(hdus: fits.HDUList) -> None:
        for hdu in [hdu for hdu in hdus if hdu.name == name]:
            hdus.remove(hdu)
        if counted:
            hdus[0].header["NEXTEND"] = len(hdus) - 1

    return lambda path: _edited(path, edit)


def without_set(number: int, *, counted: bool = False) -> Mutilation:
    """Drop an image set."""

    def edit(hdus: fits.HDUList) -> None:
        for hdu in [hdu for hdu in hdus[1:] if hdu.ver == number]:
            hdus.remove(hdu)
        if counted:
            hdus[0].header["NEXTEND"] = len(hdus) - 1

    return lambda path: _edited(path, edit)


def without_last_hdu(path: Path) -> None:
    """Cut the file off before its last HDU: each of the others is whole."""
    with fits.open(path) as hdus:
        end = hdus[len(hdus) - 1].fileinfo()["hdrLoc"]
    os.truncate(path, end)


def cut_off(path: Path) -> None:
    """Cut the file off in its last HDU."""
    os.truncate(path, path.stat().st_size - 3000)


def without_rows(path: Path) -> None:
    """Take all rows out of the tables."""

    def edit(hdus: fits.HDUList) -> None:
        for place, hdu in enumerate(hdus):
            if isinstance(hdu, fits.BinTableHDU):
                hdus[place] = fits.BinTableHDU(hdu.data[:0], hdu.header, name=hdu.name)

    _edited(path, edit)


def without_column(column: str) -> Mutilation:
    """Take a column out of the tables."""

    def edit(hdus: fits.HDUList) -> None:
        for place, hdu in enumerate(hdus):
            if isinstance(hdu, fits.BinTableHDU):
                rest = [each for each in hdu.columns if each.name != column]
                hdus[place] = fits.BinTableHDU.from_columns(rest, name=hdu.name, ver=hdu.ver)
                hdus[place].header.update({key: hdu.header[key] for key in ("EXPTIME",) if key in hdu.header})

    return lambda path: _edited(path, edit)


def without_wavelengths(path: Path) -> None:
    """Set every wavelength to zero."""

    def edit(hdus: fits.HDUList) -> None:
        for hdu in (hdu for hdu in hdus if hdu.name == "SCI"):
            hdu.data["WAVELENGTH"][:] = 0.0

    _edited(path, edit)


def with_science(value: float) -> Mutilation:
    """Set every pixel, or every flux and count rate, to one value."""

    def edit(hdus: fits.HDUList) -> None:
        for hdu in (hdu for hdu in hdus if hdu.name == "SCI"):
            if isinstance(hdu, fits.BinTableHDU):
                for column in ("FLUX", "NET"):
                    hdu.data[column][:] = value
            else:
                hdu.data = np.full(hdu.data.shape, value, dtype="f4")

    return lambda path: _edited(path, edit)


def with_keyword(keyword: str, value: Any) -> Mutilation:
    """Set a keyword wherever it stands, primary header and extensions."""

    def edit(hdus: fits.HDUList) -> None:
        for hdu in hdus:
            if keyword in hdu.header:
                hdu.header[keyword] = value

    return lambda path: _edited(path, edit)


OF_IMAGES: Final[dict[str, Mutilation]] = {
    **{f"no {name}": without(name) for name in ("SCI", "ERR", "DQ")},
    **{f"no {name}, and counted so": without(name, counted=True) for name in ("SCI", "ERR", "DQ")},
    "no last HDU": without_last_hdu,
    "cut off": cut_off,
    "NaN": with_science(float("nan")),
    "zero": with_science(0.0),
    "one value": with_science(7.5),
}
OF_TWO_SETS: Final[dict[str, Mutilation]] = {
    "one image set of two": without_set(2),
    "one image set of two, and counted so": without_set(2, counted=True),
    "only the second image set": without_set(1, counted=True),
}
OF_TABLES: Final[dict[str, Mutilation]] = {
    "no rows": without_rows,
    "no table": without("SCI", counted=True),
    **{f"no {name}": without_column(name) for name in ("NELEM", "WAVELENGTH", "NET", "FLUX", "ERROR")},
    "wavelengths of zero": without_wavelengths,
    "NaN": with_science(float("nan")),
    "zero": with_science(0.0),
    "cut off": cut_off,
}
OF_HEADERS: Final[dict[str, Mutilation]] = {
    "no exposure time": with_keyword("EXPTIME", 0.0),
    "no total exposure time": with_keyword("TEXPTIME", 0.0),
}
