"""Judgement of whether the datasets of a batch are stale."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

from attrs import define, field

from caldp.domain.batch.files import request_of
from caldp.domain.hst.dataset import DatasetName

if TYPE_CHECKING:
    from caldp.app.ports.object_store import ObjectStore
    from caldp.app.stale.find_stale import FindStale
    from caldp.app.stale.in_records import InRecords
    from caldp.domain.batch.manifest import Entry
    from caldp.domain.output.layout import Layout
    from caldp.domain.run.request import RunRequest
    from caldp.domain.run.settings import Settings

_Key = tuple[str, tuple[tuple[str, str], ...]]


@define
class Staleness:
    """Tells why datasets of a batch are to be calibrated again; starts a process for each context that they name.

    Attributes
    ----------
    store, layout
        The output.
    common
        Request of any of them, with the settings that all have.
    environment
        The caller's environment.
    """

    store: ObjectStore
    layout: Layout
    common: RunRequest
    environment: Mapping[str, str]
    _examiners: dict[_Key, InRecords] = field(factory=dict, init=False)
    _searches: list[FindStale] = field(factory=list, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def __call__(self, entry: Entry, body: bytes | None) -> str:
        """Return the reason to calibrate a dataset again: what is stale, or cannot be told; empty if it is current.

        Parameters
        ----------
        entry
            The dataset.
        body
            Its record; None if it has none.

        Raises
        ------
        BestrefsError
            If the context, or its rules, are not to be had.
        PublishError
            If the output cannot be read.
        """
        examiner = self._examiner(request_of(self.common, entry).settings)
        dataset = DatasetName.parse(entry.dataset)
        if body is None:
            return examiner.examine(dataset).reason
        return examiner.of_record(dataset, self.layout, body, "").reason

    def close(self) -> None:
        """End the processes."""
        for search in self._searches:
            search.choice.close()

    def _examiner(self, settings: Settings) -> InRecords:
        from caldp.container import make_context
        from caldp.factories import make_stale_search

        key = settings.crds_context, tuple(sorted(settings.reference_overrides.items()))
        with self._lock:
            if key not in self._examiners:
                named = make_context(settings, self.common.target, self.environment)
                context = named if isinstance(named, str) else named()
                search = make_stale_search(settings, self.environment, context, lambda _event: None)
                self._searches.append(search)
                self._examiners[key] = search.examiner(self.store)
            return self._examiners[key]
