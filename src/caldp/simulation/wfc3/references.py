"""The reference files that calwf3 needs for the simulated WFC3/IR exposures, and the rules for CRDS."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from caldp.simulation import drizzle, fits_files
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.wfc3 import model

_IR: Final = {"DETECTOR": "IR"}
_DETECTOR_SIZE: Final = model.CAMERA.size + 2 * model.BORDER
_WHOLE: Final[Keywords] = {
    "LTV1": float(model.BORDER),
    "LTV2": float(model.BORDER),
    "LTM1_1": 1.0,
    "LTM2_2": 1.0,
    "BINAXIS1": 1,
    "BINAXIS2": 1,
}

RULES: Final = (
    ReferenceRule("bpixtab", "simir_bpx.fits", _IR),
    ReferenceRule("ccdtab", "simir_ccd.fits", _IR),
    ReferenceRule("crrejtab", "simir_crr.fits", _IR),
    ReferenceRule("darkfile", "simir_drk.fits", {**_IR, **model.SEQUENCE}),
    ReferenceRule("idctab", "simir_idc.fits", _IR),
    ReferenceRule("imphttab", "simir_imp.fits", _IR),
    ReferenceRule("mdriztab", "simir_mdz.fits", _IR),
    ReferenceRule("nlinfile", "simir_lin.fits", _IR),
    ReferenceRule("oscntab", "simir_osc.fits", _IR),
    ReferenceRule("pfltfile", "simir_pfl.fits", {**_IR, "FILTER": model.FILTER}, '(FILTER != "BLANK")'),
)


def write_references(directory: Path) -> None:
    """Write every reference file that the rules name.

    Parameters
    ----------
    directory
        Directory in which CRDS looks for reference files.
    """
    photometry = drizzle.photometry_tables(f"WFC3,IR,{model.FILTER},MJD#", (1.9e-20, 15369.0, 826.0))
    distortion = model.CAMERA.distortion_table((model.FILTER,))
    content: dict[str, tuple[str, list[Any], Keywords]] = {
        "simir_bpx.fits": ("BAD PIXELS", [_bad_pixel_table()], {}),
        "simir_ccd.fits": ("CCD PARAMETERS", [_detector_table()], {}),
        "simir_crr.fits": ("COSMIC RAY REJECTION", [_cosmic_ray_table()], {}),
        "simir_drk.fits": ("DARK", _dark_extensions(), _dark_keywords()),
        "simir_idc.fits": ("DISTORTION COEFFICIENTS", [distortion], {"NORDER": 3}),
        "simir_imp.fits": ("IMAGE PHOTOMETRY TABLE", photometry, drizzle.PHOTOMETRY_KEYWORDS),
        "simir_lin.fits": ("LINEARITY COEFFICIENTS", _linearity_extensions(), {"NCOEF": 4, "NERR": 10}),
        "simir_mdz.fits": ("MULTIDRIZZLE PARAMETERS", [drizzle.parameters_table()], {}),
        "simir_osc.fits": ("OVERSCAN", [_overscan_table()], {}),
        "simir_pfl.fits": ("PIXEL-TO-PIXEL FLAT", _flat_extensions(), {"FILTER": model.FILTER, "CCDAMP": "ABCD"}),
    }
    for name, (filetype, extensions, keywords) in content.items():
        primary = fits_files.reference_primary("WFC3", filetype, {**_IR, **keywords})
        fits_files.write(directory / name, [primary, *extensions])


def _constant(name: str, value: float, version: int = 1) -> Any:
    return fits_files.constant_image(name, (_DETECTOR_SIZE, _DETECTOR_SIZE), value, _WHOLE, version)


def _bad_pixel_table() -> Any:
    formats = {"CCDCHIP": "1I", "PIX1": "1J", "PIX2": "1J", "LENGTH": "1I", "VALUE": "1I", "AXIS": "1I"}
    rows = [(1, 460, 470, 1, 4, 1), (1, 580, 455, 2, 16, 1)]
    size: Keywords = {"SIZAXIS1": _DETECTOR_SIZE, "SIZAXIS2": _DETECTOR_SIZE}
    return fits_files.rows_table("BPX", formats, rows, size)


def _detector_table() -> Any:
    row: dict[str, Any] = {"CCDAMP": "ABCD", "CCDCHIP": 1, "CCDGAIN": 2.5, "BINAXIS1": 1, "BINAXIS2": 1}
    for prefix, value in (("CCDOFST", -1), ("CCDBIAS", 0.0), ("ATODGN", model.GAIN), ("READNSE", model.READ_NOISE)):
        row |= {f"{prefix}{amplifier}": value for amplifier in "ABCD"}
    row |= {"AMPX": 512, "AMPY": 512, "SATURATE": 77900.0}
    return fits_files.one_row_table("CCD", row)


def _cosmic_ray_table() -> Any:
    """Make one row that serves ramps of any length and exposures of any time."""
    row: dict[str, Any] = {"CRSPLIT": 2, "MEANEXP": 1e6, "SCALENSE": "0.0", "INITGUES": "minimum", "SKYSUB": "none"}
    row |= {"CRSIGMAS": "4.0", "CRRADIUS": 0.0, "CRTHRESH": 0.0, "BADINPDQ": 256, "CRMASK": True}
    row |= {"CCDCHIP": 1, "IRRAMP": True}
    return fits_files.one_row_table("CRR", row)


def _overscan_table() -> Any:
    edge = {"CCDAMP": "ABCD", "CCDCHIP": 1, "BINX": 1, "BINY": 1, "NX": model.SUBARRAY.size, "NY": model.SUBARRAY.size}
    row: dict[str, Any] = dict(edge)
    row |= {"TRIMX1": model.BORDER, "TRIMX2": model.BORDER, "TRIMX3": 0, "TRIMX4": 0}
    row |= {"TRIMY1": model.BORDER, "TRIMY2": model.BORDER}
    row |= dict.fromkeys(("VX1", "VX2", "VY1", "VY2", "VX3", "VX4", "VY3", "VY4"), 0)
    row |= {"BIASSECTA1": 2, "BIASSECTA2": 5, "BIASSECTB1": 262, "BIASSECTB2": 265}
    row |= dict.fromkeys(("BIASSECTC1", "BIASSECTC2", "BIASSECTD1", "BIASSECTD2"), 0)
    return fits_files.one_row_table("OSC", row)


def _dark_keywords() -> Keywords:
    times = model.longest_sequence()[:0:-1]
    exposures = {f"EXPOS_{number}": time for number, time in enumerate((*times, 0.0), start=1)}
    return {"CCDAMP": "ABCD", "CCDGAIN": 2.5, **model.SEQUENCE, "NUMEXPOS": len(exposures), **exposures}


def _dark_extensions() -> list[Any]:
    """Make the dark of every read, last read first as in a raw ramp."""
    size = model.SUBARRAY.size
    place: Keywords = {**_WHOLE, "LTV1": float(-model.SUBARRAY.left), "LTV2": float(-model.SUBARRAY.bottom)}
    extensions = []
    for version, time in enumerate(reversed(model.longest_sequence()), start=1):
        values = {"SCI": model.DARK_RATE / model.GAIN * time, "ERR": 0.0, "DQ": 0, "SAMP": 1, "TIME": time}
        extensions += [
            fits_files.constant_image(name, (size, size), value, {**place, "SAMPTIME": time}, version)
            for name, value in values.items()
        ]
    return extensions


def _linearity_extensions() -> list[Any]:
    coefficients = (0.0, model.FLATTENING, 0.0, 0.0)
    return [
        *(_constant("COEF", value, version) for version, value in enumerate(coefficients, start=1)),
        *(_constant("ERR", 0.0, version) for version in range(1, 11)),
        _constant("DQ", 0),
        _constant("NODE", model.SATURATION),
        _constant("ZSCI", model.BIAS),
        _constant("ZERR", model.READ_NOISE / model.GAIN),
    ]


def _flat_extensions() -> list[Any]:
    flat = np.pad(model.grain() * model.CAMERA.pixel_area(), model.BORDER, constant_values=1.0)
    return [
        fits_files.image("SCI", flat.astype(np.float32), _WHOLE),
        _constant("ERR", 0.001),
        _constant("DQ", 0),
        _constant("SAMP", 1),
        _constant("TIME", 1.0),
    ]
