"""Use case: the calibration switches of a dataset, as its raw headers have them."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from caldp.app.ports.archive_source import ArchiveSource
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.process.steps.fetch import fetch
from caldp.app.scratch.work_directory import make_work_directory, place_for_trial, remove_work_directory
from caldp.domain.calibration.switches import SwitchStates, check_instrument, switch_states
from caldp.domain.errors import UsageError
from caldp.domain.run.request import RunRequest


@frozen
class ListSwitches:
    """Lists the switches of a dataset; built by `caldp.container.build_switch_list`.

    Attributes
    ----------
    request
        The run whose inputs are looked at.
    source
        Source of inputs; None if they would have to be downloaded.
    fits
        Reads headers.
    """

    request: RunRequest
    source: ArchiveSource | None
    fits: FitsFiles

    def __call__(self, tell: Listener) -> tuple[SwitchStates, ...]:
        """List the switches.

        Raises
        ------
        UsageError
            If the dataset has no switches, or its inputs are not here.
        CaldpError
            If the inputs cannot be read.
        """
        dataset, settings = self.request.dataset, self.request.settings
        check_instrument(dataset)
        if self.source is None:
            raise UsageError(
                f"The switches of {dataset} stand in its raw files, which would have to be downloaded.",
                advice="Name a directory that has them: caldp switches DATASET INPUT.",
            )
        work = make_work_directory(dataset, place_for_trial(Path(settings.home).expanduser(), None))
        try:
            return switch_states(fetch(dataset, self.source, self.fits, work, tell).observation)
        finally:
            remove_work_directory(work)
