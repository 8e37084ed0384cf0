"""The prism of STIS's NUV-MAMA, on the light of the simulated quasar and lamp.

calstis has a relation of its own for it, whose wavelengths go up ever faster with the column (``evaldisp.c`` of calstis
3.5), and takes its lamp for one of the name PRISM (``getkeyinfo4.c``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from caldp.simulation import fits_files
from caldp.simulation.modes.files import renamed_tables, revise, switches
from caldp.simulation.modes.mode import Mode
from caldp.simulation.modes.stis import DATASET, WAV, raw_exposure
from caldp.simulation.modes.stis_mama import CCD_KINDS, expose, mama, mama_references, mama_rules
from caldp.simulation.stis import images
from caldp.simulation.stis.images import FULL_FRAME, SUBARRAY

_ELEMENT: Final = ("NUV-MAMA", "PRISM", 2125)
_COEFFICIENTS: Final = (2000.0, 239.0, -5.319e6)
"""Column of the pole, wavelength far from it, and how fast wavelengths go up on the way there."""


def _wavelength(column: NDArray[np.float64]) -> NDArray[np.float64]:
    pole, constant, slope = _COEFFICIENTS
    return constant + slope / (column - pole)


def _change(directory: Path) -> None:
    mama(*_ELEMENT)(directory)
    for path in (raw_exposure(directory), directory / WAV):
        revise(path, switches(omit="X2DCORR"))
    with fits.open(raw_exposure(directory), memmap=False) as hdus:
        start = float(hdus["SCI"].header["EXPSTART"])
    seed = _ELEMENT[2]
    expose(raw_exposure(directory), images.spectrum(start, _wavelength)[SUBARRAY.on_detector], seed)
    expose(directory / WAV, images.lamp(_wavelength)[FULL_FRAME.on_detector], seed)


def _references(directory: Path) -> None:
    mama_references(*_ELEMENT)(directory)
    renamed_tables(directory, "simccd_lmp.fits", {"SCLAMP": "PRISM"})
    path = directory / "simccd_dsp.fits"
    with fits.open(path, memmap=False) as hdus:
        coefficients = np.zeros_like(hdus[1].data["COEFF"][0])
        coefficients[: len(_COEFFICIENTS)] = _COEFFICIENTS
        hdus[1].data["COEFF"][0] = coefficients
        fits_files.write(path, hdus)


MODES: Final = {
    "STIS NUV-MAMA prism": Mode(DATASET, "stis", _change, _references, mama_rules(_ELEMENT[0]), CCD_KINDS),
}
"""Modes by name."""
