"""Survey of an output, whoever wrote it: the state and files of each dataset."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import Final

from attrs import evolve

from caldp.app.layouts import LAYOUTS
from caldp.app.pool import working
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.batch.files import BATCHES
from caldp.domain.errors import PublishError, UsageError
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.messages import MessageState
from caldp.domain.output.survey import (
    LOST,
    NO_MESSAGE,
    DatasetStatus,
    attempt_records,
    file_prefixes,
    message_keys,
    prefixes,
    processing_keys,
    survey,
    with_claim,
)
from caldp.domain.run.quoting import quoted

_AT_ONCE: Final = 16
_LAYOUTS: Final = tuple(LAYOUTS.values())
STATES: Final = tuple(dict.fromkeys((*(state for layout in _LAYOUTS for state in layout.states), LOST, NO_MESSAGE)))
"""States that a dataset of an output can be in; messages of CALCLOUD's that stand together are joined by ``+``."""


def check_state(state: str) -> None:
    """Refuse a word that is the state of no dataset.

    Raises
    ------
    UsageError
        If it is none; the message names the nearest.
    """
    strange = next((part for part in state.split("+") if part not in STATES), None)
    if strange is not None:
        close = get_close_matches(strange.lower(), STATES, n=1)
        guess = f"Did you mean {close[0]!r}? " if close else ""
        raise UsageError(
            f"{strange[:80]!r} is not a state of a dataset.", advice=f"{guess}States are {', '.join(STATES)}."
        )


def require_output(store: ObjectStore) -> None:
    """Refuse a place in which there is nothing that caldp, or CALCLOUD, has put.

    Raises
    ------
    PublishError
        If it is none of their outputs, or cannot be read.
    """
    if not any(True for prefix in (*prefixes(_LAYOUTS), BATCHES) for _ in store.list(prefix)):
        place = quoted(store.locate("").rstrip("/"))
        raise PublishError(
            f"{place} is not an output of caldp: it has no messages, products or batches.",
            advice="Name the directory or s3://bucket/prefix that was given as the output.",
        )


def survey_output(store: ObjectStore, datasets: Sequence[AnyDataset] = ()) -> tuple[DatasetStatus, ...]:
    """Tell what a store holds, of all datasets or of some.

    The whole of a store is listed, prefix by prefix at the same time; only messages of runs that are at work, and
    records of failed attempts, are opened. Of single datasets only what can be theirs is asked for.

    Parameters
    ----------
    store
        An output in the tree layout, in CALCLOUD's, or in both.
    datasets
        Datasets to list; none for all.

    Returns
    -------
    tuple of DatasetStatus
        By name; of a dataset that was asked for also if nothing is there.

    Raises
    ------
    PublishError
        If the store cannot be read.
    """
    with working(_AT_ONCE, "caldp-survey") as pool:
        if not datasets:
            objects = chain.from_iterable(pool.map(lambda prefix: _listed(store, prefix), prefixes(_LAYOUTS)))
            return tuple(pool.map(lambda status: _looked_into(store, status), survey(objects, _LAYOUTS)))
        objects = chain.from_iterable(pool.map(lambda dataset: _of(store, dataset), datasets))
        looked_into = pool.map(lambda status: _looked_into(store, status), survey(objects, _LAYOUTS))
        found = {status.name: status for status in looked_into}
    return tuple(found.get(name) or DatasetStatus(name, NO_MESSAGE) for name in sorted({one.name for one in datasets}))


def _of(store: ObjectStore, dataset: AnyDataset) -> list[tuple[str, int]]:
    messages = [(key, 0) for key in message_keys(dataset, _LAYOUTS) if store.get_bytes(key) is not None]
    return messages + [entry for prefix in file_prefixes(dataset, _LAYOUTS) for entry in _listed(store, prefix)]


def _looked_into(store: ObjectStore, status: DatasetStatus) -> DatasetStatus:
    """Read who is at work on a dataset, and how a failed attempt ended."""
    if status.state == MessageState.PROCESSING.value:
        for key in processing_keys(DatasetName.parse(status.name), _LAYOUTS):
            found = store.read(key)
            if found is not None:
                status = with_claim(status, found.data, found.age)
    if status.failed_attempt:
        for key in attempt_records(DatasetName.parse(status.name), status.failed_attempt, _LAYOUTS):
            body = store.get_bytes(key)
            if body is not None:
                status = evolve(status, failed_status=_status_in(body))
    return status


def _status_in(record: bytes) -> int | None:
    try:
        found = json.loads(record)
    except (ValueError, RecursionError):
        return None
    status = found.get("status") if isinstance(found, dict) else None
    return status if isinstance(status, int) else None


def _listed(store: ObjectStore, prefix: str) -> Iterable[tuple[str, int]]:
    return [(stored.key, stored.size) for stored in store.list(prefix)]
