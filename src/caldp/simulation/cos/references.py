"""The reference files that calcos needs for the simulated COS/NUV exposures, and the rules for CRDS."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from caldp.simulation import fits_files
from caldp.simulation.cos import model
from caldp.simulation.crds_cache import ReferenceRule

_MODE_FORMATS: Final = {"SEGMENT": "4A", "OPT_ELEM": "5A", "CENWAVE": "J", "APERTURE": "3A"}
_DETECTOR: Final = {"DETECTOR": "NUV"}
_SPECTRA: Final = {**_DETECTOR, "OBSTYPE": "SPECTROSCOPIC", "LIFE_ADJ": "N/A"}


def _of_spectra(filekind: str, filename: str, **match: str) -> ReferenceRule:
    """Make a rule for spectra; to images such a file is not relevant, as in the contexts of the archive."""
    return ReferenceRule(filekind, filename, {**_SPECTRA, **match}, '(OBSTYPE == "SPECTROSCOPIC")')


RULES: Final = (
    ReferenceRule("bpixtab", "simnuv_bpix.fits", _DETECTOR),
    ReferenceRule("deadtab", "simnuv_dead.fits", _DETECTOR),
    _of_spectra("disptab", "simnuv_disp.fits"),
    ReferenceRule("flatfile", "simnuv_flat.fits", {**_DETECTOR, "OPT_ELEM": "N/A", "LIFE_ADJ": "N/A"}),
    _of_spectra("fluxtab", "simnuv_phot.fits"),
    _of_spectra("lamptab", "simnuv_lamp.fits"),
    _of_spectra("spwcstab", "simnuv_spwcs.fits"),
    _of_spectra("tdstab", "simnuv_tds.fits", CENWAVE="N/A"),
    _of_spectra("wcptab", "simnuv_wcp.fits"),
    _of_spectra("xtractab", "simnuv_1dx.fits"),
)


def write_references(directory: Path) -> None:
    """Write every reference file that the rules name.

    Parameters
    ----------
    directory
        Directory in which CRDS looks for reference files.
    """
    flat = fits_files.image("SCI", model.flat_field(), {"SNR_FF": 100.0, "ORIGIN_X": 0, "ORIGIN_Y": 0})
    extensions = {
        "simnuv_1dx.fits": ("1-D EXTRACTION PARAMETERS TABLE", _extraction_table()),
        "simnuv_bpix.fits": ("DATA QUALITY INITIALIZATION TABLE", _bad_pixel_table()),
        "simnuv_dead.fits": ("DEADTIME REFERENCE TABLE", _dead_time_table()),
        "simnuv_disp.fits": ("DISPERSION RELATION REFERENCE TABLE", _dispersion_table()),
        "simnuv_flat.fits": ("FLAT FIELD REFERENCE IMAGE", flat),
        "simnuv_lamp.fits": ("TEMPLATE CAL LAMP SPECTRA TABLE", _lamp_table()),
        "simnuv_phot.fits": ("PHOTOMETRIC SENSITIVITY REFERENCE TABLE", _sensitivity_table()),
        "simnuv_spwcs.fits": ("SPECTROSCOPIC WCS PARAMETERS TABLE", _coordinates_table()),
        "simnuv_tds.fits": ("TIME DEPENDENT SENSITIVITY TABLE", _time_dependence_table()),
        "simnuv_wcp.fits": ("WAVECAL PARAMETERS REFERENCE TABLE", _wavecal_parameters_table()),
    }
    for name, (filetype, extension) in extensions.items():
        primary = fits_files.reference_primary("COS", filetype, {"DETECTOR": "NUV", **_CALCOS_KEYWORDS})
        fits_files.write(directory / name, [primary, extension])


_CALCOS_KEYWORDS: Final[fits_files.Keywords] = {
    "COSCOORD": "USER",
    "OBSTYPE": "SPECTROSCOPIC",
    "VCALCOS": "3.1",
}
"""Keywords that calcos needs in a reference file beside its FILETYPE: an orientation, and a version that it can read.
"""


def _mode(stripe: model.Stripe, aperture: str) -> tuple[Any, ...]:
    return (stripe.name, model.GRATING, model.CENWAVE, aperture)


def _extraction_table() -> Any:
    rows: list[Sequence[Any]] = []
    for stripe in model.STRIPES:
        for aperture, row in (("PSA", stripe.target_row), ("WCA", stripe.lamp_row)):
            height = model.EXTRACTION_HEIGHT
            shape = (model.SLOPE, row, *model.BACKGROUND_ROWS, height, height, height, 51)
            rows.append((*_mode(stripe, aperture), *shape))
    rowwise = {"SLOPE": "D", "B_SPEC": "D", "B_BKG1": "D", "B_BKG2": "D"}
    heights = {"HEIGHT": "J", "B_HGT1": "J", "B_HGT2": "J", "BWIDTH": "J"}
    return fits_files.rows_table("1DX", {**_MODE_FORMATS, **rowwise, **heights}, rows)


def _bad_pixel_table() -> Any:
    formats = {"SEGMENT": "4A", "LX": "J", "LY": "J", "DX": "J", "DY": "J", "DQ": "J"}
    return fits_files.rows_table("BPIX", formats, [("ANY", *region) for region in model.BAD_REGIONS])


def _dead_time_table() -> Any:
    observed = np.arange(0.0, 200_001.0, 5000.0)
    rows = [("ANY", rate, 1 - rate * model.DEAD_TIME) for rate in observed]
    formats = {"SEGMENT": "4A", "OBS_RATE": "D", "LIVETIME": "D"}
    return fits_files.rows_table("DEAD", formats, rows, {"TIMESTEP": 10.0})


def _dispersion_table() -> Any:
    rows = [
        (*_mode(stripe, aperture), fp_offset, len(stripe.coefficients), stripe.coefficients, 0.0)
        for stripe in model.STRIPES
        for aperture in ("PSA", "WCA")
        for fp_offset in model.FP_OFFSETS
    ]
    formats = {**_MODE_FORMATS, "FPOFFSET": "J", "NELEM": "J", "COEFF": "3D", "DELTA": "D"}
    return fits_files.rows_table("DISP", formats, rows)


def _lamp_table() -> Any:
    columns = np.arange(float(model.SIZE))
    rows = []
    for stripe in model.STRIPES:
        for fp_offset in model.FP_OFFSETS:
            shift = model.fp_shift(fp_offset)
            mode = (stripe.name, model.GRATING, model.CENWAVE, fp_offset)
            rows.append((*mode, True, shift, stripe.lamp(columns - shift)))
    formats = {"SEGMENT": "4A", "OPT_ELEM": "5A", "CENWAVE": "J", "FPOFFSET": "J", "HAS_LINES": "L"}
    spectra = {"FP_PIXEL_SHIFT": "D", "INTENSITY": f"{model.SIZE}E"}
    return fits_files.rows_table("LAMP", {**formats, **spectra}, rows)


def _sensitivity_table() -> Any:
    columns = np.arange(-float(model.MARGIN), model.SIZE + model.MARGIN, 4.0)
    rows = [
        (*_mode(stripe, "PSA"), stripe.wavelength(columns), stripe.sensitivity(columns)) for stripe in model.STRIPES
    ]
    spectra = {"WAVELENGTH": f"{len(columns)}D", "SENSITIVITY": f"{len(columns)}E"}
    return fits_files.rows_table("PHOT", {**_MODE_FORMATS, **spectra}, rows)


def _coordinates_table() -> Any:
    middle = model.SIZE / 2
    rows = []
    for stripe in model.STRIPES:
        at_middle = np.array(middle)
        scale = ("WAVE", stripe.wavelength(at_middle), middle + 1, stripe.dispersion(at_middle))
        sky = (7.0e-6, 6.6e-6, 1, 480000.0, 5.0, 0.0, 2900.0)
        rows.append((*_mode(stripe, "PSA"), *scale, *sky))
    scale_formats = {"CTYPE1": "8A", "CRVAL1": "D", "CRPIX1": "D", "CDELT1": "D"}
    sky_formats = {
        "CDELT2": "D",
        "CDELT3": "D",
        "SPORDER": "J",
        "G": "D",
        "ALPHA": "D",
        "THETA": "D",
        "SPECRES": "D",
    }
    return fits_files.rows_table("SPWCS", {**_MODE_FORMATS, **scale_formats, **sky_formats}, rows)


def _time_dependence_table() -> Any:
    """Make a straight line in time, given at two wavelengths and dates because calcos wants arrays of both."""
    wavelengths, dates = (1000.0, 4000.0), (model.TDS_REFERENCE, model.TDS_REFERENCE + 10_000.0)
    line = ((model.TDS_SLOPE,) * 4, (1.0,) * 4)
    rows = [(*_mode(stripe, "PSA"), 2, 2, wavelengths, dates, *line) for stripe in model.STRIPES]
    formats = {"NWL": "J", "NT": "J", "WAVELENGTH": "2D", "TIME": "2D", "SLOPE": "4D", "INTERCEPT": "4D"}
    reference: fits_files.Keywords = {"REF_TIME": model.TDS_REFERENCE}
    return fits_files.rows_table("TDS", {**_MODE_FORMATS, **formats}, rows, reference)


def _wavecal_parameters_table() -> Any:
    search, step = 30, int(model.PIXELS_PER_FP_STEP)
    formats = {"OPT_ELEM": "5A", "XC_RANGE": "J", "RESWIDTH": "D", "MAX_TIME_DIFF": "D", "STEPSIZE": "J"}
    rows = [(model.GRATING, search, 1.5, 0.0104, step, search, 9)]
    return fits_files.rows_table("WCP", {**formats, "XD_RANGE": "J", "BOX": "J"}, rows)
