"""Datasets of an output: their records, and where these do not suffice the headers of their raw files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import define, evolve, field

from caldp.app.layouts import LAYOUTS
from caldp.app.ports.header_source import HeaderSource
from caldp.app.ports.object_store import ObjectStore, StoredObject
from caldp.app.stale.comparisons import OldFile
from caldp.app.stale.examination import Examination
from caldp.app.stale.in_headers import InHeaders
from caldp.domain.errors import InvalidRecord
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import HstFileName
from caldp.domain.output.layout import RECORD, Category, Layout
from caldp.domain.run.recorded import RecordedRun
from caldp.domain.stale.findings import DatasetFinding, Exposure, Origin
from caldp.domain.stale.header_values import FileHeaders, exposure_of
from caldp.domain.stale.recorded import recorded_exposures
from caldp.domain.stale.remarks import Present, remarks_of
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.selecting import has_entry

_LAYOUTS: Final = tuple(LAYOUTS.values())
_MOSAIC: Final = "it is made of calibrated exposures, whose references its record does not have: examine these"


@define
class InRecords:
    """Examines datasets of an output.

    Attributes
    ----------
    store
        The output.
    examination
        Judges exposures.
    headers
        Reads headers.
    present
        Present engines and settings, for remarks.
    in_headers
        Examines datasets that have no record.
    """

    store: ObjectStore
    examination: Examination
    headers: HeaderSource
    present: Present
    in_headers: InHeaders
    _layouts: Sequence[Layout] = field(default=_LAYOUTS, init=False)

    @property
    def layout(self) -> Layout:
        """The layout in which the last record was found."""
        return self._layouts[0]

    def examine(self, dataset: AnyDataset) -> DatasetFinding:
        """Examine a dataset by its record, in either layout; by the headers of its files if it has none.

        Raises
        ------
        BestrefsError
            If the context, or its rules, are not to be had.
        PublishError
            If the output cannot be read.
        """
        for layout in self._layouts:
            key = layout.log_key(dataset, RECORD)
            body = self.store.get_bytes(key)
            if body is not None:
                # As a rule an output has one layout, and each wrong question costs a request.
                self._layouts = sorted(_LAYOUTS, key=lambda other: other is not layout)
                return self.of_record(dataset, layout, body, self.store.locate(key))
        return self._without_record(dataset)

    def of_record(self, dataset: AnyDataset, layout: Layout, body: bytes, place: str) -> DatasetFinding:
        """Examine a dataset by its record.

        Parameters
        ----------
        dataset, layout
            The dataset, and the arrangement of the output.
        body, place
            The record, and its address.
        """
        finding = DatasetFinding(dataset.name, Origin.RECORD, place)
        try:
            run = RecordedRun.from_json(body.decode("utf-8", "replace"))
        except InvalidRecord as error:
            return evolve(finding, problem=f"its record cannot be read: {error.message.rstrip('.')}")
        finding = evolve(finding, old_context=run.context, remarks=tuple(remarks_of(run, self.present)))
        failed = f"its record says status {run.status}" if run.status else ""
        exposures = tuple(recorded_exposures(run))
        if not exposures:
            none = _MOSAIC if dataset.is_mosaic else "its record names no raw file with references"
            return evolve(finding, problem=failed or none)
        finding = evolve(finding, problem=failed)
        used = {
            (one.keyword, one.name.lower()): OldFile(one.name.lower(), one.size, one.sha256, one.override, one.hdus)
            for one in run.references
        }
        if not run.selection or any(map(self.examination.lacking, exposures)):
            exposures = self._with_headers(dataset, layout, exposures)
        judged = self.examination.judged(finding, exposures, used)
        if not any(_may_be_less(judged, exposure) for exposure in exposures if exposure.is_partial):
            return judged
        return self.examination.judged(finding, self._with_headers(dataset, layout, exposures), used)

    def _with_headers(self, dataset: AnyDataset, layout: Layout, exposures: Sequence[Exposure]) -> tuple[Exposure, ...]:
        """Add to exposures what the headers of their raw files tell, as far as these are delivered."""
        wanted = {exposure.name for exposure in exposures if HstFileName.parse(exposure.name) is not None}
        found = {file.name: file for file in self._raw_headers(dataset, layout, wanted)}
        return tuple(
            _completed(exposure, found[exposure.name]) if exposure.name in found else exposure for exposure in exposures
        )

    def _raw_headers(self, dataset: AnyDataset, layout: Layout, wanted: set[str]) -> Iterator[FileHeaders]:
        archive = layout.archive_key(dataset)
        if not archive:
            for name in sorted(wanted):
                yield from self._headers_at(layout.file_key(dataset, Category.PRODUCT, name))
            return
        left = set(wanted)
        for stored in self.store.list(archive):
            for file in self._headers_in(stored) if stored.key == archive else ():
                if file.name in left:
                    left.discard(file.name)
                    yield file
                if not left:
                    return

    def _headers_in(self, stored: StoredObject) -> Iterator[FileHeaders]:
        if stored.key.endswith(".fits"):
            yield from self._headers_at(stored.key)
            return
        name, place = stored.key.rpartition("/")[2], self.store.locate(stored.key)
        for file in self.headers.stream(name, place, self.store.get_stream(stored)):
            if isinstance(file, FileHeaders):
                yield file

    def _headers_at(self, key: str) -> Iterator[FileHeaders]:
        def read(start: int, size: int) -> bytes:
            return self.store.get_part(key, start, size) or b""

        file = self.headers.parts(key.rpartition("/")[2], self.store.locate(key), read)
        if isinstance(file, FileHeaders):
            yield file

    def _without_record(self, dataset: AnyDataset) -> DatasetFinding:
        files: list[FileHeaders] = []
        place = ""
        for layout in _LAYOUTS:
            archive = layout.archive_key(dataset)
            for stored in self.store.list(archive or layout.prefix(dataset)):
                parts = layout.read_file(stored.key)
                if parts is not None and parts[0] == dataset.name and stored.key.endswith((".fits", ".tar.gz")):
                    place = place or self.store.locate(stored.key)
                    files += self._headers_in(stored)
        if not files:
            problem = "it has neither a record nor FITS files"
            return DatasetFinding(dataset.name, Origin.HEADERS, self.store.locate(""), problem=problem)
        return self.in_headers.of_dataset(dataset.name, place, files)


def _may_be_less(judged: DatasetFinding, exposure: Exposure) -> bool:
    """Tell whether more header values could prove a lower rung for an exposure."""
    return any(
        one.rung is Rung.CHANGED and exposure.name in one.exposures and has_entry(exposure.instrument, one.keyword)
        for one in judged.types
    )


def _completed(exposure: Exposure, raw: FileHeaders) -> Exposure:
    full = exposure_of(raw, None, exposure.references)
    return evolve(
        exposure,
        instrument=exposure.instrument or full.instrument,
        selection={**full.selection, **exposure.selection},
        values=full.values,
        switches=exposure.switches or full.switches,
        region=full.region,
        is_partial=False,
    )
