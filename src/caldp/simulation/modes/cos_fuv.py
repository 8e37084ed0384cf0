"""Modes of COS's FUV channel: one segment or both with G140L, extracted as at lifetime position 1.

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
from numpy.typing import NDArray

from caldp.simulation import fits_files
from caldp.simulation.cos import model
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.cos import to_images
from caldp.simulation.modes.files import Change, by_itself, carried_over, switches
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
_SEGMENTS: Final = ("FUVA", "FUVB")
_MODE: Final = ("G140L", 1280)
_WAVELENGTHS: Final = {"FUVA": (1190.0, 0.0803, 0.0), "FUVB": (60.0, 0.0803, 0.0)}
"""Wavelengths by segment, as polynomials of the column."""
_SEEDS: Final = {"FUVA": 1280, "FUVB": 1281}
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


def _to_fuv(segments: Sequence[str]) -> Change:
    """Return what puts an exposure of segments into the place of one with the NUV channel, without flashes."""

    def change(directory: Path) -> None:
        by_itself(directory, _EXPOSURE)
        path = directory / f"{_EXPOSURE}_rawtag.fits"
        with fits.open(path, memmap=False) as hdus:
            primary, times = hdus[0], hdus["GTI"]
            kept = carried_over(hdus["EVENTS"].header)
            configuration: Keywords = {"DETECTOR": "FUV", "OPT_ELEM": _MODE[0], "CENWAVE": _MODE[1]}
            position: Keywords = {"LIFE_ADJ": 1, "FPOFFSET": 0, "FPPOS": 3, "TAGFLASH": "NONE", "XTRCTALG": "BOXCAR"}
            primary.header.update({**configuration, **position})
            primary.header.update(switches("TEMPCORR GEOCORR IGEOCORR RANDCORR PHACORR"))
            seconds = float(kept["EXPTIME"])
            columns = {each: _events(seconds, np.random.default_rng(_SEEDS[each])) for each in segments}
            kept |= {f"{name}{number}{axis}": 0 for name in ("CORNER", "SIZE") for number in range(8) for axis in "XY"}
            kept |= {"NSUBARRY": len(segments), "NUMFLASH": 0, "STIMRATE": 2 * _STIM_RATE, "SDQFLAGS": 8346}
            kept |= {f"EXPTIME{each[-1]}": seconds * (each in segments) for each in _SEGMENTS}
            for each in segments:
                first = 4 * _SEGMENTS.index(each)  # four subarrays a segment
                kept |= {f"SIZE{first}X": _COLUMNS, f"SIZE{first}Y": _ROWS}
                kept[f"DEVENT{each[-1]}"] = len(columns[each][0].array) / seconds
            for each, drawn in columns.items():
                primary.header["SEGMENT"] = each
                events = fits_files.table("EVENTS", drawn, {**kept, "NEVENTS": len(drawn[0].array)})
                target = directory / f"{_EXPOSURE}_rawtag_{each[-1].lower()}.fits"
                fits_files.write(target, [primary, events, times])
        path.unlink()

    return change


def _to_images(directory: Path) -> None:
    """Put images of both segments, and the histograms of their pulse heights, into the place of their events."""
    _to_fuv(_SEGMENTS)(directory)
    for path in sorted(directory.glob("*_rawtag_?.fits")):
        write_heights(path)
        to_images(path, "rawaccum", columns=_COLUMNS)


def write_heights(path: Path) -> None:
    """Write the histogram of pulse heights that the archive has beside the image of a segment.

    Parameters
    ----------
    path
        The segment's events.
    """
    with fits.open(path, memmap=False) as hdus:
        heights = np.bincount(hdus["EVENTS"].data["PHA"].astype(int), minlength=128)[:128].astype(np.int32)
        primary, root = fits.PrimaryHDU(header=hdus[0].header), hdus[0].header["ROOTNAME"]
    histogram = fits_files.image("PHA", heights, {"ROOTNAME": root, "EXPNAME": root})
    fits_files.write(path.with_name(path.name.replace("_rawtag", "_pha")), [primary, histogram])


def _no_distortion() -> list[Any]:
    shape = (_ROWS // _BIN_Y + 1, _COLUMNS // _BIN_X + 1)
    keywords: Keywords = {"ORIGIN_X": 0, "ORIGIN_Y": 0, "XBIN": _BIN_X, "YBIN": _BIN_Y}
    nothing = np.zeros(shape, np.float32)
    return [fits_files.image(segment, nothing, keywords, version) for segment in _SEGMENTS for version in (1, 2)]


def _even_flat() -> list[Any]:
    low, high = _FLAT_ROWS
    keywords: Keywords = {"ORIGIN_X": _LEFT, "ORIGIN_Y": low, "SNR_FF": 100.0}
    even = np.ones((high - low, _RIGHT - _LEFT), np.float32)
    return [fits_files.image(segment, even, keywords) for segment in _SEGMENTS]


def _rows(name: str, formats: dict[str, str], *rows: Sequence[Any], keywords: Keywords | None = None) -> list[Any]:
    return [fits_files.rows_table(name, formats, rows, keywords)]


def _both(*values: Any) -> list[tuple[Any, ...]]:
    """Give each segment a row of the same values."""
    return [(segment, *values) for segment in _SEGMENTS]


def _apertures(*values: Any) -> list[tuple[Any, ...]]:
    return [row for aperture in ("PSA", "WCA") for row in _both(*_MODE, aperture, *values)]


def _tables() -> dict[str, tuple[str, list[Any]]]:
    """Return type and extensions of the reference files, by the kind."""
    columns = np.arange(0.0, _COLUMNS + 1.0, 64.0)
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
    bad_areas = ((_LEFT, _LOW, 90, _HIGH - _LOW, 8), (7000, 470, 15, 20, 16))
    return {
        "brf": (
            "BASELINE REFERENCE FRAME TABLE",
            _rows(
                "BRF", {"SEGMENT": "4A", **stims, **area},
                *_both(*_STIMS[0], *_STIMS[1], 60, 60, _LEFT, _RIGHT, _LOW, _HIGH),
                keywords={"TIMESTEP": 60.0},
            ),
        ),
        "geo": ("GEOMETRIC DISTORTION REFERENCE IMAGE", _no_distortion()),
        "flat": ("FLAT FIELD REFERENCE IMAGE", _even_flat()),
        "pha": (
            "PULSE HEIGHT PARAMETERS REFERENCE TABLE",
            _rows(
                "PHA", {"SEGMENT": "4A", "OPT_ELEM": "5A", "LLT": "J", "ULT": "J", "MIN_PEAK": "E", "MAX_PEAK": "E"},
                *_both(_MODE[0], 2, 23, 0.3, 3.0),
            ),
        ),
        "dead": (
            "DEADTIME REFERENCE TABLE",
            _rows(
                "DEAD", {"SEGMENT": "4A", "OBS_RATE": "D", "LIVETIME": "D"},
                *_both(0.0, 1.0), *_both(40_000.0, 0.7),
                keywords={"TIMESTEP": 10.0},
            ),
        ),
        "bpix": (
            "DATA QUALITY INITIALIZATION TABLE",
            _rows(
                "BPIX", {"SEGMENT": "4A", "LX": "J", "LY": "J", "DX": "J", "DY": "J", "DQ": "J"},
                *(row for area_of_one in bad_areas for row in _both(*area_of_one)),
            ),
        ),
        "1dx": (
            "1-D EXTRACTION PARAMETERS TABLE",
            _rows(
                "1DX", {**_SPECTRAL, **extraction, **heights},
                *_both(*_MODE, "PSA", 0.0, _ROW, *background), *_both(*_MODE, "WCA", 0.0, _LAMP_ROW, *background),
            ),
        ),
        "disp": (
            "DISPERSION RELATION REFERENCE TABLE",
            _rows(
                "DISP", {**_SPECTRAL, "NELEM": "J", "COEFF": "3D", "DELTA": "D"},
                *((*row, 3, _WAVELENGTHS[row[0]], 0.0) for row in _apertures()),
            ),
        ),
        "phot": (
            "PHOTOMETRIC SENSITIVITY REFERENCE TABLE",
            _rows(
                "PHOT", {**_SPECTRAL, **curve},
                *((*row, _wavelengths(row[0], columns), np.full(len(columns), 1e15)) for row in _both(*_MODE, "PSA")),
            ),
        ),
        "lamp": (
            "TEMPLATE CAL LAMP SPECTRA TABLE",
            _rows("LAMP", {**_TABLE, **lamp}, *_both(*_MODE, 0, True, 0.0, np.ones(_COLUMNS))),
        ),
        "spwcs": (
            "SPECTROSCOPIC WCS PARAMETERS TABLE",
            _rows("SPWCS", {**_SPECTRAL, **sky, **grating}, *map(_place_on_the_sky, _SEGMENTS)),
        ),
        "tds": (
            "TIME DEPENDENT SENSITIVITY TABLE",
            _rows(
                "TDS", {**_SPECTRAL, **change},
                *_both(*_MODE, "PSA", 2, 2, (50.0, 2600.0), dates, (-1.5,) * 4, (1.0,) * 4),
                keywords={"REF_TIME": model.TDS_REFERENCE},
            ),
        ),
        "wcp": (
            "WAVECAL PARAMETERS REFERENCE TABLE",
            _rows("WCP", {**wavecal, "XD_RANGE": "J", "BOX": "J"}, (_MODE[0], 270, 6.0, 0.067, 244, 50, 7)),
        ),
    }  # fmt: skip


def _wavelengths(segment: str, columns: NDArray[np.float64]) -> NDArray[np.float64]:
    constant, linear, _ = _WAVELENGTHS[segment]
    return constant + linear * columns


def _place_on_the_sky(segment: str) -> tuple[Any, ...]:
    constant, linear, _ = _WAVELENGTHS[segment]
    middle = _COLUMNS / 2
    axes = ("WAVE", constant + linear * middle, middle + 1, linear, 6e-6, 2.8e-5, 1)
    return (segment, *_MODE, "PSA", *axes, 480_000.0, 7.4, 0.0, 2000.0)


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


def _of(change: Change) -> Mode:
    return Mode(_EXPOSURE, "cos", change, _write_references, _RULES)


MODES: Final = {
    "COS FUV TIME-TAG of one segment": _of(_to_fuv(_SEGMENTS[:1])),
    "COS FUV TIME-TAG of both segments": _of(_to_fuv(_SEGMENTS)),
    "COS FUV ACCUM of both segments": _of(_to_images),
}
"""Modes by name."""
