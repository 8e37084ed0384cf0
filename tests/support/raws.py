"""Small FITS files that look like HST's, as bytes."""

from collections.abc import Iterable
from io import BytesIO

import numpy as np
from astropy.io import fits


def raw(root: str, instrument: str = "COS", rows: int = 8) -> bytes:
    """Make a raw exposure; its pixels differ from those of any other root."""
    primary = fits.PrimaryHDU()
    primary.header["ROOTNAME"] = root
    primary.header["INSTRUME"] = instrument
    pixels = np.frombuffer(root.encode().ljust(16) * rows, dtype="uint8").reshape(rows, 16)
    return _bytes(fits.HDUList([primary, fits.ImageHDU(pixels, name="SCI")]))


def association(root: str, members: Iterable[tuple[str, str, bool]]) -> bytes:
    """Make an association table of rows (MEMNAME, MEMTYPE, MEMPRSNT)."""
    names, kinds, present = zip(*members, strict=True)
    columns = [
        fits.Column("MEMNAME", "14A", array=[name.upper() for name in names]),
        fits.Column("MEMTYPE", "14A", array=list(kinds)),
        fits.Column("MEMPRSNT", "L", array=list(present)),
    ]
    primary = fits.PrimaryHDU()
    primary.header["ROOTNAME"] = root
    return _bytes(fits.HDUList([primary, fits.BinTableHDU.from_columns(columns, name="ASN")]))


def _bytes(hdus: fits.HDUList) -> bytes:
    buffer = BytesIO()
    hdus.writeto(buffer)
    return buffer.getvalue()
