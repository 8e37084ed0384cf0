"""Products that `previews.py` has drawn, made up: they have the sizes, flags and weights of real ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

CHIP = (2051, 4096)
OVERLAP = 5  # made-up chips share rows of one sky; it does not matter for the time
HOT, BAD_COLUMN, COSMIC_RAY, SATURATED = 16, 128, 8192, 256


def make_sky(size: int) -> NDArray[np.float32]:
    """Make a field of stars and galaxies."""
    random = np.random.default_rng(1)
    sky = random.normal(0.02, 0.01, (size, size)).astype(np.float32)
    for _ in range(max(size * size // 30_000, 10)):
        width = random.uniform(1.2, 6.0)
        reach = int(5 * width)
        y, x = random.integers(reach, size - reach, 2)
        peak = 10 ** random.uniform(-1, 2.5) / width**2
        profile = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * width**2))
        sky[y - reach : y + reach + 1, x - reach : x + reach + 1] += peak * np.outer(profile, profile)
    return sky


def make_image(path: Path, size: int) -> Path:
    """Write a drizzled field."""
    sky = make_sky(size)
    weight = np.ones_like(sky)
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(sky, name="SCI"), fits.ImageHDU(weight, name="WHT")]).writeto(path)
    return path


def make_chips(path: Path) -> Path:
    """Write an exposure of WFC3/UVIS, of which 1.5 % are hot or in bad columns and 1.2 % hit by cosmic rays."""
    random, (height, width) = np.random.default_rng(5), CHIP
    counts = 300 * make_sky(width)
    hdus: list[Any] = [fits.PrimaryHDU(header=fits.Header({"INSTRUME": "WFC3", "DETECTOR": "UVIS"}))]
    for version, (chip, bottom) in enumerate(((2, 0), (1, height - OVERLAP - 1)), start=1):
        science, quality = counts[bottom : bottom + height].copy(), np.zeros(CHIP, np.int16)
        hot = random.integers(0, science.size, int(0.012 * science.size))
        science.flat[hot] += random.exponential(200, hot.size)
        quality.flat[hot] |= HOT
        quality.flat[random.integers(0, science.size, 3000)] |= SATURATED
        for column in random.integers(0, width, 25):
            column_part = np.s_[random.integers(0, height) :, column]
            science[column_part] += 20
            quality[column_part] |= BAD_COLUMN
        for row, column in random.integers(0, (height - 12, width - 12), (9000, 2)):
            for step in range(random.integers(2, 9)):
                hit = np.s_[row + step : row + step + 2, column + step // 2 : column + step // 2 + 2]
                science[hit] += 900
                quality[hit] |= COSMIC_RAY
        images = {"SCI": science, "ERR": np.sqrt(np.abs(science)) + 3, "DQ": quality}
        hdus += [fits.ImageHDU(image, name=name, ver=version) for name, image in images.items()]
        hdus[-len(images)].header["CCDCHIP"] = chip
    fits.HDUList(hdus).writeto(path)
    return path


def make_mosaic(path: Path, tile: NDArray[np.float32], size: int) -> Path:
    """Write a mosaic with weights, tile beside tile, in little memory."""
    numbers = np.tile(tile.astype(">f4"), (1, -(-size // tile.shape[1])))[:, :size]
    header = fits.ImageHDU(np.zeros((1, 1), np.float32), name="SCI").header
    header["NAXIS1"] = header["NAXIS2"] = size
    with path.open("wb") as file:
        file.write(fits.PrimaryHDU().header.tostring().encode())
        for name, rows in (("SCI", numbers), ("WHT", np.ones_like(numbers))):
            header["EXTNAME"] = name
            file.write(header.tostring().encode())
            for start in range(0, size, len(rows)):
                file.write(rows[: size - start].tobytes())
            file.write(bytes(-file.tell() % 2880))
    return path


def make_spectrum(path: Path, seed: int) -> Path:
    """Write a COS/FUV x1d of two segments."""
    random = np.random.default_rng(seed)
    wavelength = np.stack([np.linspace(1290, 1430, 16384), np.linspace(1135, 1275, 16384)])
    truth = 4e-14 * (1300 / wavelength) ** 2
    columns: Mapping[str, tuple[str, object]] = {
        "SEGMENT": ("4A", ["FUVA", "FUVB"]),
        "NELEM": ("J", [16384, 16384]),
        "WAVELENGTH": ("16384D", wavelength),
        "FLUX": ("16384E", random.normal(truth, 0.3 * truth)),
        "ERROR": ("16384E", 0.3 * truth),
        "NET": ("16384E", truth * 1e14),
        "DQ": ("16384I", np.zeros_like(wavelength)),
        "DQ_WGT": ("16384E", np.ones_like(wavelength)),
    }
    table = fits.BinTableHDU.from_columns(
        [fits.Column(name, form, array=values) for name, (form, values) in columns.items()], name="SCI"
    )
    primary = fits.PrimaryHDU()
    primary.header.update({"INSTRUME": "COS", "DETECTOR": "FUV", "OPT_ELEM": "G130M", "CENWAVE": 1291})
    fits.HDUList([primary, table]).writeto(path)
    return path
