"""References of a whole batch, assigned and fetched before its first dataset runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from caldp.app.calibration.switches import set_in
from caldp.app.ports.archive_source import ArchiveSource
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.ports.reference_file_service import ReferenceFileService
from caldp.app.process.steps.fetch import is_raw
from caldp.app.scratch.work_directory import make_work_directory, remove_work_directory
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.calibration.switch_facts import Wish
from caldp.domain.errors import CaldpError
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.hst.files import FitsFacts
from caldp.domain.run.events import Event, Level, Note

_TOGETHER: Final = 25
"""Datasets whose raw files are copied at the same time; CRDS reads headers from files, and changes them."""


@define
class Gathered:
    """References of a batch.

    Attributes
    ----------
    present
        Size of each reference file that is in the cache, bytes, by name.
    missing
        Size of each that is not there, bytes, by name; None if CRDS's catalogue does not tell.
    unassigned
        Datasets that no references could be assigned to, with the reason; their own runs will say more.
    contexts
        Context that references were assigned from, by dataset.
    """

    present: dict[str, int] = field(factory=dict)
    missing: dict[str, int | None] = field(factory=dict)
    unassigned: dict[str, str] = field(factory=dict)
    contexts: dict[str, str] = field(factory=dict)

    def take(self, assignment: Assignment, datasets: Iterable[str]) -> None:
        """Take in an assignment to some datasets."""
        for reference in assignment.references:
            if reference.path.is_file():
                self.present[reference.name] = reference.path.stat().st_size
            else:
                self.missing[reference.name] = reference.size
        self.contexts |= dict.fromkeys(datasets, assignment.context)


@frozen
class GatherReferences:
    """Assigns references to the datasets of a batch, each file once, whoever uses it.

    Attributes
    ----------
    source
        Return the archive of a dataset's inputs, given its number in the batch.
    service
        Make a reference service: one that downloads what is missing, or one that only tells it.
    home
        Directory of scratch work.
    fits
        Sets switches in copies of raw headers.
    switches
        Switches that all datasets of the batch are to have.
    """

    source: Callable[[int], ArchiveSource]
    service: Callable[[], ReferenceFileService]
    home: Path
    fits: FitsFiles
    switches: Mapping[str, Wish] = field(factory=dict)

    def __call__(self, datasets: Sequence[tuple[int, str]], tell: Listener, stops: Callable[[], int]) -> Gathered:
        """Assign references to some datasets, and fetch those that are missing.

        A dataset that fails here fails nothing: its run will say why.

        Parameters
        ----------
        datasets
            Numbers and names. Mosaics have no references of their own, and are passed over.
        tell
            Hears of downloads, and of warnings.
        stops
            Return how often this process was asked to stop.
        """
        gathered = Gathered()
        plain = [(number, name) for number, text in datasets if not (name := DatasetName.parse(text)).is_mosaic]
        for start in range(0, len(plain), _TOGETHER):
            if stops():
                break
            self._some(plain[start : start + _TOGETHER], gathered, tell)
        return gathered

    def _some(self, datasets: Sequence[tuple[int, AnyDataset]], gathered: Gathered, tell: Listener) -> None:
        """Assign references to all datasets at once; if that fails, to each by itself."""
        common = make_work_directory(datasets[0][1], self.home)
        try:
            raws: dict[str, list[Path]] = {}
            for number, dataset in datasets:
                try:
                    raws[dataset.name] = list(self._copied(number, dataset, common.data))
                except CaldpError as error:
                    gathered.unassigned[dataset.name] = error.message
            if len(raws) > 1 and self._assign(raws, gathered, tell) is None:
                return
            for name, paths in raws.items():
                failure = self._assign({name: paths}, gathered, tell)
                if failure is not None:
                    gathered.unassigned[name] = failure.message
        finally:
            remove_work_directory(common)

    def _copied(self, number: int, dataset: AnyDataset, place: Path) -> Iterator[Path]:
        """Copy a dataset's raw files to a place; those that are there belong to another dataset too."""
        work = make_work_directory(dataset, self.home)
        try:
            for path in self.source(number).fetch(dataset, work.data, _silent):
                if is_raw(dataset, path.name) and not (place / path.name).exists():
                    yield self._as_wished(path.rename(place / path.name))
        finally:
            remove_work_directory(work)

    def _as_wished(self, raw: Path) -> Path:
        """Set the switches, which CRDS selects by, in the copy of a raw file."""
        facts = self.fits.facts(raw) if self.switches else None
        if isinstance(facts, FitsFacts):
            set_in(raw, facts, self.switches, self.fits)
        return raw

    def _assign(self, raws: Mapping[str, Sequence[Path]], gathered: Gathered, tell: Listener) -> CaldpError | None:
        """Assign references to the raw files of some datasets; return what keeps them from having any."""
        together = [path for paths in raws.values() for path in paths]
        if not together:
            return None
        service = self.service()
        try:
            gathered.take(service.assign(together, lambda event: _passed_on(event, tell)), raws)
        except CaldpError as error:
            return error
        finally:
            service.close()
        return None


def _silent(_event: Event) -> None:
    """Pass over an event: the run of the dataset will tell it again."""


def _passed_on(event: Event, tell: Listener) -> None:
    """Pass on what is no detail; remarks on single exposures come again with their runs."""
    if not isinstance(event, Note) or event.level is Level.ERROR:
        tell(event)
