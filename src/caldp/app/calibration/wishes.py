"""Wishes of a user that change the inputs before references are assigned to them."""

from __future__ import annotations

from collections.abc import Callable

from caldp.app.calibration.members import choose_members
from caldp.app.calibration.reads import omit_reads
from caldp.app.calibration.switches import set_switches
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.process.flow import FetchedInputs
from caldp.domain.calibration.members import parse_members
from caldp.domain.calibration.reads import parse_reads
from caldp.domain.run.settings import Settings


def granted(inputs: FetchedInputs, settings: Settings, fits: FitsFiles, note: Callable[[str], None]) -> FetchedInputs:
    """Reduce an association to the members that are wanted, set switches in their headers, and flag reads.

    Parameters
    ----------
    inputs
        Inputs in the work directory; files and headers are changed.
    settings
        The wishes.
    fits
        Changes headers and tables.
    note
        Hears of each change.

    Raises
    ------
    UsageError
        If the inputs have no such member, switch or read.
    """
    chosen = choose_members(inputs, parse_members(settings.members), fits, note)
    switched = set_switches(chosen, settings.switches, fits, note)
    omit_reads(switched, parse_reads(settings.omitted_reads), fits, note)
    return switched
