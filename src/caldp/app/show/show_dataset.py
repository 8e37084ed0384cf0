"""Use case: look at one dataset of an output, its state, its run's record, and the places of its files."""

from __future__ import annotations

from caldp.app.layouts import LAYOUTS
from caldp.app.ports.object_store import ObjectStore
from caldp.app.survey.survey_output import require_output, survey_output
from caldp.domain.errors import InvalidRecord, UsageError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.layout import RECORD, Category
from caldp.domain.output.shown import ShownDataset
from caldp.domain.run.record import RunRecord


def show_dataset(store: ObjectStore, dataset: AnyDataset) -> ShownDataset:
    """Look at a dataset.

    Parameters
    ----------
    store
        The output, in either layout.
    dataset
        The dataset.

    Raises
    ------
    UsageError
        If the output has nothing of it.
    PublishError
        If it is no output, or cannot be read.
    """
    (status,) = survey_output(store, [dataset])
    if not status.is_there:
        require_output(store)
        raise UsageError(
            f"{store.locate('').rstrip('/')} has nothing of {dataset}.", advice="See what there is: caldp status."
        )
    record, problem = read_record(store, dataset)
    keys = _files(store, dataset)
    return ShownDataset(status, record, problem, {name: store.locate(key) for name, key in keys.items()}, keys)


def read_record(store: ObjectStore, dataset: AnyDataset) -> tuple[RunRecord | None, str]:
    """Read the record of the run that published a dataset, of any schema that can be read; or tell why not."""
    for layout in LAYOUTS.values():
        key = layout.log_key(dataset, RECORD)
        body = store.get_bytes(key)
        if body is not None:
            try:
                return RunRecord.from_json(body.decode("utf-8", "replace")), ""
            except InvalidRecord as error:
                return None, f"{store.locate(key)} cannot be read: {error.message.rstrip('.')}"
    return None, "there is no record of its run"


def _files(store: ObjectStore, dataset: AnyDataset) -> dict[str, str]:
    """Return the keys of the files of a dataset by name."""
    found: dict[str, str] = {}
    for layout in LAYOUTS.values():
        for stored in store.list(layout.prefix(dataset)):
            read = layout.read_file(stored.key)
            if read is not None and isinstance(read[1], Category):
                found.setdefault(stored.key.rpartition("/")[2], stored.key)
    return found
