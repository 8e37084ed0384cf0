"""The whole detector of WFC3/UVIS: its raw image, and reference files that ``../shared/hst`` has for a subarray only.

Sizes: WFC3 Instrument Handbook, chapter 5. A post-flash file has the overscan: ``doflash.c`` of calwf3 3.7.3 takes that
for granted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits

from caldp.simulation import fits_files
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.files import carried_over

_CHIPS: Final = (2, 1)
_RAW: Final = (2070, 4206)
_LIT: Final = (2051, 4096)
_PHYSICAL, _BELOW_FIRST = 25, 19
_BIAS: Final = 2560

FILES: Final = {"BIASFILE": "simuvis_bia", "PFLTFILE": "simuvis_pfl", "FLSHFILE": "simuvis_fls"}
"""Kinds of reference files that `write_references` writes, and their names."""


def write_references(directory: Path, element: str) -> None:
    """Write a bias, a flat field and a post-flash of one value for the whole detector.

    Parameters
    ----------
    directory
        Directory of reference files.
    element
        Filter or grism, which calwf3 wants in the header of a flat field.
    """
    contents = {
        "BIASFILE": ("BIAS", 1.0, _RAW),
        "PFLTFILE": ("PIXEL-TO-PIXEL FLAT", 1.01, _LIT),
        "FLSHFILE": ("POST FLASH", 0.3, _RAW),
    }
    for kind, (filetype, value, shape) in contents.items():
        keywords: Keywords = {"DETECTOR": "UVIS", "FILTER": element, "CCDAMP": "ABCD", "CCDGAIN": 1.5}
        extensions: list[Any] = []
        for version, chip in enumerate(_CHIPS, start=1):
            place = {**fits_files.whole_detector_keywords(*shape), **_place(chip, shape), "CCDCHIP": chip}
            for name, each in {"SCI": value, "ERR": 0.0, "DQ": 0}.items():
                extensions.append(fits_files.constant_image(name, shape, each, place, version))
        primary = fits_files.reference_primary("WFC3", filetype, keywords)
        fits_files.write(directory / f"{FILES[kind]}.fits", [primary, *extensions])


def to_full_frame(path: Path) -> None:
    """Rewrite a raw subarray as an image of both chips, read by all four amplifiers."""
    with fits.open(path, memmap=False) as hdus:
        header, first = hdus[0].header, hdus["SCI"]
        extensions: list[Any] = []
        for version, chip in enumerate(_CHIPS, start=1):
            place = {**carried_over(first.header), **_place(chip, _RAW), "CCDCHIP": chip}
            place |= {"SIZAXIS1": _RAW[1], "SIZAXIS2": _RAW[0]}
            below = int(place["LTV2"])
            pixels = np.full(_RAW, _BIAS, dtype=np.uint16)
            light = np.random.default_rng(chip).integers(160, 240, _LIT, dtype=np.uint16)
            pixels[below : below + _LIT[0], _PHYSICAL : _PHYSICAL + 2048] += light[:, :2048]
            pixels[below : below + _LIT[0], -_PHYSICAL - 2048 : -_PHYSICAL] += light[:, 2048:]
            extensions += [
                fits_files.image("SCI", pixels, place, version),
                fits_files.constant_image("ERR", _RAW, 0.0, place, version),
                fits_files.constant_image("DQ", _RAW, 0, place, version),
            ]
        header.update({"SUBARRAY": False, "APERTURE": "UVIS", "CCDAMP": "ABCD"})
        fits_files.write(path, [hdus[0], *extensions])


def _place(chip: int, shape: tuple[int, int]) -> dict[str, float]:
    """Give the columns and rows of overscan before the first that sees light."""
    if shape == _LIT:
        return {"LTV1": 0.0, "LTV2": 0.0}
    return {"LTV1": float(_PHYSICAL), "LTV2": float(_BELOW_FIRST if chip == 1 else 0)}
