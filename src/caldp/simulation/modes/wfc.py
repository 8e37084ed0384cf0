"""Modes of ACS's Wide Field Channel, made of the simulated dither of the SBC: its light, on a CCD with overscan.

Facts about headers: ACS Data Handbook, chapters 2 and 3; MEMTYPEs of ``acstable.c`` and steps of ``sciflags.c`` of
calacs 10.5.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits

from caldp.simulation import fits_files
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes import wfc_frame
from caldp.simulation.modes.files import Change, associate, by_itself, carried_over, raw_image, revise, switches
from caldp.simulation.modes.mode import Mode
from caldp.simulation.modes.wfc_frame import FULL_FRAME, RAMP_QUADRANT, SUBARRAY, Frame
from caldp.simulation.modes.wfc_references import RULES, write_references

_ROOTS: Final = ("jsim01a1q", "jsim01a2q")
_DATASET: Final = "jsim01010"
_PRODUCT: Final = "jsim01011"
_OF_SBC: Final = ("GLINCORR", "LFLGCORR")
_DONE: Final = "DQICORR BLEVCORR BIASCORR DARKCORR FLATCORR PHOTCORR"
_OMITTED: Final = "ATODCORR FLSHCORR CRCORR EXPSCORR SHADCORR PCTECORR RPTCORR DRIZCORR SINKCORR"
_CLOSED: Final = "DARKCORR FLATCORR PHOTCORR"
_OF_FOUR: Final = {"CCDOFST": 3, "ATODGN": 0.0, "READNSE": 0.0, "BIASLEV": 0.0}

_DETECTOR: Final[Keywords] = {
    "DETECTOR": "WFC", "FILTER1": wfc_frame.FILTER, "FILTER2": "CLEAR2L", "CCDGAIN": wfc_frame.GAIN, "CRSPLIT": 1,
    "FLASHDUR": 0.0, "FLASHCUR": "OFF", "FLASHSTA": "NOT PERFORMED", "SHUTRPOS": "A", "JWROTYPE": "CLAMP",
    "DARKTIME": 0.0,
    **dict.fromkeys(("PCTETAB", "DRKCFILE", "FLSCFILE", "SNKCFILE", "SATUFILE"), "N/A"),
    **{f"{name}{amplifier}": value for amplifier in "ABCD" for name, value in _OF_FOUR.items()},
}  # fmt: skip


def _expose(path: Path, frame: Frame) -> None:
    """Rewrite a raw file of the SBC as one of the CCD."""
    with fits.open(path, memmap=False) as hdus:
        header, first = hdus[0].header, hdus["SCI"]
        kept = carried_over(first.header)
        light = np.asarray(first.data, dtype=float)
        rows, columns = (-(-size // each) for size, each in zip(frame.lit_shape, light.shape, strict=True))
        light = np.tile(light, (rows, columns))[: frame.rows, : frame.columns]
        draw = np.random.default_rng(int(kept["EXPSTART"] * 1e5) if "EXPSTART" in kept else header["NEXTEND"])
        extensions: list[Any] = []
        for version, chip in enumerate(frame.chips, start=1):
            image = draw.normal(wfc_frame.BIAS_LEVEL, wfc_frame.READ_NOISE / wfc_frame.GAIN, frame.shape)
            image[frame.lit(chip)] += light / wfc_frame.GAIN
            place = {**kept, "CCDCHIP": chip, "LTV1": float(frame.left), "LTV2": float(frame.below(chip))}
            place |= {"SIZAXIS1": frame.shape[1], "SIZAXIS2": frame.shape[0]}
            extensions += [
                fits_files.image("SCI", np.rint(image).astype(np.uint16), place, version),
                fits_files.constant_image("ERR", frame.shape, 0.0, place, version),
                fits_files.constant_image("DQ", frame.shape, 0, place, version),
            ]
        for name in _OF_SBC:
            header.remove(name, ignore_missing=True)
        header.update({**_DETECTOR, **switches(_DONE, omit=_OMITTED), "CCDAMP": frame.amplifiers})
        header.update({"APERTURE": frame.aperture, "PROPAPER": frame.aperture, "SUBARRAY": frame.is_subarray})
        header.update({"DARKTIME": header["EXPTIME"]})
        fits_files.write(path, [hdus[0], *extensions])


def _single(keywords: Keywords, frame: Frame = SUBARRAY) -> Change:
    """Return the change into one exposure without an association."""

    def change(directory: Path) -> None:
        by_itself(directory, _ROOTS[0])
        path = raw_image(directory, _ROOTS[0])
        _expose(path, frame)
        revise(path, keywords)

    return change


def _pair(role: str, product: str, perform: str, frame: Frame = SUBARRAY) -> Change:
    """Return the change into an association of two exposures."""

    def change(directory: Path) -> None:
        for root in _ROOTS:
            path = raw_image(directory, root)
            _expose(path, frame)
            revise(path, {"ASN_MTYP": role, "CRSPLIT": 2, **switches(perform)})
        associate(directory, {**dict.fromkeys(_ROOTS, role), product: f"PROD{role.removeprefix('EXP')}"})
        revise(directory / f"{_DATASET}_asn.fits", {"DETECTOR": "WFC"})  # calacs goes by this one

    return change


def _mode(dataset: str, change: Change, frame: Frame = SUBARRAY) -> Mode:
    write: Callable[[Path], None] = write_references(frame)
    return Mode(dataset, "acs", change, write, RULES, frozenset({"mlintab"}))


_ONE: Final = _ROOTS[0]
_FLASH: Final[Keywords] = {"FLASHDUR": 6.0, "FLASHCUR": "LOW", "FLASHSTA": "SUCCESSFUL", **switches("FLSHCORR")}
_GRISM: Final[Keywords] = {"OBSTYPE": "SPECTROSCOPIC", "FILTER1": "G800L", **switches(omit="PHOTCORR")}
_RAMP: Final[Keywords] = {
    "FILTER1": "CLEAR1L", "FILTER2": wfc_frame.RAMP_FILTER, "LRFWAVE": 7000.0, **switches("DRIZCORR")
}  # fmt: skip
_BIAS: Final[Keywords] = {
    "IMAGETYP": "BIAS", "TARGNAME": "BIAS", "EXPTIME": 0.0, **switches(omit=f"BIASCORR {_CLOSED}")
}  # fmt: skip
_LAMP: Final[Keywords] = {"IMAGETYP": "FLAT", "TARGNAME": "TUNGSTEN", "SCLAMP": "TUNGSTEN-1"}

MODES: Final = {
    "ACS WFC subarray by itself": _mode(_ONE, _single({})),
    "ACS WFC subarray with CTE correction": _mode(_ONE, _single(switches("PCTECORR"))),
    "ACS WFC subarray, sink pixels flagged": _mode(_ONE, _single(switches("SINKCORR"))),
    "ACS WFC subarray flashed": _mode(_ONE, _single(_FLASH)),
    "ACS WFC subarray flashed, with CTE correction": _mode(_ONE, _single({**_FLASH, **switches("PCTECORR")})),
    "ACS WFC subarray drizzled": _mode(_ONE, _single(switches("DRIZCORR"))),
    "ACS WFC subarray CR-SPLIT": _mode(_DATASET, _pair("EXP-CRJ", _PRODUCT, "CRCORR")),
    "ACS WFC subarray CR-SPLIT with CTE correction": _mode(_DATASET, _pair("EXP-CRJ", _PRODUCT, "CRCORR PCTECORR")),
    "ACS WFC subarray RPT-OBS": _mode(_DATASET, _pair("EXP-RPT", _PRODUCT, "RPTCORR")),
    "ACS WFC subarray dither": _mode(_DATASET, _pair("EXP-DTH", _DATASET, "DRIZCORR")),
    "ACS WFC polarizer": _mode(_ONE, _single({"FILTER2": "POL0V"})),
    "ACS WFC G800L grism": _mode(_ONE, _single(_GRISM)),
    "ACS WFC ramp filter": _mode(_ONE, _single(_RAMP, RAMP_QUADRANT), RAMP_QUADRANT),
    "ACS WFC bias": _mode(_ONE, _single(_BIAS)),
    "ACS WFC dark": _mode(_ONE, _single({"IMAGETYP": "DARK", "TARGNAME": "DARK", **switches(omit=_CLOSED)})),
    "ACS WFC tungsten lamp": _mode(_ONE, _single({**_LAMP, **switches(omit="FLATCORR PHOTCORR")})),
    "ACS WFC full frame": _mode(_ONE, _single({}, FULL_FRAME), FULL_FRAME),
    "ACS WFC full frame with CTE correction": _mode(_ONE, _single(switches("PCTECORR"), FULL_FRAME), FULL_FRAME),
}
"""Modes by name."""
