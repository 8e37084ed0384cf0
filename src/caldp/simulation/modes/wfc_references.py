"""The reference files that calacs needs for exposures of ACS's Wide Field Channel, and the rules for CRDS.

Their columns and extensions are those that calacs 10.5 reads: ``getccdtab.c``, ``findover.c``, ``readpar.c``,
``ctehelpers.c``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits

from caldp.simulation import drizzle, fits_files
from caldp.simulation.acs.exposures import CAMERA
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes import wfc_frame
from caldp.simulation.modes.wfc_frame import Frame

_WFC: Final = {"DETECTOR": "WFC"}
_PREFIX: Final = "simwfc_"
_KINDS: Final = {
    "biasfile": "bia", "bpixtab": "bpx", "ccdtab": "ccd", "crrejtab": "crr", "darkfile": "drk", "drkcfile": "dkc",
    "flshfile": "fls", "flscfile": "flc", "idctab": "idc", "imphttab": "imp", "mdriztab": "mdz", "oscntab": "osc",
    "pctetab": "cte", "pfltfile": "pfl", "satufile": "sat", "snkcfile": "snk",
}  # fmt: skip
_OF_BIASES: Final = dict.fromkeys(("CCDAMP", "APERTURE", "NUMCOLS", "NUMROWS", "XCORNER", "YCORNER"), "N/A")
"""Keywords that CRDS looks for in the rules of this type alone (``acs_v1.py`` of its package)."""
RULES: Final = tuple(
    ReferenceRule(kind, f"{_PREFIX}{end}.fits", {**_WFC, **(_OF_BIASES if kind == "biasfile" else {})})
    for kind, end in _KINDS.items()
)

_MODES: Final = ("F606W", "F606W,POL_V", "F775W", f"{wfc_frame.RAMP_FILTER}#")
"""Observing modes for which there is photometry."""
_ROWS_OF_PROFILE: Final = 9999
_COLUMNS_OF_CTE: Final = 8192
_TRAPS: Final = 3
_TRAIL: Final = 20
_NO_TRAP: Final = 999_999.0
"""Electrons at which a row of the profile is none."""


def write_references(frame: Frame) -> Callable[[Path], None]:
    """Return what writes every reference file that the rules name.

    Parameters
    ----------
    frame
        Readout that they fit.
    """

    def write(directory: Path) -> None:
        contents: dict[str, tuple[str, list[Any], Keywords]] = {
            "bia": ("BIAS", _images(frame, 0.5, trimmed=False), {}),
            "bpx": ("BAD PIXELS", [_bad_pixels(frame)], {}),
            "ccd": ("CCD PARAMETERS", [_parameters()], {}),
            "crr": ("COSMIC RAY REJECTION", [_cosmic_rays()], {}),
            "drk": ("DARK", _images(frame, 0.002), {}),
            "dkc": ("CTE CORRECTED DARK", _images(frame, 0.0015), {}),
            "fls": ("POST FLASH", _images(frame, 0.4), {}),
            "flc": ("CTE CORRECTED POST FLASH", _images(frame, 0.35), {}),
            "idc": ("DISTORTION COEFFICIENTS", [CAMERA.distortion_table(_filters(frame))], {"NORDER": 3}),
            "imp": ("IMAGE PHOTOMETRY TABLE", _photometry(), drizzle.PHOTOMETRY_KEYWORDS),
            "mdz": ("MULTIDRIZZLE PARAMETERS", [drizzle.parameters_table()], {}),
            "osc": ("OVERSCAN", [_overscan(frame)], {}),
            "cte": ("PIXCTE", _charge_transfer(), _CTE_KEYWORDS),
            "pfl": ("PIXEL-TO-PIXEL FLAT", _images(frame, 1.02), {}),
            "sat": ("FULL-WELL SATURATION LEVEL MAP", _images(frame, 80_000.0, trimmed=False), {}),
            "snk": ("SINK PIXELS", [hdu for hdu in _images(frame, 0.0, trimmed=False) if hdu.name == "SCI"], {}),
        }
        for end, (filetype, extensions, keywords) in contents.items():
            primary = fits_files.reference_primary("ACS", filetype, {**_WFC, **keywords})
            fits_files.write(directory / f"{_PREFIX}{end}.fits", [primary, *extensions])

    return write


def _filters(frame: Frame) -> tuple[str, str]:
    """Return FILTER1 and FILTER2 of the images that are read out so, as a table of distortions has them."""
    return ("CLEAR", wfc_frame.RAMP_FILTER) if frame == wfc_frame.RAMP_QUADRANT else (wfc_frame.FILTER, "CLEAR")


def _images(frame: Frame, value: float, *, trimmed: bool = True) -> list[Any]:
    """Make an image set of one value for each chip, with or without overscan."""
    made = []
    for version, chip in enumerate(frame.chips, start=1):
        shape = frame.lit_shape if trimmed else frame.shape
        left, below = (0, 0) if trimmed else (frame.left, frame.below(chip))
        place: Keywords = {
            **fits_files.whole_detector_keywords(*shape),
            "CCDCHIP": chip,
            "LTV1": float(left),
            "LTV2": float(below),
        }
        for name, each in {"SCI": value, "ERR": 0.0, "DQ": 0}.items():
            made.append(fits_files.constant_image(name, shape, each, place, version))
    return made


def _bad_pixels(frame: Frame) -> Any:
    formats = {"CCDAMP": "4A", "PIX1": "1I", "PIX2": "1I", "LENGTH": "1I", "AXIS": "1I", "VALUE": "1I"}
    rows = [("N/A", 100, 100, 4, 1, 4, chip, -999.0) for chip in frame.chips]
    size: Keywords = {"SIZAXIS1": frame.columns, "SIZAXIS2": frame.rows}
    return fits_files.rows_table("BPX", {**formats, "CCDCHIP": "1I", "CCDGAIN": "1E"}, rows, size)


def _parameters() -> Any:
    """Make rows for one amplifier of a subarray, and for all four."""
    formats = {"CCDAMP": "4A", "CCDCHIP": "1J", "CCDGAIN": "1E", "BINAXIS1": "1J", "BINAXIS2": "1J"}
    values: list[float] = []
    for name, form, value in (
        ("CCDOFST", "1J", 3), ("CCDBIAS", "1E", wfc_frame.BIAS_LEVEL), ("ATODGN", "1E", wfc_frame.GAIN),
        ("READNSE", "1E", wfc_frame.READ_NOISE),
    ):  # fmt: skip
        formats |= {f"{name}{amplifier}": form for amplifier in "ABCD"}
        values += [value] * 4
    formats |= {"AMPX": "1J", "AMPY": "1J", "ATODSAT": "1J", "SATURATE": "1E", "OVRHFLS": "1E", "OVRHUFLS": "1E"}
    rows = [
        (amplifiers, chip, wfc_frame.GAIN, 1, 1, *values, column, 0, 65_535, 84_700.0, 3.0, 0.5)
        for amplifiers, chip, column in (("A", 1, 4096), ("ABCD", 1, 2048), ("ABCD", 2, 2048))
    ]
    return fits_files.rows_table("CCD", formats, rows)


def _cosmic_rays() -> Any:
    formats = {"CRSPLIT": "1I", "MEANEXP": "1E", "SCALENSE": "8A", "INITGUES": "8A", "SKYSUB": "4A", "CRSIGMAS": "20A"}
    formats |= {"CRRADIUS": "1E", "CRTHRESH": "1E", "BADINPDQ": "1I", "CRMASK": "1L"}
    rows = [(2, 1e6, "0.0", "minimum", "none", "6.5,5.5,4.5", 1.2, 0.55, 0, True)]
    return fits_files.rows_table("CRR", formats, rows)


def _overscan(frame: Frame) -> Any:
    columns = "CCDCHIP BINX BINY NX NY TRIMX1 TRIMX2 TRIMY1 TRIMY2 VX1 VX2 VY1 VY2"
    sections = "BIASSECTA1 BIASSECTA2 BIASSECTB1 BIASSECTB2"
    height, width = frame.shape
    rows = []
    for chip in frame.chips:
        below = frame.below(chip)
        trims = (frame.left, frame.right, below, frame.virtual - below)
        first = frame.left + frame.columns + 1
        section = (first, first + 5) if frame.right else (0, 0)
        virtual = (0, 0, 0, 0)
        if frame.virtual:
            bottom = 1 if below else frame.rows + 2
            virtual = (frame.left + 1, frame.left + frame.columns, bottom, bottom + frame.virtual - 2)
        rows.append(
            (frame.amplifiers, chip, 1, 1, width, height, *trims, *virtual, frame.left - 5, frame.left, *section)
        )
    formats = {"CCDAMP": "4A", **dict.fromkeys(f"{columns} {sections}".split(), "1J")}
    return fits_files.rows_table("OSC", formats, rows)


def _photometry() -> list[Any]:
    names = dict(zip(("PHOTFLAM", "PHOTPLAM", "PHOTBW"), (7.8e-20, 5921.0, 672.0), strict=True))
    return [
        fits_files.rows_table(
            name,
            {"OBSMODE": "40A", "DATACOL": "12A", name: "1D", "PEDIGREE": "30A", "DESCRIP": "110A"},
            [(f"ACS,WFC1,{mode},MJD#", name, value, "MODEL", fits_files.DESCRIPTION) for mode in _MODES],
        )
        for name, value in names.items()
    ]


_CTE_KEYWORDS: Final[Keywords] = {
    "CTE_NAME": "Par/Serial PixelCTE 2023", "CTE_VER": "3.0", "PCTERNOI": 4.3, "PCTENSMD": 0, "PCTETRSH": -10.0,
    "FIXROCR": 1,
}  # fmt: skip


def _charge_transfer() -> list[Any]:
    """Make the losses in transfer along columns, and along the rows of each amplifier: few traps, short trails."""
    own: Keywords = {"CTEDATE0": 52334.9, "CTEDATE1": 57710.4, "PCTETLEN": _TRAIL, "PCTENFOR": 2, "PCTENPAR": 2}
    levels = np.full(_ROWS_OF_PROFILE, _NO_TRAP)
    levels[:_TRAPS] = (1.0, 30.0, 1000.0)
    profile = [
        fits.Column("W", "1I", array=np.arange(_ROWS_OF_PROFILE)),
        fits.Column("QLEV_Q", "1J", array=levels.astype(np.int32)),
        fits.Column("DPDE_W", "1E", array=np.where(levels < _NO_TRAP, 0.5, 0.0)),
    ]
    scales = [fits.Column("IZ", "1I", array=np.arange(_COLUMNS_OF_CTE))]
    scales += [
        fits.Column(f"SENS_{row:04}", "1E", array=np.full(_COLUMNS_OF_CTE, row / 2048))
        for row in (512, 1024, 1536, 2048)
    ]
    steps = np.exp(-np.arange(_TRAIL) / 5.0)
    released = np.repeat((steps / steps.sum())[:, None], _TRAPS, axis=1).astype(np.float32)
    still = np.clip(1 - np.cumsum(released, axis=0), 0, None).astype(np.float32)
    made: list[Any] = []
    for version in range(1, 6):
        made += [
            fits_files.table("QPROF", profile, own, version),
            fits_files.table("SCLBYCOL", scales, own, version),
            fits_files.image("RPROF", released, own, version),
            fits_files.image("CPROF", still, own, version),
        ]
    return made
