"""The reference files that ACS and WFC3 have in common: photometry, flat fields, parameters of AstroDrizzle."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from caldp.simulation import fits_files
from caldp.simulation.fits_files import Keywords

PHOTOMETRY_KEYWORDS: Final[Keywords] = {"PHOTZPT": -21.1, "PARNUM": 0, "EXTRAP": False, "DBTABLE": "IMPHTTAB"}
"""Keywords in the primary header of an IMPHTTAB without parameterized rows."""

_PARAMETERS: Final[Keywords] = {
    "filter": "ANY",
    "numimages": 1,
    "context": True,
    "build": True,
    "proc_unit": "electron",
    "crbit": 4096,
    "static": False,
    "static_sig": 4.0,
    "skysub": False,
    "skywidth": 0.1,
    "skystat": "mode",
    "skylower": -50.0,
    "skyupper": 200.0,
    "skyclip": 5,
    "skylsigma": 4.0,
    "skyusigma": 4.0,
    "driz_separate": False,
    "driz_sep_kernel": "turbo",
    "driz_sep_pixfrac": 1.0,
    "driz_sep_scale": np.nan,
    "driz_sep_rot": np.nan,
    "driz_sep_bits": 0,
    "median": False,
    "median_newmasks": True,
    "combine_type": "minmed",
    "combine_nsigma": "4 3",
    "combine_nlow": 0,
    "combine_nhigh": 0,
    "combine_lthresh": np.nan,
    "combine_hthresh": np.nan,
    "combine_grow": 1,
    "blot": False,
    "blot_interp": "poly5",
    "blot_sinscl": 1.0,
    "driz_cr": False,
    "driz_cr_corr": False,
    "driz_cr_snr": "3.5 3.0",
    "driz_cr_grow": 1,
    "driz_cr_ctegrow": 0,
    "driz_cr_scale": "1.2 0.7",
    "driz_combine": True,
    "final_wht_type": "EXP",
    "final_kernel": "square",
    "final_pixfrac": 1.0,
    "final_scale": np.nan,
    "final_rot": np.nan,
    "final_bits": 0,
    "final_units": "cps",
}
"""No search for cosmic rays: the simulated detectors meet none, or calibrate them out."""


def photometry_tables(mode: str, photometry: tuple[float, float, float]) -> list[Any]:
    """Make the extensions of an IMPHTTAB.

    Parameters
    ----------
    mode
        The observing mode, as HSTCAL writes it in PHOTMODE, but with commas.
    photometry
        PHOTFLAM (erg/cm2/Angstrom/electron), PHOTPLAM and PHOTBW (Angstrom).
    """
    return [
        fits_files.rows_table(
            name,
            {"OBSMODE": "40A", "DATACOL": "12A", name: "1D", "PEDIGREE": "30A", "DESCRIP": "110A"},
            [(mode, name, value, "MODEL", fits_files.DESCRIPTION)],
        )
        for name, value in zip(("PHOTFLAM", "PHOTPLAM", "PHOTBW"), photometry, strict=True)
    ]


def parameters_table() -> Any:
    """Make the extension of an MDRIZTAB with one row, for any filter and number of images."""
    formats = {str: "12A", int: "1J", float: "1E", bool: "1L"}
    columns = {name: formats[type(value)] for name, value in _PARAMETERS.items()}
    return fits_files.rows_table("MDZ", columns, [tuple(_PARAMETERS.values())])


def flat_extensions(flat: NDArray[np.float32]) -> list[Any]:
    """Make the extensions of a flat field: the response of each pixel, its error, its quality.

    Parameters
    ----------
    flat
        Relative to the mean, shape (rows, columns).
    """
    rows, columns = flat.shape
    place: Keywords = {"BUNIT": "UNITLESS", "CCDCHIP": 1, **fits_files.whole_detector_keywords(rows, columns)}
    return [
        fits_files.image("SCI", flat, place),
        fits_files.constant_image("ERR", (rows, columns), 0.001, place),
        fits_files.constant_image("DQ", (rows, columns), 0, place),
    ]
