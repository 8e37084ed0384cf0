"""Made-up images and spectra, as FITS files that look like HST's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray


def starfield(rows: int, columns: int, seed: int = 1, stars: int = 40) -> NDArray[np.float32]:
    """Noise with stars in it."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns]
    sky = random.normal(0.1, 0.02, (rows, columns))
    for _ in range(stars):
        above, right = random.uniform(0, rows), random.uniform(0, columns)
        width = random.uniform(1.0, 3.0)
        height = 10 ** random.uniform(-1, 1)
        sky += height * np.exp(-((y - above) ** 2 + (x - right) ** 2) / (2 * width**2))
    return sky.astype(np.float32)


def write_image(path: Path, *sets: dict[str, NDArray[Any]], primary: Any = (), **keywords: Any) -> Path:
    """Write image sets: each has extensions by name; keywords go into the headers of SCI."""
    hdus = [fits.PrimaryHDU(header=fits.Header(dict(primary)))]
    for version, arrays in enumerate(sets, start=1):
        for name, array in arrays.items():
            hdu = fits.ImageHDU(array, name=name, ver=version)
            if name == "SCI":
                hdu.header.update({key: value for key, value in keywords.items() if not isinstance(value, tuple)})
                hdu.header.update(
                    {key: value[version - 1] for key, value in keywords.items() if isinstance(value, tuple)}
                )
            hdus.append(hdu)
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path
