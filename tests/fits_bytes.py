"""Small real FITS files, made of what their headers are to say."""

from __future__ import annotations

import io
from collections.abc import Iterable

from caldp.domain.files import HeaderValue


def fits_bytes(
    keywords: dict[str, HeaderValue], science: Iterable[dict[str, HeaderValue]] = ({},), *, empty: bool = False
) -> bytes:
    """Make a FITS file with a primary header and SCI extensions.

    Parameters
    ----------
    keywords
        Of the primary header.
    science
        Keywords of each SCI extension.
    empty
        Whether the extensions hold no pixels.
    """
    import numpy as np
    from astropy.io import fits

    hdus = [fits.PrimaryHDU()]
    hdus[0].header.update(keywords)
    for number, more in enumerate(science, start=1):
        pixels = None if empty else np.zeros((4, 4), dtype="f4")
        hdus.append(fits.ImageHDU(pixels, name="SCI", ver=number))
        hdus[-1].header.update(more)
    target = io.BytesIO()
    fits.HDUList(hdus).writeto(target)
    return target.getvalue()


def table_bytes(rows: Iterable[tuple[str, str]]) -> bytes:
    """Make an association table of names and member types, all of them present."""
    import numpy as np
    from astropy.io import fits

    data = np.array([(name, kind, True) for name, kind in rows], dtype=[
        ("MEMNAME", "S14"), ("MEMTYPE", "S14"), ("MEMPRSNT", "?")
    ])  # fmt: skip
    target = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(data, name="ASN")]).writeto(target)
    return target.getvalue()
