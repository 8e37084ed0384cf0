"""A mode of COS's FUV channel: one segment in TIME-TAG with G140L, extracted as at lifetime position 1.

Sizes and steps: COS Instrument Handbook, chapters 4 and 5, and COS Data Handbook, chapter 3. Every other number is made
up. The references are as small as calcos 3.6.2 takes them: an even flat field of the rows around the spectrum, and a
geometric correction of few points, which is interpolated.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits
from numpy.random import Generator

from caldp.simulation import fits_files
from caldp.simulation.cos import model
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.files import by_itself, carried_over, switches
from caldp.simulation.modes.mode import Mode

_EXPOSURE: Final = "lsim01a1q"
_COLUMNS, _ROWS = 16384, 1024
_LEFT, _RIGHT, _LOW, _HIGH = 1100, 15200, 300, 730
"""Part of the detector that sees light."""
_STIMS: Final = ((380, 980), (16010, 40))
"""Columns and rows of the electronic pulses."""
_ROW, _LAMP_ROW = 480.0, 580.0
_FLAT_ROWS: Final = (400, 560)
_BIN_X, _BIN_Y = 1024, 128
_COUNTS, _DARK, _STIM_RATE = 20_000, 4_000, 1.0
_MODE: Final = ("FUVA", "G140L", 1280)
_WAVELENGTHS: Final = (880.0, 0.0803, 0.0)
_TABLE: Final = {"SEGMENT": "4A", "OPT_ELEM": "5A", "CENWAVE": "J"}
_SPECTRAL: Final = {**_TABLE, "APERTURE": "3A"}


def _events(seconds: float, draw: Generator) -> list[fits.Column]:
    """Draw a spectrum, the detector's own events, and the stims, in order of time."""
    pulses = round(seconds * _STIM_RATE)
    columns = [draw.uniform(_LEFT, _RIGHT, _COUNTS), draw.uniform(_LEFT, _RIGHT, _DARK)]
    rows = [draw.normal(_ROW, 4.0, _COUNTS), draw.uniform(_LOW, _HIGH, _DARK)]
    for column, row in _STIMS:
        columns.append(draw.normal(column, 1.5, pulses))
        rows.append(draw.normal(row, 1.5, pulses))
    time = draw.uniform(0, seconds, _COUNTS + _DARK + 2 * pulses)
    order = np.argsort(time, kind="stable")
    return [
        fits.Column("TIME", "1E", "seconds", array=time[order]),
        fits.Column("RAWX", "1I", "pixels", array=np.concatenate(columns)[order].round()),
        fits.Column("RAWY", "1I", "pixels", array=np.concatenate(rows)[order].round()),
        fits.Column("PHA", "1B", array=draw.integers(6, 18, len(time))),
    ]


def _to_fuv(directory: Path) -> None:
    """Put an exposure of segment A into the place of one with the NUV channel, without flashes."""
    by_itself(directory, _EXPOSURE)
    path = directory / f"{_EXPOSURE}_rawtag.fits"
    with fits.open(path, memmap=False) as hdus:
        primary, times = hdus[0].copy(), hdus["GTI"].copy()
        kept = carried_over(hdus["EVENTS"].header)
    configuration: Keywords = {"DETECTOR": "FUV", "SEGMENT": "FUVA", "OPT_ELEM": _MODE[1], "CENWAVE": _MODE[2]}
    position: Keywords = {"LIFE_ADJ": 1, "FPOFFSET": 0, "FPPOS": 3, "TAGFLASH": "NONE", "XTRCTALG": "BOXCAR"}
    primary.header.update({**configuration, **position})
    primary.header.update(switches("TEMPCORR GEOCORR IGEOCORR RANDCORR PHACORR"))
    seconds = float(kept["EXPTIME"])
    columns = _events(seconds, np.random.default_rng(1280))
    rate = len(columns[0].array) / seconds
    kept |= {f"{name}{number}{axis}": 0 for name in ("CORNER", "SIZE") for number in range(8) for axis in "XY"}
    kept |= {"NSUBARRY": 1, "SIZE0X": _COLUMNS, "SIZE0Y": _ROWS}
    kept |= {"EXPTIMEA": seconds, "EXPTIMEB": 0.0, "NUMFLASH": 0, "STIMRATE": 2 * _STIM_RATE, "DEVENTA": rate}
    events = fits_files.table("EVENTS", columns, {**kept, "NEVENTS": len(columns[0].array), "SDQFLAGS": 8346})
    path.unlink()
    fits_files.write(directory / f"{_EXPOSURE}_rawtag_a.fits", [primary, events, times])


def _no_distortion() -> list[Any]:
    shape = (_ROWS // _BIN_Y + 1, _COLUMNS // _BIN_X + 1)
    keywords: Keywords = {"ORIGIN_X": 0, "ORIGIN_Y": 0, "XBIN": _BIN_X, "YBIN": _BIN_Y}
    return [fits_files.image("FUVA", np.zeros(shape, np.float32), keywords, version) for version in (1, 2)]


def _even_flat() -> list[Any]:
    low, high = _FLAT_ROWS
    keywords: Keywords = {"ORIGIN_X": _LEFT, "ORIGIN_Y": low, "SNR_FF": 100.0}
    return [fits_files.image("FUVA", np.ones((high - low, _RIGHT - _LEFT), np.float32), keywords)]


def _rows(name: str, formats: dict[str, str], *rows: Sequence[Any], keywords: Keywords | None = None) -> list[Any]:
    return [fits_files.rows_table(name, formats, rows, keywords)]


def _apertures(*values: Any) -> list[tuple[Any, ...]]:
    return [(*_MODE, aperture, *values) for aperture in ("PSA", "WCA")]


def _tables() -> dict[str, tuple[str, list[Any]]]:
    """Return type and extensions of the reference files, by the kind."""
    columns = np.arange(0.0, _COLUMNS + 1.0, 64.0)
    constant, linear, _ = _WAVELENGTHS
    wavelengths = constant + linear * columns
    middle = constant + linear * _COLUMNS / 2
    stims = {"SX1": "E", "SY1": "E", "SX2": "E", "SY2": "E", "XWIDTH": "J", "YWIDTH": "J"}
    area = {"A_LEFT": "J", "A_RIGHT": "J", "A_LOW": "J", "A_HIGH": "J"}
    extraction = {"SLOPE": "D", "B_SPEC": "D", "B_BKG1": "D", "B_BKG2": "D"}
    heights = {"HEIGHT": "J", "B_HGT1": "J", "B_HGT2": "J", "BWIDTH": "J"}
    background = (400.0, 660.0, 51, 31, 31, 100)
    curve = {"WAVELENGTH": f"{len(columns)}D", "SENSITIVITY": f"{len(columns)}E"}
    lamp = {"FPOFFSET": "J", "HAS_LINES": "L", "FP_PIXEL_SHIFT": "D", "INTENSITY": f"{_COLUMNS}E"}
    sky = {"CTYPE1": "8A", "CRVAL1": "D", "CRPIX1": "D", "CDELT1": "D", "CDELT2": "D", "CDELT3": "D", "SPORDER": "J"}
    grating = {"G": "D", "ALPHA": "D", "THETA": "D", "SPECRES": "D"}
    change = {"NWL": "J", "NT": "J", "WAVELENGTH": "2D", "TIME": "2D", "SLOPE": "4D", "INTERCEPT": "4D"}
    dates = (model.TDS_REFERENCE, model.TDS_REFERENCE + 10_000.0)
    wavecal = {"OPT_ELEM": "5A", "XC_RANGE": "J", "RESWIDTH": "D", "MAX_TIME_DIFF": "D", "STEPSIZE": "J"}
    return {
        "brf": (
            "BASELINE REFERENCE FRAME TABLE",
            _rows(
                "BRF", {"SEGMENT": "4A", **stims, **area},
                ("FUVA", *_STIMS[0], *_STIMS[1], 60, 60, _LEFT, _RIGHT, _LOW, _HIGH),
                keywords={"TIMESTEP": 60.0},
            ),
        ),
        "geo": ("GEOMETRIC DISTORTION REFERENCE IMAGE", _no_distortion()),
        "flat": ("FLAT FIELD REFERENCE IMAGE", _even_flat()),
        "pha": (
            "PULSE HEIGHT PARAMETERS REFERENCE TABLE",
            _rows(
                "PHA", {"SEGMENT": "4A", "OPT_ELEM": "5A", "LLT": "J", "ULT": "J", "MIN_PEAK": "E", "MAX_PEAK": "E"},
                (*_MODE[:2], 2, 23, 0.3, 3.0),
            ),
        ),
        "dead": (
            "DEADTIME REFERENCE TABLE",
            _rows(
                "DEAD", {"SEGMENT": "4A", "OBS_RATE": "D", "LIVETIME": "D"},
                ("FUVA", 0.0, 1.0), ("FUVA", 40_000.0, 0.7),
                keywords={"TIMESTEP": 10.0},
            ),
        ),
        "bpix": (
            "DATA QUALITY INITIALIZATION TABLE",
            _rows(
                "BPIX", {"SEGMENT": "4A", "LX": "J", "LY": "J", "DX": "J", "DY": "J", "DQ": "J"},
                ("FUVA", _LEFT, _LOW, 90, _HIGH - _LOW, 8), ("FUVA", 7000, 470, 15, 20, 16),
            ),
        ),
        "1dx": (
            "1-D EXTRACTION PARAMETERS TABLE",
            _rows(
                "1DX", {**_SPECTRAL, **extraction, **heights},
                (*_MODE, "PSA", 0.0, _ROW, *background), (*_MODE, "WCA", 0.0, _LAMP_ROW, *background),
            ),
        ),
        "disp": (
            "DISPERSION RELATION REFERENCE TABLE",
            _rows("DISP", {**_SPECTRAL, "NELEM": "J", "COEFF": "3D", "DELTA": "D"}, *_apertures(3, _WAVELENGTHS, 0.0)),
        ),
        "phot": (
            "PHOTOMETRIC SENSITIVITY REFERENCE TABLE",
            _rows("PHOT", {**_SPECTRAL, **curve}, (*_MODE, "PSA", wavelengths, np.full(len(columns), 1e15))),
        ),
        "lamp": (
            "TEMPLATE CAL LAMP SPECTRA TABLE",
            _rows("LAMP", {**_TABLE, **lamp}, (*_MODE, 0, True, 0.0, np.ones(_COLUMNS))),
        ),
        "spwcs": (
            "SPECTROSCOPIC WCS PARAMETERS TABLE",
            _rows(
                "SPWCS", {**_SPECTRAL, **sky, **grating},
                (*_MODE, "PSA", "WAVE", middle, _COLUMNS / 2 + 1, linear, 6e-6, 2.8e-5, 1, 480_000.0, 7.4, 0.0, 2000.0),
            ),
        ),
        "tds": (
            "TIME DEPENDENT SENSITIVITY TABLE",
            _rows(
                "TDS", {**_SPECTRAL, **change}, (*_MODE, "PSA", 2, 2, (800.0, 2400.0), dates, (-1.5,) * 4, (1.0,) * 4),
                keywords={"REF_TIME": model.TDS_REFERENCE},
            ),
        ),
        "wcp": (
            "WAVECAL PARAMETERS REFERENCE TABLE",
            _rows("WCP", {**wavecal, "XD_RANGE": "J", "BOX": "J"}, (_MODE[1], 270, 6.0, 0.067, 244, 50, 7)),
        ),
    }  # fmt: skip


def _write_references(directory: Path) -> None:
    common: Keywords = {"DETECTOR": "FUV", "COSCOORD": "USER", "OBSTYPE": "SPECTROSCOPIC", "VCALCOS": "3.1"}
    for kind, (filetype, extensions) in _tables().items():
        primary = fits_files.reference_primary("COS", filetype, common)
        fits_files.write(directory / _name(kind), [primary, *extensions])


def _name(kind: str) -> str:
    return f"simfuv_{kind}.fits"


_KEYWORDS: Final = {
    "brftab": "brf", "geofile": "geo", "flatfile": "flat", "phatab": "pha", "deadtab": "dead", "bpixtab": "bpix",
    "xtractab": "1dx", "disptab": "disp", "fluxtab": "phot", "lamptab": "lamp", "spwcstab": "spwcs", "tdstab": "tds",
    "wcptab": "wcp",
}  # fmt: skip
_RULES: Final = tuple(ReferenceRule(keyword, _name(kind), {"DETECTOR": "FUV"}) for keyword, kind in _KEYWORDS.items())

MODES: Final = {"COS FUV TIME-TAG of one segment": Mode(_EXPOSURE, "cos", _to_fuv, _write_references, _RULES)}
"""Modes by name."""
