"""Use case: gather the pages that list the datasets of an output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Final

from attrs import frozen

from caldp.app.layouts import LAYOUTS
from caldp.app.pool import working
from caldp.app.ports.object_store import ObjectStore
from caldp.app.show.show_dataset import read_record
from caldp.domain.batch.job import Job, JobState
from caldp.domain.batch.outcome import group_failures
from caldp.domain.exit_codes import lookup
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.layout import Category
from caldp.domain.output.messages import MessageState
from caldp.domain.output.pictures import main_picture, thumbnail_of
from caldp.domain.output.survey import DatasetStatus, count_states
from caldp.domain.report.page import IndexPage, IndexRow
from caldp.domain.report.picture import Picture

ROWS: Final = 1000
"""Datasets on one page of a list."""
_LARGEST_THUMBNAIL: Final = 24_000
_AT_ONCE: Final = 16


@frozen
class GatherList:
    """Gathers the pages of a list, one after the other: of many datasets the pictures would not fit into memory.

    Attributes
    ----------
    store
        The output.
    place
        Its location, as commands name it.
    """

    store: ObjectStore
    place: str

    def pages(
        self, statuses: Sequence[DatasetStatus], pages: Mapping[str, str], causes: Mapping[str, str] | None = None
    ) -> Iterator[IndexPage]:
        """Yield the pages.

        Parameters
        ----------
        statuses
            The datasets.
        pages
            Names of the pages about single datasets, by dataset.
        causes
            Causes of failures by dataset, if they are known; None to read them from the records.
        """
        counts = count_states(statuses)
        parts = [statuses[first : first + ROWS] for first in range(0, max(1, len(statuses)), ROWS)]
        with working(_AT_ONCE, "caldp-report") as pool:
            causes = self._causes(statuses, pool) if causes is None else causes
            alike = group_failures(Job(name, JobState.FAILED, cause=cause) for name, cause in causes.items())
            by_cause = {group.cause: len(group.datasets) for group in alike}
            for number, part in enumerate(parts, 1):
                pictures = pool.map(self._thumbnail, part)
                rows = tuple(
                    IndexRow(status, causes.get(status.name, ""), picture, pages.get(status.name, ""))
                    for status, picture in zip(part, pictures, strict=True)
                )
                yield IndexPage(self.place, rows, len(statuses), counts, by_cause, number, len(parts))

    def _causes(self, statuses: Sequence[DatasetStatus], pool: Executor) -> Mapping[str, str]:
        failed = [DatasetName.parse(one.name) for one in statuses if one.state == MessageState.ERROR.value]
        return dict(zip((dataset.name for dataset in failed), pool.map(self._cause, failed), strict=True))

    def _cause(self, dataset: AnyDataset) -> str:
        """Return the first failure in a dataset's record; else the name of its status."""
        record, problem = read_record(self.store, dataset)
        if record is None:
            return problem
        known = lookup(record.status)
        return record.failures[0].message if record.failures else str(known.name if known else record.status)

    def _thumbnail(self, status: DatasetStatus) -> Picture | None:
        if not status.previews:
            return None
        dataset = DatasetName.parse(status.name)
        keys = dict(self._previews(dataset))
        name = thumbnail_of(main_picture(dataset.name, keys), keys)
        data = self.store.get_part(keys[name], 0, _LARGEST_THUMBNAIL + 1) if name else None
        picture = Picture(name, data) if data and len(data) <= _LARGEST_THUMBNAIL else None
        return picture if picture and picture.media_type else None

    def _previews(self, dataset: AnyDataset) -> Iterable[tuple[str, str]]:
        """Yield the previews of a dataset that lie by themselves: name and key."""
        for layout in LAYOUTS.values():
            if not layout.archive_key(dataset):
                prefix = layout.file_key(dataset, Category.PREVIEW, "")
                yield from ((stored.key.rpartition("/")[2], stored.key) for stored in self.store.list(prefix))
