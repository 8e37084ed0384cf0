"""Made-up images and spectra, as FITS files that look like HST's; and what comes of drawing them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray
from PIL import Image


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


def write_chips(path: Path) -> Path:
    """Write two chips of 200 rows and 500 columns with places in the sky, distorted about as those of ACS/WFC."""
    primary = {"INSTRUME": "ACS", "DETECTOR": "WFC", "TARGNAME": "M51", "EXPTIME": 339.0}
    scale = 1.4e-5  # degrees, about 0.05 arcseconds
    keywords = {
        "CTYPE1": "RA---TAN-SIP", "CTYPE2": "DEC--TAN-SIP", "CRVAL1": (202.47, 202.471), "CRVAL2": (47.195, 47.2),
        "CRPIX1": 250.0, "CRPIX2": 100.0, "CD1_1": -scale, "CD1_2": 0.2 * scale, "CD2_1": 0.1 * scale, "CD2_2": scale,
        "A_ORDER": 2, "B_ORDER": 2, "A_2_0": 8e-6, "A_0_2": 2e-6, "B_1_1": 7e-6, "B_2_0": -1e-6,
        "BUNIT": "ELECTRONS", "CCDCHIP": (2, 1),
    }  # fmt: skip
    sets = ({"SCI": starfield(200, 500, seed=seed), "DQ": np.zeros((200, 500), "i2")} for seed in (1, 2))
    return write_image(path, *sets, primary=primary, **keywords)


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Read a JPEG or PNG: rows, columns, and colours if it has any."""
    with Image.open(path) as picture:
        return np.asarray(picture)


def flux_of_a_star(wavelength: NDArray[np.float64]) -> NDArray[np.float64]:
    """A falling continuum with an emission line at 1340 and an absorption line at 1375 Angstrom."""
    continuum = 4e-14 * (1300 / wavelength) ** 2
    emission = 6e-14 * np.exp(-(((wavelength - 1340) / 0.8) ** 2))
    absorption = 1 - 0.7 * np.exp(-(((wavelength - 1375) / 1.5) ** 2))
    return (continuum + emission) * absorption


def cos_segment(name: str, first: float, last: float, length: int = 4000, seed: int = 1) -> dict[str, Any]:
    """A segment of COS: a row of an x1d table. Its ends and a stretch in its middle are flagged."""
    wavelength = np.linspace(first, last, length)
    truth = flux_of_a_star(wavelength)
    error = 0.15 * truth
    weight = np.ones(length)
    weight[: length // 20] = weight[-length // 20 :] = weight[length // 2 : length // 2 + length // 40] = 0
    flux = np.where(weight > 0, truth + np.random.default_rng(seed).normal(0, error), 0)
    return {
        "SEGMENT": name,
        "NELEM": length,
        "WAVELENGTH": wavelength,
        "FLUX": flux,
        "ERROR": error,
        "NET": flux * 1e14,
        "DQ": np.where(weight > 0, 0, 128),
        "DQ_WGT": weight,
    }


def stis_order(number: int, first: float, last: float, seed: int = 1) -> dict[str, Any]:
    """An order of STIS: a row of an x1d table. A few of its samples are flagged; many touch a hot pixel."""
    row = cos_segment("", first, last, length=1024, seed=seed)
    quality = np.where(np.arange(1024) % 7 == 0, 16, 0)
    quality[500:520] = 512
    flux = flux_of_a_star(row["WAVELENGTH"]) + np.random.default_rng(seed).normal(0, row["ERROR"])
    del row["SEGMENT"], row["DQ_WGT"]
    return {"SPORDER": number, **row, "FLUX": flux, "DQ": quality}


_FORMATS = {
    "SEGMENT": "4A",
    "SPORDER": "I",
    "NELEM": "J",
    "WAVELENGTH": "D",
    "FLUX": "E",
    "ERROR": "E",
    "NET": "E",
    "DQ": "I",
    "DQ_WGT": "E",
}


def write_spectrum(path: Path, *exposures: list[dict[str, Any]], **keywords: Any) -> Path:
    """Write an x1d file: each exposure is a table, each of its rows a segment or order."""
    instrument = "STIS" if "SPORDER" in exposures[0][0] else "COS"
    primary = fits.PrimaryHDU()
    primary.header.update({"INSTRUME": instrument, "TARGNAME": "SIMULATED", "DETECTOR": "FUV"} | keywords)
    hdus: list[Any] = [primary]
    for version, rows in enumerate(exposures, start=1):
        columns = []
        for name in (name for name in _FORMATS if name in rows[0]):
            values = np.array([row[name] for row in rows])
            count = values.shape[1] if values.ndim > 1 else ""
            columns.append(fits.Column(name, f"{count}{_FORMATS[name]}", array=values))
        table = fits.BinTableHDU.from_columns(columns, name="SCI", ver=version)
        table.header["EXPTIME"] = 1000.0
        hdus.append(table)
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path
