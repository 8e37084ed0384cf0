"""Modes of STIS's CCD binned by two in both axes, made of the simulated spectrum and its wavelength calibration.

Sizes: ``findover.c`` of calstis 3.5. Only the whole detector can be binned (STIS Instrument Handbook, chapter 11).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits
from attrs import evolve
from numpy.random import Generator
from numpy.typing import NDArray

from caldp.simulation import fits_files
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes import stis
from caldp.simulation.modes.files import Change
from caldp.simulation.modes.mode import Mode
from caldp.simulation.stis import model
from caldp.simulation.stis.images import FULL_FRAME, SUBARRAY, Readout

_BIN: Final = 2
_BINNING: Final[Keywords] = {"BINAXIS1": _BIN, "BINAXIS2": _BIN}
_CALIBRATED: Final = (model.SIZE // _BIN, model.SIZE // _BIN - 1)
"""Rows and columns of a calibrated image: the outermost columns are binned with overscan, and go."""
_BIAS: Final = "simbinned_bia.fits"


def _bin(path: Path, readout: Readout) -> None:
    """Rewrite a raw file as one that the CCD has binned."""
    rows, columns = (size // _BIN for size in FULL_FRAME.shape)
    draw = np.random.default_rng(_BIN)
    with fits.open(path, memmap=False) as hdus:
        for hdu in hdus[1:]:
            if hdu.name == "SCI":
                hdu.data = _binned(_whole(hdu.data, readout, draw))
            else:
                hdu.header.update({"NPIX1": columns, "NPIX2": rows})
            hdu.header.update(_place(hdu.header))
        hdus[0].header.update({"SUBARRAY": False, "SIZAXIS1": columns, "SIZAXIS2": rows, **_BINNING})
        fits_files.write(path, hdus)


def _whole(pixels: NDArray[np.uint16], readout: Readout, draw: Generator) -> NDArray[np.int64]:
    """Put the rows that were read into an image of the whole detector, which is dark elsewhere."""
    image = draw.normal(model.BIAS_LEVEL, model.READ_NOISE / model.GAIN, FULL_FRAME.shape)
    image[FULL_FRAME.lit] += model.BIAS_STRUCTURE
    whole = np.rint(image).astype(np.int64)
    whole[FULL_FRAME.lit][readout.on_detector] = pixels[readout.lit]
    return whole


def _binned(whole: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Add the light of neighbours; the level of the amplifier comes in once."""
    rows, columns = (size // _BIN for size in whole.shape)
    level = round(model.BIAS_LEVEL)
    sums = (whole - level).reshape(rows, _BIN, columns, _BIN).sum(axis=(1, 3))
    binned: NDArray[np.uint16] = np.clip(sums + level, 0, 65_535).astype(np.uint16)
    return binned


def _place(header: Any) -> Keywords:
    """Give the coordinates of binned pixels."""
    before = {"1": FULL_FRAME.overscan, "2": FULL_FRAME.virtual}
    middle = {"1": model.SIZE / 2, "2": model.MIDDLE_ROW}
    place: dict[str, float] = {"LTM1_1": 1 / _BIN, "LTM2_2": 1 / _BIN}
    for axis, number in before.items():
        # The middle of a binned pixel lies between those of its columns or rows.
        place[f"LTV{axis}"] = (number + (_BIN - 1) / 2) / _BIN
        place[f"CRPIX{axis}"] = (middle[axis] + number + (_BIN - 1) / 2) / _BIN
    for name in ("CD1_1", "CD2_2"):
        if name in header:
            place[name] = header[name] * _BIN
    return place


def _binning(change: Change) -> Change:
    """Return a change followed by the binning of what it leaves."""

    def changed(directory: Path) -> None:
        change(directory)
        for path in directory.glob("*_raw.fits"):
            _bin(path, SUBARRAY)
        for path in directory.glob("*_wav.fits"):
            _bin(path, FULL_FRAME)

    return changed


def _spectrum(directory: Path) -> None:
    """Leave the observation as it is."""


def _references(directory: Path) -> None:
    """Write a bias that is binned as the images are, and let the table of the detector know that readout."""
    keywords: Keywords = {"DETECTOR": "CCD", "CCDAMP": "D", "CCDGAIN": 1, "CCDOFFST": 3, **_BINNING}
    place: Keywords = {"LTM1_1": 1 / _BIN, "LTM2_2": 1 / _BIN, "LTV1": -1 / 4, "LTV2": 1 / 4, **_BINNING}
    values = {"SCI": _BIN**2 * model.BIAS_STRUCTURE, "ERR": 0.0, "DQ": 0}
    images = [fits_files.constant_image(name, _CALIBRATED, value, place) for name, value in values.items()]
    primary = fits_files.reference_primary("STIS", "CCD BIAS IMAGE", keywords)
    fits_files.write(directory / _BIAS, [primary, *images])
    with fits.open(directory / "simccd_ccd.fits", memmap=False) as hdus:
        for name, value in _BINNING.items():
            hdus[1].data[name] = value
        fits_files.write(directory / "simccd_ccd.fits", hdus)


_RULE: Final = ReferenceRule("biasfile", _BIAS, {"DETECTOR": "CCD"})


def _of(mode: Mode) -> Mode:
    """Return a mode of the CCD, binned."""

    def write(directory: Path) -> None:
        mode.references(directory)
        _references(directory)

    return evolve(mode, change=_binning(mode.change), references=write, rules=(*mode.rules, _RULE))


MODES: Final = {
    "STIS CCD spectrum CR-SPLIT, binned": _of(Mode(stis.DATASET, "stis", _spectrum)),
    "STIS CCD imaging CR-SPLIT, binned": _of(stis.MODES["STIS CCD imaging CR-SPLIT"]),
}
"""Modes by name."""
