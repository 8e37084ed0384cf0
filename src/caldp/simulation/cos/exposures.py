"""The raw files of the simulated COS/NUV association: event lists, support files, association table."""

from pathlib import Path
from typing import Final

import numpy as np
from astropy.io import fits

from caldp.simulation import fits_files, observatory
from caldp.simulation.cos import model
from caldp.simulation.cos import photons as cos_photons
from caldp.simulation.cos.photons import Exposure
from caldp.simulation.fits_files import Keywords

DATASET: Final = "lsim01010"
TARGET: Final = "SIMULATED-QSO"

_START: Final = 57462.30
_OVERHEAD: Final = 180.0
_FLASH: Final = 12.0

_SWITCHES: Final[Keywords] = {
    "FLATCORR": "PERFORM",
    "DEADCORR": "PERFORM",
    "DQICORR": "PERFORM",
    "STATFLAG": True,
    "TEMPCORR": "OMIT",
    "GEOCORR": "OMIT",
    "DGEOCORR": "OMIT",
    "IGEOCORR": "OMIT",
    "RANDCORR": "OMIT",
    "RANDSEED": -1,
    "XWLKCORR": "OMIT",
    "YWLKCORR": "OMIT",
    "PHACORR": "OMIT",
    "TRCECORR": "OMIT",
    "ALGNCORR": "OMIT",
    "XTRCTALG": "BOXCAR",
    "BADTCORR": "OMIT",
    "DOPPCORR": "PERFORM",
    "HELCORR": "PERFORM",
    "X1DCORR": "PERFORM",
    "BACKCORR": "PERFORM",
    "WAVECORR": "PERFORM",
    "FLUXCORR": "PERFORM",
    "BRSTCORR": "OMIT",
    "TDSCORR": "PERFORM",
}
# fmt: off
_REFERENCE_KEYWORDS: Final = (
    "FLATFILE", "DEADTAB", "BPIXTAB", "SPOTTAB", "GSAGTAB", "HVTAB", "BRFTAB", "GEOFILE", "DGEOFILE",
    "TRACETAB", "PROFTAB", "TWOZXTAB", "XWLKFILE", "YWLKFILE", "PHATAB", "PHAFILE", "BADTTAB", "XTRACTAB",
    "LAMPTAB", "DISPTAB", "IMPHTTAB", "FLUXTAB", "WCPTAB", "BRSTTAB", "TDSTAB", "SPWCSTAB",
)
# fmt: on


def write_exposures(directory: Path, seed: int, exposures: int, exposure_time: float) -> None:
    """Write the raw files of the association.

    Parameters
    ----------
    directory
        Directory of the files; made if need be.
    seed
        Seed of the random numbers.
    exposures
        Number of exposures; they take the four FP-POS in turn.
    exposure_time
        Of each, seconds; at least 60.
    """
    members = [_exposure(number, exposure_time) for number in range(exposures)]
    for number, exposure in enumerate(members):
        photons = cos_photons.detect(exposure, np.random.default_rng([seed, number]))
        _write_rawtag(directory, exposure, photons)
        observatory.write_support(directory, "COS", exposure.rootname, exposure.start)
    roles = dict.fromkeys((exposure.rootname for exposure in members), "EXP-FP")
    observatory.write_association(directory, DATASET, roles, instrument="COS", keywords={"DETECTOR": "NUV"})


def _exposure(number: int, exposure_time: float) -> Exposure:
    """Plan one exposure of the association: the next FP-POS (3, 4, 1, 2), a lamp flash at either end."""
    return Exposure(
        rootname=f"lsim01a{number + 1}q",
        start=_START + number * (exposure_time + _OVERHEAD) / 86400.0,
        exposure_time=exposure_time,
        fp_offset=model.FP_OFFSETS[(number + 2) % len(model.FP_OFFSETS)],
        drift=1.3,
        offset=(2.4 + 0.7 * number, -1.8),
        flashes=((0.0, _FLASH), (exposure_time - _FLASH, exposure_time)),
    )


def _write_rawtag(directory: Path, exposure: Exposure, photons: cos_photons.Photons) -> None:
    events = fits_files.table(
        "EVENTS",
        [
            fits.Column("TIME", "1E", "seconds", array=photons.time),
            fits.Column("RAWX", "1I", "pixels", array=photons.column),
            fits.Column("RAWY", "1I", "pixels", array=photons.row),
        ],
        _events_keywords(exposure, len(photons.time)),
    )
    good_times = fits_files.rows_table(
        "GTI", {"START": "1D", "STOP": "1D"}, [(0.0, exposure.exposure_time)], _names(exposure)
    )
    primary = fits_files.primary(_primary_keywords(exposure))
    fits_files.write(directory / f"{exposure.rootname}_rawtag.fits", [primary, events, good_times])


def _primary_keywords(exposure: Exposure) -> Keywords:
    configuration: Keywords = {
        "FILETYPE": "SCI",
        "IMAGETYP": "TIME-TAG",
        "POSTARG1": 0.0,
        "POSTARG2": 0.0,
        "CAL_VER": "",
        "OBSTYPE": "SPECTROSCOPIC",
        "OBSMODE": "TIME-TAG",
        "EXPTYPE": "EXTERNAL/SCI",
        "DETECTOR": "NUV",
        "SEGMENT": "N/A",
        "COSCOORD": "USER",
        "SUBARRAY": False,
        "LAMPPLAN": "P1",
        "LAMPUSED": "P1",
        "LAMPSET": "MEDIUM",
        "LIFE_ADJ": 1,
        "EXP_NUM": 1,
        "NRPTEXP": 1,
        "FPPOS": exposure.fp_offset + 3,
        "CENWAVE": model.CENWAVE,
        "APERTURE": "PSA",
        "PROPAPER": "PSA",
        "APERXPOS": 22.1,
        "APERYPOS": 126.1,
        "OPT_ELEM": model.GRATING,
        "SHUTTER": "Open",
        "EXTENDED": "NO",
        "TAGFLASH": "AUTO",
    }
    archive: Keywords = {
        "FPOFFSET": exposure.fp_offset,
        "BANDWID": 0.0,
        "SPECRES": 0.0,
        "CENTRWV": float(model.CENWAVE),
        "MINWAVE": 0.0,
        "MAXWAVE": 0.0,
        "PLATESC": 0.0,
        "ASN_ID": DATASET,
        "ASN_TAB": f"{DATASET}_asn.fits",
    }
    return {
        **observatory.programme_keywords("COS", exposure.rootname, TARGET),
        **configuration,
        **_SWITCHES,
        **dict.fromkeys(_REFERENCE_KEYWORDS, "N/A"),
        **archive,
    }


def _events_keywords(exposure: Exposure, events: int) -> Keywords:
    pointing: Keywords = {
        "ASN_MTYP": "EXP-FP",
        "RA_APER": observatory.RIGHT_ASCENSION,
        "DEC_APER": observatory.DECLINATION,
        "PA_APER": 45.0,
        "DISPAXIS": 1,
        "X_OFFSET": 100,
        "ORIENTAT": 45.0,
        "SUNANGLE": 110.0,
        "MOONANGL": 70.0,
        "SUN_ALT": 30.0,
        "FGSLOCK": "FINE",
    }
    timing: Keywords = {
        **observatory.time_keywords(exposure.start, exposure.exposure_time),
        "EXPSTRTJ": exposure.start + 2400000.5,
        "EXPENDJ": exposure.start + exposure.exposure_time / 86400.0 + 2400000.5,
        "PLANTIME": exposure.exposure_time,
        "RAWTIME": exposure.exposure_time,
    }
    doppler: Keywords = {
        "V_HELIO": -999.0,
        "ORBITPER": observatory.ORBIT_PERIOD,
        "DOPPMAGV": cos_photons.DOPPLER_VELOCITY,
        "DOPPON": False,
        "DOPPZERO": exposure.doppler_zero,
    }
    counts: Keywords = {
        "NSUBARRY": 0,
        "SDQFLAGS": 184,
        "SDQOUTER": 0,
        "NEVENTS": events,
        "MEVENTS": events / exposure.exposure_time,
        "GLOBRATE": -999.0,
        "NGOODPIX": -999,
        "GOODMEAN": -999.0,
        "GOODMAX": -999.0,
        "SOFTERRS": 0,
    }
    measured = {key: -999.0 for name in ("SP_LOC", "SP_OFF", "SP_NOM", "SP_SLP", "SP_HGT") for key in _per_stripe(name)}
    shifts = dict.fromkeys(("SHIFT1A", "SHIFT1B", "SHIFT1C", "SHIFT2A", "SHIFT2B", "SHIFT2C"), 0.0)
    return {
        **_names(exposure),
        **pointing,
        **shifts,
        **measured,
        **timing,
        **_lamp_keywords(exposure),
        **doppler,
        **counts,
    }


def _per_stripe(name: str) -> tuple[str, ...]:
    return tuple(f"{name}_{stripe.name[-1]}" for stripe in model.STRIPES)


def _lamp_keywords(exposure: Exposure) -> Keywords:
    keywords: dict[str, float] = {"NUMFLASH": len(exposure.flashes)}
    for number, (on, off) in enumerate(exposure.flashes, start=1):
        keywords[f"LMPDUR{number}"] = off - on
        keywords[f"LMP_ON{number}"] = on
        keywords[f"LMPOFF{number}"] = off
        keywords[f"LMPMED{number}"] = (on + off) / 2
    return keywords


def _names(exposure: Exposure) -> Keywords:
    return {"ROOTNAME": exposure.rootname, "EXPNAME": exposure.rootname}
