"""The use case: which datasets of an output, or of loose files, are stale, by how much, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.app.layouts import LAYOUTS
from caldp.app.pool import working
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.header_source import HeaderSource
from caldp.app.ports.object_store import ObjectStore
from caldp.app.ports.reference_choice import ReferenceChoice
from caldp.app.ports.reference_comparison import ReferenceComparison
from caldp.app.stale.comparisons import Comparisons
from caldp.app.stale.examination import Examination
from caldp.app.stale.in_headers import InHeaders
from caldp.app.stale.in_records import InRecords
from caldp.domain.hst.dataset import AnyDataset, DatasetName, is_dataset_name
from caldp.domain.output.layout import MESSAGES, RECORD
from caldp.domain.stale.findings import DatasetFinding
from caldp.domain.stale.remarks import Present

_AT_ONCE: Final = 16
"""Enough for the latency of S3; more threads cost more than the work itself, of which one is done at a time."""
_LAYOUTS: Final = tuple(LAYOUTS.values())


@frozen
class FindStale:
    """Finds stale datasets.

    Attributes
    ----------
    choice
        The context to compare with.
    comparison
        Compares reference files.
    headers
        Reads headers.
    fits
        Digests reference files.
    present
        Present engines and settings.
    overrides
        Reference files of the user's own that would be used now: paths by keyword.
    """

    choice: ReferenceChoice
    comparison: ReferenceComparison
    headers: HeaderSource
    fits: FitsFiles
    present: Present
    overrides: dict[str, str]

    def in_output(self, store: ObjectStore, datasets: Sequence[AnyDataset] = ()) -> Iterator[DatasetFinding]:
        """Examine the datasets of an output, in the order of their names.

        Parameters
        ----------
        store
            An output in either layout.
        datasets
            Datasets to examine; none for all that have a message, or files if there are no messages.

        Raises
        ------
        BestrefsError
            If the context, or its rules, are not to be had.
        PublishError
            If the output cannot be read.
        """
        self.choice.context()
        wanted = sorted(datasets, key=str) if datasets else [DatasetName.parse(name) for name in names_in(store)]
        examiner = self.examiner(store)
        for dataset in wanted[:1]:
            yield examiner.examine(dataset)
        layout, others = examiner.layout, wanted[1:]  # as a rule an output has one layout

        def key(dataset: AnyDataset) -> str:
            return layout.log_key(dataset, RECORD)

        def examined(found: tuple[AnyDataset, bytes | None]) -> DatasetFinding:
            dataset, body = found
            if body is None:
                return examiner.examine(dataset)
            return examiner.of_record(dataset, layout, body, store.locate(key(dataset)))

        with closing(store.get_many(map(key, others))) as bodies, working(_AT_ONCE, "caldp-stale") as pool:
            # A pool takes all that it is given at once, and there may be a million.
            remaining = zip(others, bodies, strict=True)
            while piece := list(islice(remaining, 4 * _AT_ONCE)):
                yield from pool.map(examined, piece)

    def examiner(self, store: ObjectStore) -> InRecords:
        """Return what examines single datasets of an output, in several threads."""
        examination = self._examination()
        in_headers = InHeaders(self.headers, examination, self.present)
        return InRecords(store, examination, self.headers, self.present, in_headers)

    def in_files(self, paths: Sequence[Path], names: Sequence[AnyDataset] = ()) -> Iterator[DatasetFinding]:
        """Examine the datasets of loose files; see `InHeaders.of_places`."""
        self.choice.context()
        in_headers = InHeaders(self.headers, self._examination(), self.present)
        yield from in_headers.of_places(paths, frozenset(map(str, names)))

    def _examination(self) -> Examination:
        comparisons = Comparisons(self.choice, self.comparison, self.fits)
        return Examination(self.choice, comparisons, self.overrides)


def names_in(store: ObjectStore) -> list[str]:
    """List the datasets of an output by their messages; where there are none, by their files."""
    found = {name for key in _keys(store, MESSAGES) for name in _by_message(key)}
    if not found:
        found = {name for layout in _LAYOUTS for place in layout.places for name in _by_file(store, place)}
    return sorted(found)


def _keys(store: ObjectStore, prefix: str) -> Iterator[str]:
    return (stored.key for stored in store.list(prefix))


def _by_message(key: str) -> Iterator[str]:
    for layout in _LAYOUTS:
        found = layout.read_message(key)
        if found is not None and is_dataset_name(found[0]):
            yield found[0]


def _by_file(store: ObjectStore, place: str) -> Iterator[str]:
    for key in _keys(store, place):
        for layout in _LAYOUTS:
            found = layout.read_file(key)
            if found is not None and is_dataset_name(found[0]):
                yield found[0]
