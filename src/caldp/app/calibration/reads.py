"""Ramps of WFC3/IR without the reads that a user wants to leave out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from caldp.app.ports.fits_files import FitsFiles
from caldp.app.process.flow import FetchedInputs
from caldp.domain.calibration.reads import FLAG, samples_of


def omit_reads(
    inputs: FetchedInputs, wishes: Mapping[str, frozenset[int]], fits: FitsFiles, note: Callable[[str], None]
) -> None:
    """Flag reads in the raw files, so that calwf3 leaves them out of its fit.

    Parameters
    ----------
    inputs
        The raw exposures, whose data quality is changed.
    wishes
        Numbers of reads, by exposure.
    fits
        Sets the flags.
    note
        Hears of each exposure.

    Raises
    ------
    UsageError
        If an exposure has no such read, or nothing would be left to fit.
    """
    for name, samples in samples_of(inputs.observation, wishes).items():
        numbers = ", ".join(map(str, sorted(samples.values())))
        text = f"reads {numbers} flagged by {FLAG}, by the user's wish"
        fits.flag(inputs.files[name], samples, FLAG, [f"caldp: {text}"])
        note(f"Reads {numbers} of {name} are left out of the fit, by request: all pixels of its flt have flag {FLAG}")
