"""The raw files of the simulated WFC3/IR association: ramps of non-destructive reads."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from caldp.simulation import fits_files, observatory
from caldp.simulation.camera import Pointing
from caldp.simulation.fits_files import Keywords
from caldp.simulation.observatory import ImagingExposure
from caldp.simulation.sky import stars
from caldp.simulation.wfc3 import model

DATASET: Final = "isim02010"

_START: Final = 57490.21
_ROLL: Final = 75.0
_DITHER: Final = 1.43
_STAR_SIGMA: Final = 1.1
_SKY_RATE: Final = 0.8
_SHAPE: Final = (model.SUBARRAY.size, model.SUBARRAY.size)

_SWITCHES: Final[Keywords] = {
    "DQICORR": "PERFORM",
    "ZSIGCORR": "PERFORM",
    "ZOFFCORR": "PERFORM",
    "DARKCORR": "PERFORM",
    "BLEVCORR": "PERFORM",
    "NLINCORR": "PERFORM",
    "FLATCORR": "PERFORM",
    "CRCORR": "PERFORM",
    "UNITCORR": "PERFORM",
    "PHOTCORR": "PERFORM",
    "RPTCORR": "OMIT",
    "DRIZCORR": "PERFORM",
}
# fmt: off
_REFERENCE_KEYWORDS: Final = (
    "BPIXTAB", "CCDTAB", "OSCNTAB", "CRREJTAB", "DARKFILE", "NLINFILE", "PFLTFILE", "DFLTFILE", "LFLTFILE", "IMPHTTAB",
    "IDCTAB", "DGEOFILE", "MDRIZTAB", "NPOLFILE", "D2IMFILE",
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
        Number of exposures, each at another point of a line dither.
    exposure_time
        Of each, seconds; the nearest ramp of the sequence is taken (15 to 103 s).
    """
    times = model.read_times(exposure_time)
    pointing = Pointing(observatory.RIGHT_ASCENSION, observatory.DECLINATION, _ROLL)
    first = ImagingExposure("isim02a1q", _START, times[-1], pointing)
    members = observatory.line_dither(first, exposures, _DITHER)
    for number, exposure in enumerate(members):
        ramp = _ramp(exposure, times, np.random.default_rng([seed, number]))
        _write_raw(directory, exposure, times, ramp)
    roles = dict.fromkeys((exposure.rootname for exposure in members), "EXP-DTH")
    observatory.write_association(directory, DATASET, roles, instrument="WFC3", keywords={"DETECTOR": "IR"})


def _ramp(
    exposure: ImagingExposure, times: tuple[float, ...], draw: np.random.Generator
) -> tuple[NDArray[np.uint16], ...]:
    """Read the detector at each time, without emptying it in between."""
    rate = _rate(exposure)
    electrons = np.zeros(_SHAPE)
    reads = []
    for duration in np.diff((0.0, *times)):
        electrons += draw.poisson(rate * duration)
        true = electrons / model.GAIN
        # What the true signal, s = m (1 + f m), measures as.
        measured = (np.sqrt(1 + 4 * model.FLATTENING * true) - 1) / (2 * model.FLATTENING)
        noise = draw.normal(0.0, model.READ_NOISE / model.GAIN, _SHAPE)
        reads.append(np.rint(model.BIAS + measured + noise).astype(np.uint16))
    return tuple(reads)


def _rate(exposure: ImagingExposure) -> NDArray[np.float64]:
    """Give the electrons per second in each pixel of the subarray; the reference pixels get none."""
    window = model.SUBARRAY
    light = stars.render(model.TRUTH.stars, model.CAMERA.sky_map(exposure.pointing, window), _SHAPE, _STAR_SIGMA)
    lit = slice(model.BORDER, window.size - model.BORDER)
    on_detector = slice(window.left + model.BORDER, window.left + window.size - model.BORDER)
    area, grain = (whole[on_detector, on_detector] for whole in (model.CAMERA.pixel_area(), model.grain()))
    rate = np.zeros(_SHAPE)
    rate[lit, lit] = (light[lit, lit] + _SKY_RATE * area) * grain + model.DARK_RATE
    return rate


def _write_raw(
    directory: Path, exposure: ImagingExposure, times: tuple[float, ...], ramp: tuple[NDArray[np.uint16], ...]
) -> None:
    """Write a ramp, last read first."""
    hdus: list[Any] = [fits_files.primary(_primary_keywords(exposure, len(times)))]
    for version, read in enumerate(reversed(range(len(times))), start=1):
        place: Keywords = {
            **exposure.names,
            **model.CAMERA.keywords(exposure.pointing, model.SUBARRAY),
            "CENTERA1": 513,
            "CENTERA2": 513,
            "SIZAXIS1": model.SUBARRAY.size,
            "SIZAXIS2": model.SUBARRAY.size,
            "BINAXIS1": 1,
            "BINAXIS2": 1,
        }
        time, duration = times[read], times[read] - times[max(read - 1, 0)]
        timing: Keywords = {
            "SAMPNUM": read,
            "SAMPTIME": time,
            "DELTATIM": duration,
            "ROUTTIME": exposure.start + time / 86400.0,
        }
        science: Keywords = {**place, **timing, "BUNIT": "COUNTS", "NCOMBINE": 1, "SDQFLAGS": 31743, "NGOODPIX": 0}
        hdus.append(fits_files.image("SCI", ramp[read], science, version))
        constants = {"ERR": 0.0, "DQ": 0, "SAMP": read + 1, "TIME": time}
        hdus += [fits_files.constant_image(name, _SHAPE, value, place, version) for name, value in constants.items()]
    fits_files.write(directory / f"{exposure.rootname}_raw.fits", hdus)


def _primary_keywords(exposure: ImagingExposure, reads: int) -> Keywords:
    configuration: Keywords = {
        "FILETYPE": "SCI",
        "IMAGETYP": "EXT",
        "MTFLAG": "",
        "PA_V3": exposure.pointing.roll,
        "OBSTYPE": "IMAGING",
        "OBSMODE": "MULTIACCUM",
        "SCLAMP": "NONE",
        "NRPTEXP": 1,
        "SUBARRAY": True,
        "DETECTOR": "IR",
        "FILTER": model.FILTER,
        **model.SEQUENCE,
        "NSAMP": reads,
        "SAMPZERO": 0.0,
        "APERTURE": "IRSUB256",
        "PROPAPER": "IRSUB256",
        "DIRIMAGE": "NONE",
        "SCAN_TYP": "N",
        "CCDAMP": "ABCD",
        "CCDGAIN": 2.5,
    }
    photometry: Keywords = {
        "PHOTMODE": "",
        "PHOTFLAM": 0.0,
        "PHOTFNU": 0.0,
        "PHOTZPT": 0.0,
        "PHOTPLAM": 0.0,
        "PHOTBW": 0.0,
    }
    return {
        **observatory.programme_keywords("WFC3", exposure.rootname, "SIMULATED-STARS"),
        **observatory.time_keywords(exposure.start, exposure.exposure_time),
        **configuration,
        **_SWITCHES,
        **dict.fromkeys(_REFERENCE_KEYWORDS, "N/A"),
        **photometry,
        "ASN_ID": DATASET,
        "ASN_TAB": f"{DATASET}_asn.fits",
        "ASN_MTYP": "EXP-DTH",
    }
