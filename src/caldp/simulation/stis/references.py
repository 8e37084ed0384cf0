"""The reference files that calstis needs for the simulated STIS/CCD spectrum, and the rules for CRDS."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from caldp.simulation import fits_files
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.stis import model

_CCD: Final = {"DETECTOR": "CCD"}
_WAVELENGTHS: Final = np.linspace(2500.0, 6500.0, 81)
_MODE: Final = {"OPT_ELEM": model.GRATING, "CENWAVE": model.CENWAVE}
_ORDER: Final = {**_MODE, "SPORDER": 1}
_SLIT: Final = {"APERTURE": model.APERTURE}
_EXTRACTION_HEIGHT: Final = 7
_WHOLE: Final[Keywords] = {
    "BUNIT": "UNITLESS",
    **fits_files.whole_detector_keywords(model.SIZE, model.SIZE),
}

RULES: Final = tuple(
    ReferenceRule(kind, f"simccd_{suffix}.fits", _CCD)
    for kind, suffix in {
        "apdestab": "apd",
        "apertab": "apt",
        "biasfile": "bia",
        "bpixtab": "bpx",
        "ccdtab": "ccd",
        "crrejtab": "crr",
        "darkfile": "drk",
        "disptab": "dsp",
        "gactab": "gac",
        "inangtab": "iac",
        "lamptab": "lmp",
        "lfltfile": "lfl",
        "pctab": "pct",
        "pfltfile": "pfl",
        "phottab": "pht",
        "sdctab": "sdc",
        "sptrctab": "1dt",
        "tdstab": "tds",
        "wcptab": "wcp",
        "xtractab": "1dx",
    }.items()
)


def write_references(directory: Path) -> None:
    """Write every reference file that the rules name.

    Parameters
    ----------
    directory
        Directory in which CRDS looks for reference files.
    """
    mode: Keywords = {"OBSTYPE": "SPECTROSCOPIC", "OPT_ELEM": model.GRATING, "CCDAMP": "D", "CCDGAIN": 1}
    bias: Keywords = {**mode, "CCDOFFST": 3, "BINAXIS1": 1, "BINAXIS2": 1}
    dark: Keywords = {**mode, "REF_TEMP": model.HOUSING_TEMPERATURE, "DRK_VS_T": 0.07}
    content: dict[str, tuple[str, list[Any], Keywords]] = {
        "1dt": ("1-D SPECTRUM TRACE TABLE", [_trace_table()], {}),
        "1dx": ("1-D EXTRACTION PARAMETER TABLE", [_extraction_table()], {}),
        "apd": ("APERTURE DESCRIPTION TABLE", [_slit_table()], {}),
        "apt": ("APERTURE THROUGHPUT TABLE", [_curve_table(_SLIT, model.slit_throughput(_WAVELENGTHS))], {}),
        "bia": ("CCD BIAS IMAGE", _constant_images(model.BIAS_STRUCTURE), bias),
        "bpx": ("BAD PIXEL TABLE", [_bad_pixel_table()], {}),
        "ccd": ("CCD PARAMETERS TABLE", [_detector_table()], {}),
        "crr": ("COSMIC RAY REJECTION TABLE", [_cosmic_ray_table()], {}),
        "drk": ("DARK IMAGE", _constant_images(model.DARK_RATE), dark),
        "dsp": ("DISPERSION COEFFICIENTS TABLE", [_dispersion_table()], {}),
        "gac": (
            "GRATING-APERTURE CORRECTION TABLE",
            [_curve_table({**_MODE, **_SLIT}, model.grating_correction(_WAVELENGTHS))],
            {},
        ),
        "iac": ("INCIDENCE ANGLE CORRECTION TABLE", [_incidence_table()], {}),
        "lfl": ("LOW-ORDER FLATFIELD IMAGE", _constant_images(1.0), mode),
        "lmp": ("TEMPLATE CAL LAMP SPECTRA TABLE", [_lamp_table()], {}),
        "pct": ("PHOTOMETRIC CORRECTION TABLE", [_height_table()], mode),
        "pfl": ("PIXEL-TO-PIXEL FLATFIELD IMAGE", _flat_images(), mode),
        "pht": (
            "PHOTOMETRIC CONVERSION TABLE",
            [_curve_table(_ORDER, model.throughput(_WAVELENGTHS), ERROR=np.zeros_like(_WAVELENGTHS))],
            {"OBSTYPE": "SPECTROSCOPIC", "CENWAVE": -1},
        ),
        "sdc": ("2-D SPECTRUM DISTORTION CORRECTION TABLE", [_rectification_table()], {}),
        "tds": ("TIME DEPENDENT SENSITIVITY TABLE", [_time_dependence_table()], {}),
        "wcp": ("WAVECAL PARAMETERS TABLE", [_wavecal_parameters_table()], {}),
    }
    for suffix, (filetype, extensions, keywords) in content.items():
        primary = fits_files.reference_primary("STIS", filetype, {**_CCD, **keywords})
        fits_files.write(directory / f"simccd_{suffix}.fits", [primary, *extensions])


def _one_row(row: dict[str, Any], keywords: Keywords | None = None) -> Any:
    """Make a table of one row, with the pedigree that calstis asks of each."""
    return fits_files.one_row_table("", {**row, "PEDIGREE": "MODEL", "DESCRIP": fits_files.DESCRIPTION}, keywords)


def _curve_table(selection: dict[str, Any], values: Any, **more: Any) -> Any:
    """Make a table with one curve against wavelength."""
    curve = {"NELEM": len(_WAVELENGTHS), "WAVELENGTH": _WAVELENGTHS, "THROUGHPUT": values, **more}
    return _one_row({**selection, **curve})


def _height_table() -> Any:
    """Make the table of the light within boxes of some height: all of it within 7 rows and within the highest."""
    formats = {"APERTURE": "16A", "CENWAVE": "1I", "EXTRHEIGHT": "1I", "NELEM": "1I"}
    formats |= {"WAVELENGTH": f"{len(_WAVELENGTHS)}D", "THROUGHPUT": f"{len(_WAVELENGTHS)}E"}
    curve = (len(_WAVELENGTHS), _WAVELENGTHS, np.ones_like(_WAVELENGTHS))
    rows = [(model.APERTURE, model.CENWAVE, height, *curve) for height in (_EXTRACTION_HEIGHT, 600)]
    return fits_files.rows_table("", formats, rows, {"MAXHGHT": 600})


def _constant_images(value: float) -> list[Any]:
    shape = (model.SIZE, model.SIZE)
    values = {"SCI": value, "ERR": 0.0, "DQ": 0}
    return [fits_files.constant_image(name, shape, each, _WHOLE) for name, each in values.items()]


def _flat_images() -> list[Any]:
    return [fits_files.image("SCI", model.flat_field(), _WHOLE), *_constant_images(0.0)[1:]]


def _trace_table() -> Any:
    place = {"A1CENTER": model.SIZE / 2, "A2CENTER": model.MIDDLE_ROW, "NELEM": model.SIZE}
    rows = model.trace(np.arange(1.0, model.SIZE + 1))
    return _one_row({**_ORDER, **place, "A2DISPL": rows, "SNR_THRESH": 0.0, "MJD": 54000.0, "DEGPERYR": 0.0})


def _extraction_table() -> Any:
    boxes = {"EXTRSIZE": float(_EXTRACTION_HEIGHT), "BK1SIZE": 5.0, "BK2SIZE": 5.0, "BK1OFFST": -30.0, "BK2OFFST": 30.0}
    tilts = {"SLTCOEFF": np.zeros(7), "NCOEFFSL": 1, "BKTCOEFF": np.zeros(7), "NCOEFFBK": 1, "BACKORD": 0}
    return _one_row({**_SLIT, **_ORDER, **boxes, **tilts, "XTRACALG": "UNWEIGHTED", "MAXSRCH": 20})


def _slit_table() -> Any:
    (first, first_width), (second, second_width) = model.BARS
    size = {"WIDTH1": model.SLIT_WIDTH, "WIDTH2": model.SLIT_LENGTH, "ANGLE": 0.315, "OFFSET1": 0.0, "OFFSET2": 0.0}
    bars = {"NBARS": 2, "BAR1LOCN": first, "BAR2LOCN": second, "BAR3LOCN": 0.0}
    widths = {"BAR1WIDTH": first_width, "BAR2WIDTH": second_width, "BAR3WIDTH": 0.0}
    return _one_row({**_SLIT, **size, **bars, **widths})


def _bad_pixel_table() -> Any:
    formats = {"PIX1": "I", "PIX2": "I", "LENGTH": "I", "AXIS": "I", "VALUE": "I", "OPT_ELEM": "8A"}
    rows = [(200, 300, 40, 2, 16, "ANY"), (700, 500, 3, 1, 4, "ANY")]
    return fits_files.rows_table("", formats, rows, {"SIZAXIS1": 1062, "SIZAXIS2": 1044})


def _detector_table() -> Any:
    mode = {"CCDAMP": "D", "CCDGAIN": 1, "CCDOFFST": 3, "BINAXIS1": 1, "BINAXIS2": 1}
    levels = {"ATODGAIN": model.GAIN, "CCDBIAS": model.BIAS_LEVEL, "READNSE": model.READ_NOISE}
    levels |= {"SATURATE": model.SATURATION, "BLEV_CLIP": 50.0}
    # The simulated detector loses no charge in transfer.
    transfer = {"CTINORM": 0.0, "CTIGPOWER": 0.82, "CTIBGFAC": -3.0, "CTIBGPOWER": 0.3, "CTIREFMJD": 51765.25}
    transfer |= {"CTITIMFAC": 0.205, "SPURCHARGE": 0.5, "HALOFAC": 0.0, "HALOMINFRAC": 0.0}
    return _one_row({**mode, **levels, **transfer})


def _cosmic_ray_table() -> Any:
    """Make rows that serve two to eight exposures of any time."""
    formats = {"CRSPLIT": "I", "MEANEXP": "E", "SCALENSE": "8A", "INITGUES": "8A", "SKYSUB": "4A", "CRSIGMAS": "20A"}
    formats |= {"CRRADIUS": "E", "CRTHRESH": "E", "BADINPDQ": "I", "CRMASK": "L"}
    parameters = (1e6, "0.0", "minimum", "none", "6.5,5.5,4.5", 1.5, 0.8, 0, True)
    return fits_files.rows_table("", formats, [(number, *parameters) for number in range(2, 9)])


def _dispersion_table() -> Any:
    coefficients = np.zeros(10)
    coefficients[:3] = model.DISPERSION
    place = {"REF_APER": model.APERTURE, "A2CENTER": model.MIDDLE_ROW}
    relation = {"NCOEFF": 7, "COEFF": coefficients, "MREF": 1, "YREF": model.MIDDLE_ROW, "A4CORR": 0.0}
    return _one_row({**_MODE, **place, **relation})


def _incidence_table() -> Any:
    return _one_row({**_ORDER, "NCOEFF1": 1, "COEFF1": np.zeros(8), "NCOEFF2": 1, "COEFF2": np.zeros(8)})


def _lamp_table() -> Any:
    wavelengths = np.arange(2700.0, 5900.0, 0.5)
    template = {"NELEM": len(wavelengths), "WAVELENGTH": wavelengths, "FLUX": model.lamp(wavelengths)}
    return _one_row({"SCLAMP": model.LAMP, "LAMPSET": model.LAMP_CURRENT, "OPT_ELEM": model.GRATING, **template})


def _rectification_table() -> Any:
    size = {"A2CENTER": model.MIDDLE_ROW, "NPIX1": 1100, "NPIX2": 1100, "CRPIX1": 550.5, "CRPIX2": 550.5}
    scale = {"CRVAL1": float(model.CENWAVE), "CRVAL2": 0.0, "CDELT1": 2.73, "CDELT2": model.PLATE_SCALE}
    return _one_row({**_SLIT, **_ORDER, **size, **scale})


def _time_dependence_table() -> Any:
    """Make a straight line in time, given at two wavelengths and dates because calstis wants arrays of both."""
    line = {"SLOPE": np.full(4, model.TDS_SLOPE), "INTERCEPT": np.ones(4), "NWL": 2, "NT": 2}
    axes = {"WAVELENGTH": np.array([2500.0, 6500.0]), "TIME": np.array([50_000.0, 60_000.0])}
    temperature = {"REFTEMP": model.HOUSING_TEMPERATURE, "TEMPSENS": np.full(2, 0.003)}
    row = {"OPT_ELEM": model.GRATING, **axes, **line, **temperature}
    return _one_row(row, {"REF_TIME": model.TDS_REFERENCE})


def _wavecal_parameters_table() -> Any:
    trims = {"WL_TRIM1": 60, "WL_TRIM2": 300, "SP_TRIM1": 60, "SP_TRIM2": 60, "WL_RANGE": 71, "SP_RANGE": 41}
    limits = {"NSIG_CR": 15.0, "NSIG_ILL": 1000.0, "MAD_REJ": 3.0, "MIN_MAD": 1.0}
    return _one_row({**_CCD, "OPT_ELEM": model.GRATING, **trims, **limits})
