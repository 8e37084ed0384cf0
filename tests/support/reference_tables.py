"""Reference tables that tests make up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits

LONG: Final = 3000
"""Elements of an array column: more than numpy shows when it prints one."""


def lamp_table(cenwaves: tuple[int, ...] = (800, 1105, 1280)) -> Any:
    """Make rows such as those of a table of lamp spectra, one for each central wavelength."""
    rows = np.zeros(
        len(cenwaves),
        dtype=[("SEGMENT", "U4"), ("OPT_ELEM", "U5"), ("CENWAVE", "i4"), ("INTENSITY", "f4", LONG), ("DESCRIP", "U20")],
    )
    rows["SEGMENT"], rows["OPT_ELEM"], rows["CENWAVE"] = "FUVA", "G140L", cenwaves
    rows["INTENSITY"] = np.arange(1, LONG + 1) * np.arange(1, len(cenwaves) + 1)[:, np.newaxis]
    rows["DESCRIP"] = "made up"
    return rows


def write_reference(path: Path, data: Any, primary: Mapping[str, Any] | None = None, **extension: Any) -> Path:
    """Write a reference file of one extension, a table or an image, and return its path.

    Parameters
    ----------
    path
        The file; its name is in its header, as CRDS has it.
    data
        Rows of a table, or pixels.
    primary
        Further cards of the primary header.
    extension
        Further cards of the extension's header.
    """
    head = fits.PrimaryHDU()
    head.header.update({"FILENAME": path.name, "PEDIGREE": "GROUND", "DESCRIP": "made up", **(primary or {})})
    hdu = fits.BinTableHDU(data, name="LAMP") if data.dtype.names else fits.ImageHDU(data, name="SCI")
    hdu.header.update(extension)
    fits.HDUList([head, hdu]).writeto(path, overwrite=True)
    return path
