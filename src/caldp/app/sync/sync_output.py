"""Bringing finished datasets of an output into a directory, whole and once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from caldp.app.pool import working
from caldp.app.ports.listener import Listener
from caldp.app.ports.object_store import ObjectStore
from caldp.app.survey.survey_output import survey_output
from caldp.app.sync.dataset_sync import DatasetSync
from caldp.domain.errors import CaldpError, DownloadError
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.messages import MessageState
from caldp.domain.output.sync import SyncedDataset, SyncOutcome
from caldp.domain.run.events import Level, Note

_LOOKS: Final = 8
"""Datasets that are looked at at the same time."""
_FINISHED: Final = frozenset({MessageState.PROCESSED.value, MessageState.SYNCED.value, MessageState.ARCHIVED.value})


@frozen
class SyncOutput:
    """Fetches datasets that are processed and not yet in a directory.

    Nothing is written where the datasets come from. What was interrupted is taken up by the next call.

    Attributes
    ----------
    source
        Output that the datasets were published in, in either layout.
    target
        A directory, which gets the same layout.
    at_once
        Number of files fetched at the same time.
    """

    source: ObjectStore
    target: ObjectStore
    at_once: int

    def __call__(
        self, datasets: Sequence[AnyDataset] = (), *, again: bool = False, tell: Listener
    ) -> tuple[SyncedDataset, ...]:
        """Fetch datasets, one after the other.

        Parameters
        ----------
        datasets
            Datasets to fetch; none for all that are processed.
        again
            Fetch also what the archive has acknowledged, if it has been processed again since.
        tell
            Hears what is done.

        Returns
        -------
        tuple of SyncedDataset
            By name. A dataset that cannot be fetched does not keep others from it.

        Raises
        ------
        CaldpError
            If the source cannot be listed.
        """
        found = survey_output(self.source, datasets)
        named = {dataset.name for dataset in datasets}
        finished = [self._sync(status.name, tell) for status in found if status.state in _FINISHED]
        with working(_LOOKS, "caldp-look") as pool:
            looked_at = list(pool.map(lambda one: _look(one, again=again), finished))
        results = {
            one.dataset.name: known or _fetch(one, again=again) for one, known in zip(finished, looked_at, strict=True)
        }
        for status in found:
            if status.name in named and status.name not in results:
                error = DownloadError(
                    f"It is not processed: its state is {status.state!r}.", advice="Wait for its run."
                )
                results[status.name] = _failed(status.name, error, tell)
        return tuple(results[name] for name in sorted(results))

    def _sync(self, name: str, tell: Listener) -> DatasetSync:
        return DatasetSync(self.source, self.target, DatasetName.parse(name), self.at_once, tell)


def _look(one: DatasetSync, *, again: bool) -> SyncedDataset | None:
    """Look whether a dataset must be fetched. One that cannot be looked at must: that says why."""
    try:
        return one.look(again=again)
    except CaldpError:
        return None


def _fetch(one: DatasetSync, *, again: bool) -> SyncedDataset:
    try:
        return one(again=again)
    except CaldpError as error:
        return _failed(one.dataset.name, error, one.tell)


def _failed(name: str, error: CaldpError, tell: Listener) -> SyncedDataset:
    tell(Note(f"{name}: {error.message}", Level.WARNING))
    return SyncedDataset(name, SyncOutcome.FAILED, status=error.exit_code, message=error.message, advice=error.advice)
