"""The raw files of the simulated STIS/CCD spectrum: exposures split for cosmic rays, and a wavelength calibration."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from caldp.simulation import fits_files, observatory
from caldp.simulation.fits_files import Keywords
from caldp.simulation.stis import model
from caldp.simulation.stis.images import FULL_FRAME, SUBARRAY, Readout, digitized, lamp, spectrum

DATASET: Final = "osim02010"

_START: Final = 57500.4
_WAVECAL_TIME: Final = 20.0
_READOUT: Final = 40.0

# fmt: off
_REFERENCE_KEYWORDS: Final = (
    "BPIXTAB", "DARKFILE", "PFLTFILE", "DFLTFILE", "LFLTFILE", "PHOTTAB", "IMPHTTAB", "APERTAB", "CCDTAB", "BIASFILE",
    "CRREJTAB", "APDESTAB", "SPTRCTAB", "DISPTAB", "INANGTAB", "LAMPTAB", "SDCTAB", "XTRACTAB", "PCTAB", "WCPTAB",
    "TDSTAB", "GACTAB", "FRNGFLAT",
)
# fmt: on
_STATISTICS: Final[Keywords] = {"NGOODPIX": 0, "SDQFLAGS": 31743, "GOODMIN": 0.0, "GOODMAX": 0.0, "GOODMEAN": 0.0}
_WAVECAL_SWITCHES: Final[Keywords] = {
    "DQICORR": "PERFORM",
    "ATODCORR": "OMIT",
    "BLEVCORR": "PERFORM",
    "BIASCORR": "PERFORM",
    "CRCORR": "OMIT",
    "RPTCORR": "OMIT",
    "EXPSCORR": "OMIT",
    "DARKCORR": "PERFORM",
    "FLATCORR": "PERFORM",
    "STATFLAG": True,
    "WAVECORR": "PERFORM",
    "X1DCORR": "OMIT",
    "BACKCORR": "OMIT",
    "HELCORR": "OMIT",
    "DISPCORR": "PERFORM",
    "FLUXCORR": "OMIT",
    "CTECORR": "OMIT",
    "X2DCORR": "PERFORM",
}
_SCIENCE_SWITCHES: Final[Keywords] = {
    **_WAVECAL_SWITCHES,
    **dict.fromkeys(("CRCORR", "EXPSCORR", "X1DCORR", "BACKCORR", "HELCORR", "FLUXCORR", "CTECORR"), "PERFORM"),
}


def write_exposures(directory: Path, seed: int, exposures: int, exposure_time: float) -> None:
    """Write the raw files of the association.

    Parameters
    ----------
    directory
        Directory of the files; made if need be.
    seed
        Seed of the random numbers.
    exposures
        Into how many the observation is split, so that cosmic rays can be told.
    exposure_time
        Of each, seconds.
    """
    starts = [_START + number * (exposure_time + _READOUT) / 86400.0 for number in range(exposures)]
    draws = [np.random.default_rng([seed, number]) for number in range(exposures + 1)]
    science = [_Image(f"osim02s{number}q", start, exposure_time) for number, start in enumerate(starts, start=1)]
    spectra = [
        digitized(spectrum(start), exposure_time, SUBARRAY, draw) for start, draw in zip(starts, draws[1:], strict=True)
    ]
    _write_raw(directory / f"{DATASET}_raw.fits", _science_keywords(science), science, spectra, SUBARRAY)
    wavecal = _Image("osim02w1q", _START - (_WAVECAL_TIME + _READOUT) / 86400.0, _WAVECAL_TIME)
    flash = digitized(lamp(), _WAVECAL_TIME, FULL_FRAME, draws[0])
    _write_raw(directory / f"{DATASET}_wav.fits", _wavecal_keywords(wavecal), [wavecal], [flash], FULL_FRAME)
    members = {wavecal.name: "AUTO-WAVECAL"} | {image.name: "CRSPLIT" for image in science}
    observatory.write_association(directory, DATASET, members, instrument="STIS", keywords={"DETECTOR": "CCD"})


@frozen
class _Image:
    """One readout of the CCD: its name, its start (Modified Julian Date) and its exposure time (seconds)."""

    name: str
    start: float
    exposure_time: float


def _write_raw(
    path: Path,
    primary: Keywords,
    images: list[_Image],
    pixels: list[NDArray[np.uint16]],
    readout: Readout,
) -> None:
    hdus: list[Any] = [fits_files.primary(primary)]
    for version, (image, counts) in enumerate(zip(images, pixels, strict=True), start=1):
        common = {"ROOTNAME": DATASET, "EXPNAME": image.name, **_coordinate_keywords(readout)}
        hdus += [
            fits_files.image("SCI", counts, {**common, **_state_keywords(image)}, version),
            fits_files.constant_image("ERR", readout.shape, 0.0, {**common, **_STATISTICS}, version),
            fits_files.constant_image("DQ", readout.shape, 0, common, version),
        ]
    fits_files.write(path, hdus)


def _science_keywords(images: list[_Image]) -> Keywords:
    specific: Keywords = {
        "FILETYPE": "SCI",
        "SCLAMP": "NONE",
        "LAMPSET": "0.0",
        "SUBARRAY": True,
        "CRSPLIT": len(images),
    }
    return {**_primary_keywords(images, "SIMULATED-QSO"), **specific, **SUBARRAY.keywords, **_SCIENCE_SWITCHES}


def _wavecal_keywords(image: _Image) -> Keywords:
    source: Keywords = {"SCLAMP": model.LAMP, "LAMPSET": model.LAMP_CURRENT}
    specific: Keywords = {"FILETYPE": "WAV", **source, "SUBARRAY": False, "CRSPLIT": 1}
    return {**_primary_keywords([image], "WAVEHITM"), **specific, **FULL_FRAME.keywords, **_WAVECAL_SWITCHES}


def _primary_keywords(images: list[_Image], target: str) -> Keywords:
    total = sum(image.exposure_time for image in images)
    times = observatory.time_keywords(images[0].start, total)
    configuration: Keywords = {
        "TDATEOBS": times["DATE-OBS"],
        "TTIMEOBS": times["TIME-OBS"],
        "TEXPSTRT": images[0].start,
        "TEXPEND": images[-1].start + images[-1].exposure_time / 86400.0,
        "TEXPTIME": total,
        "CAL_VER": "",
        "OBSTYPE": "SPECTROSCOPIC",
        "OBSMODE": "ACCUM",
        "PHOTMODE": "",
        "NRPTEXP": 1,
        "DETECTOR": "CCD",
        "OPT_ELEM": model.GRATING,
        "APERTURE": model.APERTURE,
        "PROPAPER": model.APERTURE,
        "APER_FOV": "52x0.2",
        "FILTER": "Clear",
        "CENWAVE": model.CENWAVE,
        "CCDAMP": "D",
        "CCDGAIN": 1,
        "CCDOFFST": 3,
        "ATODGAIN": 0.0,
        "READNSE": 0.0,
        "MTFLAG": "",
        "PA_V3": 100.0,
        "POSTARG1": 0.0,
        "POSTARG2": 0.0,
    }
    return {
        **observatory.programme_keywords("STIS", DATASET, target),
        **configuration,
        **dict.fromkeys(_REFERENCE_KEYWORDS, "N/A"),
        "WAVECAL": f"{DATASET}_wav.fits",
        "ASN_ID": DATASET,
        "ASN_TAB": f"{DATASET}_asn.fits",
    }


def _coordinate_keywords(readout: Readout) -> Keywords:
    first_row = readout.first_row - readout.virtual
    return {
        "BUNIT": "COUNTS",
        "WCSAXES": 2,
        "CRPIX1": model.SIZE / 2 + readout.overscan,
        "CRPIX2": model.MIDDLE_ROW - first_row + 1,
        "CRVAL1": float(model.CENWAVE),
        "CRVAL2": 0.0,
        "CTYPE1": "WAVE",
        "CTYPE2": "ANGLE",
        "CD1_1": 2.73,
        "CD1_2": 0.0,
        "CD2_1": 0.0,
        "CD2_2": model.PLATE_SCALE / 3600.0,
        "CUNIT1": "angstrom",
        "CUNIT2": "deg",
        "LTV1": float(readout.overscan),
        "LTV2": float(1 - first_row),
        "LTM1_1": 1.0,
        "LTM2_2": 1.0,
        "RA_APER": observatory.RIGHT_ASCENSION,
        "DEC_APER": observatory.DECLINATION,
        "PA_APER": 235.0,
        "ORIENTAT": 55.0,
        "DISPAXIS": 1,
        "SHIFTA1": 0.0,
        "SHIFTA2": 0.0,
    }


def _state_keywords(image: _Image) -> Keywords:
    return {
        **observatory.time_keywords(image.start, image.exposure_time),
        "V_HELIO": 0.0,
        "NCOMBINE": 1,
        "OCCDHTAV": model.HOUSING_TEMPERATURE,
        "MEANDARK": 0.0,
        "MEANBLEV": 0.0,
        "SPORDER": 1,
        "DIFF2PT": 1.0,
        "CONT2EML": 0.0,
        "SCALE_A1": 0.0,
        "OMEGAPIX": 0.0,
        **_STATISTICS,
        "SNRMIN": 0.0,
        "SNRMAX": 0.0,
        "SNRMEAN": 0.0,
    }
