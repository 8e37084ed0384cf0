"""The simulated ACS/SBC observation: two dithered exposures of a star field, and the references that calacs needs.

The Solar Blind Channel counts photons: no bias, no read noise, no cosmic rays, and what little it needs makes it
the smallest imaging case.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from caldp.simulation import drizzle, fits_files, observatory
from caldp.simulation.camera import Camera, Pointing
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.fits_files import Keywords
from caldp.simulation.observatory import ImagingExposure
from caldp.simulation.sky import stars
from caldp.simulation.truth import ImageTruth

DATASET: Final = "jsim01010"
CAMERA: Final = Camera(1024, 0.032, bend_columns=(4e-6, -2e-6, 1e-6), bend_rows=(1e-6, 3e-6, -2e-6))
TRUTH: Final = ImageTruth(stars.field(half_width=12.0, rates=(8.0, 250.0)), aperture=8.0)

_FILTER: Final = "F125LP"
_START: Final = 57480.55
_ROLL: Final = 30.0
_DITHER: Final = 0.34
_STAR_SIGMA: Final = 1.6
_SKY_RATE: Final = 0.004
_NONLINEARITY: Final = 4.7e-7

_SBC: Final = {"DETECTOR": "SBC"}
RULES: Final = (
    ReferenceRule("bpixtab", "simsbc_bpx.fits", _SBC),
    ReferenceRule("idctab", "simsbc_idc.fits", _SBC),
    ReferenceRule("imphttab", "simsbc_imp.fits", _SBC),
    ReferenceRule("mdriztab", "simsbc_mdz.fits", _SBC),
    ReferenceRule("mlintab", "simsbc_lin.fits", _SBC),
    ReferenceRule("pfltfile", "simsbc_pfl.fits", {**_SBC, "FILTER1": _FILTER}, '(FILTER1 != "BLOCK1")'),
)

# fmt: off
_REFERENCE_KEYWORDS: Final = (
    "BPIXTAB", "MLINTAB", "DARKFILE", "PFLTFILE", "DFLTFILE", "LFLTFILE", "IDCTAB", "DGEOFILE", "MDRIZTAB", "CFLTFILE",
    "SPOTTAB", "IMPHTTAB", "D2IMFILE", "NPOLFILE", "ATODTAB", "BIASFILE", "CCDTAB", "CRREJTAB", "FLSHFILE", "OSCNTAB",
    "SHADFILE",
)
# fmt: on


def write_references(directory: Path) -> None:
    """Write every reference file that the rules name.

    Parameters
    ----------
    directory
        Directory in which CRDS looks for reference files.
    """
    flat = (_grain() * CAMERA.pixel_area()).astype(np.float32)
    bad_formats = {"CCDAMP": "4A", "PIX1": "1I", "PIX2": "1I", "LENGTH": "1I", "AXIS": "1I", "VALUE": "1I"}
    bad_formats |= {"CCDCHIP": "1I", "CCDGAIN": "1E"}
    bad_rows = [("N/A", 1, row, CAMERA.size, 1, 4, -999, -999.0) for row in range(600, 604)]
    linearity_formats = {"DETECTOR": "8A", "GLOBAL_LIMIT": "1D", "LOCAL_LIMIT": "1D", "TAU": "1D", "EXPAND": "1E"}
    linearity = fits_files.rows_table("LIN", linearity_formats, [("SBC", 200_000.0, 22.0, _NONLINEARITY, 2.0)])
    size = {"SIZAXIS1": CAMERA.size, "SIZAXIS2": CAMERA.size}
    content = {
        "simsbc_bpx.fits": ("BAD PIXELS", [fits_files.rows_table("BPX", bad_formats, bad_rows, size)], {}),
        "simsbc_idc.fits": (
            "DISTORTION COEFFICIENTS",
            [CAMERA.distortion_table((_FILTER, "N/A"))],
            {"NORDER": 3},
        ),
        "simsbc_imp.fits": (
            "IMAGE PHOTOMETRY TABLE",
            drizzle.photometry_tables(f"ACS,SBC,{_FILTER},MJD#", (1.7e-17, 1438.0, 150.0)),
            drizzle.PHOTOMETRY_KEYWORDS,
        ),
        "simsbc_mdz.fits": ("MULTIDRIZZLE PARAMETERS", [drizzle.parameters_table()], {}),
        "simsbc_lin.fits": ("LINEARITY", [linearity], {}),
        "simsbc_pfl.fits": ("PIXEL-TO-PIXEL FLAT", drizzle.flat_extensions(flat), {"FILTER1": _FILTER}),
    }
    for name, (filetype, extensions, keywords) in content.items():
        primary = fits_files.reference_primary("ACS", filetype, {**_SBC, **keywords})
        fits_files.write(directory / name, [primary, *extensions])


def write_exposures(directory: Path, seed: int, exposures: int, exposure_time: float) -> None:
    """Write the raw files of the association.

    Parameters
    ----------
    directory
        Directory of the files; made if need be.
    seed
        Seed of the random numbers.
    exposures
        Number of exposures, each at another point of a line dither.
    exposure_time
        Of each, seconds.
    """
    pointing = Pointing(observatory.RIGHT_ASCENSION, observatory.DECLINATION, _ROLL)
    first = ImagingExposure("jsim01a1q", _START, exposure_time, pointing)
    members = observatory.line_dither(first, exposures, _DITHER)
    for number, exposure in enumerate(members):
        counts = _counts(exposure, np.random.default_rng([seed, number]))
        _write_raw(directory, exposure, counts)
    roles = dict.fromkeys((exposure.rootname for exposure in members), "EXP-DTH")
    observatory.write_association(directory, DATASET, roles, instrument="ACS", keywords=_SBC)


def _grain() -> NDArray[np.float64]:
    """Give the sensitivity of each pixel relative to the mean."""
    return np.random.default_rng(125).normal(1.0, 0.02, (CAMERA.size, CAMERA.size))


def _counts(exposure: ImagingExposure, draw: np.random.Generator) -> NDArray[np.int64]:
    sky_map = CAMERA.sky_map(exposure.pointing, CAMERA.full_window())
    rate = stars.render(TRUTH.stars, sky_map, (CAMERA.size, CAMERA.size), _STAR_SIGMA)
    rate += _SKY_RATE * CAMERA.pixel_area()
    detected = rate * _grain() * (1 - _NONLINEARITY * rate.sum())
    return np.asarray(draw.poisson(detected * exposure.exposure_time), dtype=np.int64)


def _write_raw(directory: Path, exposure: ImagingExposure, counts: NDArray[np.int64]) -> None:
    names = exposure.names
    science: Keywords = {
        **names,
        "BUNIT": "COUNTS",
        **CAMERA.keywords(exposure.pointing, CAMERA.full_window()),
        "CENTERA1": 513,
        "CENTERA2": 513,
        "SIZAXIS1": CAMERA.size,
        "SIZAXIS2": CAMERA.size,
        "BINAXIS1": 1,
        "BINAXIS2": 1,
        "PHOTMODE": "",
        "PHOTFLAM": 0.0,
        "PHOTZPT": 0.0,
        "PHOTPLAM": 0.0,
        "PHOTBW": 0.0,
        "GLOBRATE": counts.sum() / exposure.exposure_time,
        "GLOBLIM": "UNDETERMINED",
        "NGOODPIX": counts.size,
        "SDQFLAGS": 31743,
        "MEANDARK": 0.0,
    }
    hdus = [
        fits_files.primary(_primary_keywords(exposure)),
        fits_files.image("SCI", counts.astype(np.uint16), science),
        fits_files.constant_image("ERR", counts.shape, 0.0, names),
        fits_files.constant_image("DQ", counts.shape, 0, names),
    ]
    fits_files.write(directory / f"{exposure.rootname}_raw.fits", hdus)


def _primary_keywords(exposure: ImagingExposure) -> Keywords:
    configuration: Keywords = {
        "FILETYPE": "SCI",
        "IMAGETYP": "EXT",
        "MTFLAG": "",
        "PA_V3": exposure.pointing.roll,
        "OBSTYPE": "IMAGING",
        "OBSMODE": "ACCUM",
        "CTEIMAGE": "NONE",
        "SCLAMP": "NONE",
        "NRPTEXP": 1,
        "SUBARRAY": False,
        "DETECTOR": "SBC",
        "FILTER1": _FILTER,
        "FW1OFFST": 0,
        "FILTER2": "N/A",
        "FW2OFFST": 0,
        "FWSOFFST": 0,
        "LRFWAVE": 0.0,
        "APERTURE": "SBC",
        "PROPAPER": "SBC",
        "MOFFSET1": 0,
        "MOFFSET2": 0,
    }
    switches: Keywords = {
        "STATFLAG": False,
        "WRTERR": True,
        "DQICORR": "PERFORM",
        "GLINCORR": "PERFORM",
        "LFLGCORR": "PERFORM",
        "PCTECORR": "OMIT",
        "DARKCORR": "OMIT",
        "FLATCORR": "PERFORM",
        "PHOTCORR": "PERFORM",
        "RPTCORR": "OMIT",
        "DRIZCORR": "PERFORM",
    }
    return {
        **observatory.programme_keywords("ACS", exposure.rootname, "SIMULATED-STARS"),
        **observatory.time_keywords(exposure.start, exposure.exposure_time),
        **configuration,
        **switches,
        **dict.fromkeys(_REFERENCE_KEYWORDS, "N/A"),
        "ASN_ID": DATASET,
        "ASN_TAB": f"{DATASET}_asn.fits",
        "ASN_MTYP": "EXP-DTH",
    }
