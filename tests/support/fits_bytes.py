"""Small real FITS files, made of what their headers are to say."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from caldp.domain.calibration.expected import ExpectedProduct
from caldp.domain.calibration.expected.structure import IMSET
from caldp.domain.hst.files import HeaderValue


def fits_bytes(
    keywords: Mapping[str, HeaderValue], science: Iterable[dict[str, HeaderValue]] = ({},), *, empty: bool = False
) -> bytes:
    """Make a FITS file with a primary header and whole image sets.

    Parameters
    ----------
    keywords
        Of the primary header.
    science
        Keywords of each SCI extension.
    empty
        True if the extensions hold no pixels.
    """
    hdus = [
        _image(name, number, more if name == "SCI" else {}, empty)
        for number, more in enumerate(science, start=1)
        for name in ("SCI", "ERR", "DQ")
    ]
    return _written(keywords, hdus)


def product_bytes(product: ExpectedProduct, keywords: Mapping[str, HeaderValue]) -> bytes:
    """Make a product as it must be: with all its parts, switches, its own rootname and an exposure time of 10 s.

    Parameters
    ----------
    product
        Product that it must be.
    keywords
        Further keywords of the primary header.
    """
    structure = product.structure
    own: dict[str, HeaderValue] = dict.fromkeys(sorted(product.complete), "COMPLETE")
    own |= {"ROOTNAME": product.name[:9]} | ({"EXPTIME": 10.0} if product.exposed else {})
    parts = sorted(IMSET if structure is None else structure.parts)
    photometry = {"PHOTFLAM": 1e-19} if product.photometry else {}
    hdus = [
        _table(name, number) if structure is not None and structure.tables else _image(name, number, photometry)
        for number in range(1, 1 + (1 if structure is None else structure.sets))
        for name in parts
    ]
    return _written({**keywords, **own}, hdus)


def table_bytes(rows: Iterable[tuple[str, str]]) -> bytes:
    """Make an association table of names and member types, all of them present."""
    import numpy as np
    from astropy.io import fits

    data = np.array([(name, kind, True) for name, kind in rows], dtype=[
        ("MEMNAME", "S14"), ("MEMTYPE", "S14"), ("MEMPRSNT", "?")
    ])  # fmt: skip
    return _written({}, [fits.BinTableHDU(data, name="ASN")])


def _image(name: str, number: int, keywords: Mapping[str, HeaderValue], empty: bool = False) -> Any:
    import numpy as np
    from astropy.io import fits

    pixels = None if empty else np.arange(16, dtype="i2" if name == "DQ" else "f4").reshape(4, 4)
    hdu = fits.ImageHDU(pixels, name=name, ver=number)
    hdu.header.update(keywords)
    return hdu


def _table(name: str, number: int) -> Any:
    import numpy as np
    from astropy.io import fits

    values = np.arange(16, dtype="f4").reshape(2, 8)
    names = ("WAVELENGTH", "NET", "FLUX", "ERROR")
    columns = [fits.Column("NELEM", "J", array=[8, 8]), *(fits.Column(name, "8E", array=values) for name in names)]
    return fits.BinTableHDU.from_columns(columns, name=name, ver=number)


def _written(keywords: Mapping[str, HeaderValue], hdus: list[Any]) -> bytes:
    from astropy.io import fits

    primary = fits.PrimaryHDU()
    primary.header.update({"NEXTEND": len(hdus), **keywords})
    target = io.BytesIO()
    fits.HDUList([primary, *hdus]).writeto(target)
    return target.getvalue()
