"""Keywords of raw headers before calibration: versions of the software, and a seed that makes a run repeatable."""

from __future__ import annotations

from caldp.app.ports.fits_files import FitsFiles
from caldp.app.process.flow import FetchedInputs
from caldp.domain.hst.files import HeaderValue
from caldp.domain.hst.instrument import Instrument
from caldp.domain.run.settings import Settings


def set_keywords(inputs: FetchedInputs, settings: Settings, fits: FitsFiles) -> None:
    """Write the versions of the software, and for COS the seed of random numbers, into every raw exposure.

    Parameters
    ----------
    inputs
        The inputs; their raw exposures' primary headers are changed.
    settings
        Holds the versions.
    fits
        Edits headers.

    Raises
    ------
    InvalidInput
        If a raw exposure cannot be read.
    """
    dataset = inputs.observation.dataset
    if dataset.is_mosaic:
        return  # visits and cells start from products, whose headers say what made them
    keywords: dict[str, HeaderValue] = {
        "CSYS_VER": settings.csys_ver,
        "AWSDPVER": settings.awsdpver,
        "AWSYSVER": settings.awsysver,
    }
    if dataset.instrument is Instrument.COS:
        keywords["RANDSEED"] = 1  # else calcos takes the clock, and no two runs give the same pixels
    for name in sorted(inputs.observation.raws):
        fits.set_keywords(inputs.files[name], keywords)
