"""Judgement of the datasets of a batch: done, or to be run and for which reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from attrs import evolve, frozen

from caldp.app.pool import working
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.batch.done import GOOD, HEAD, Glance, Redo, Situation, glance, message_reason, record_reason
from caldp.domain.batch.estimate import Estimate, from_record
from caldp.domain.batch.files import request_of
from caldp.domain.batch.job import AttemptEnd
from caldp.domain.batch.manifest import Entry
from caldp.domain.errors import InvalidRecord
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import MESSAGES, RECORD, Layout
from caldp.domain.output.messages import MessageState, current_state
from caldp.domain.run.record import RunRecord
from caldp.domain.run.request import RunRequest

_AT_ONCE: Final = 32
_FEW: Final = 40
"""Datasets of which each message is asked for; of more the messages are listed."""
_PIECE: Final = 25
"""Datasets that a thread judges in one task."""
Stale = Callable[[Entry, bytes | None], str]
"""Gives the reason to calibrate a dataset again, empty if it is not stale; from its record, None if it has none."""
_STATES: Final = {state.value: state for state in MessageState}


@frozen
class Judgement:
    """Judgement of one dataset.

    Attributes
    ----------
    reason
        Reason to run it; empty if it is done.
    digest
        Digest of the request that its products were made by; empty if it is not known.
    estimate
        Time and memory of the run before, if its record was read.
    """

    reason: str
    digest: str = ""
    estimate: Estimate | None = None


def message_states(store: ObjectStore, layout: Layout, names: Sequence[str]) -> Mapping[str, MessageState]:
    """Return the state that messages tell, by dataset; datasets without a message are left out."""
    present: dict[str, set[MessageState]] = {}
    if len(names) > _FEW:
        wanted = set(names)
        for stored in store.list(MESSAGES):
            name, told = layout.read_message(stored.key) or ("", "")
            if name in wanted and told in _STATES:
                present.setdefault(name, set()).add(_STATES[told])
    else:
        keys = [(name, state) for name in names for state in MessageState]

        def has(key: tuple[str, MessageState]) -> bool:
            return store.get_bytes(layout.message_key(DatasetName.parse(key[0]), key[1])) is not None

        with working(_AT_ONCE, "caldp-messages") as pool:
            for (name, state), found in zip(keys, pool.map(has, keys), strict=True):
                if found:
                    present.setdefault(name, set()).add(state)
    current = ((name, current_state(frozenset(states))) for name, states in present.items())
    return {name: state for name, state in current if state is not None}


def judge(
    store: ObjectStore,
    layout: Layout,
    entries: Sequence[Entry],
    common: RunRequest,
    redo: Redo,
    known: Mapping[str, str],
    now: Callable[[Entry], Situation],
    stale: Stale,
) -> Iterator[Judgement]:
    """Judge the datasets of a batch, in their order.

    Messages are listed, not asked for one by one. A record is read only if the journals do not tell which request
    made the products, or if more is to be compared than requests.

    Parameters
    ----------
    store, layout
        The output.
    entries
        The datasets.
    common
        Request of any of them, with the settings that all have.
    redo
        Datasets that run again although they are processed.
    known
        Digest of the request that made a dataset's products, by name, as journals tell it.
    now
        Tells what the present says about a dataset; called for ``changed`` only.
    stale
        Called for ``stale`` only, from several threads.
    """
    states = message_states(store, layout, [entry.dataset for entry in entries])
    digests = _digests(common, entries)
    is_known = redo is Redo.FAILED

    def one(item: tuple[Entry, str]) -> Judgement:
        entry, wanted = item
        if redo is Redo.ALL:
            return Judgement("asked for")
        reason = message_reason(states.get(entry.dataset))
        if reason:
            return Judgement(reason)
        if is_known and known.get(entry.dataset) == wanted:
            return Judgement("", wanted)
        key = layout.log_key(DatasetName.parse(entry.dataset), RECORD)
        if is_known and _glance_at(store, key) == Glance(0, wanted):
            return Judgement("", wanted)
        body = store.get_bytes(key)
        if redo is Redo.STALE:
            reason, seen = stale(entry, body), glance(body or b"")
            return Judgement(reason, "" if seen is None else seen.digest, _past(body) if reason else None)
        reason = record_reason(body, request_of(common, entry), now(entry) if redo is Redo.CHANGED else None)
        return Judgement(reason, "" if reason else wanted, _past(body) if reason else None)

    items = zip(entries, digests, strict=True)
    good = {name for name, state in states.items() if state in GOOD}
    if redo is Redo.ALL or not good:
        yield from map(one, items)
        return

    def some(pieces: Sequence[tuple[Entry, str]]) -> list[Judgement]:
        return list(map(one, pieces))

    with working(_AT_ONCE, "caldp-judge") as pool:
        # A pool takes all that it is given at once, and there may be a million; and a task of its own costs a dataset
        # more than the judgement.
        while pieces := list(islice(_pieces(items), 2 * _AT_ONCE)):
            for judgements in pool.map(some, pieces):
                yield from judgements


def _pieces(items: Iterator[tuple[Entry, str]]) -> Iterator[Sequence[tuple[Entry, str]]]:
    while piece := tuple(islice(items, _PIECE)):
        yield piece


def _digests(common: RunRequest, entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the digest of each dataset's request."""
    alike = common.digests(entry.dataset for entry in entries if not (entry.input or entry.settings))
    for entry in entries:
        own = entry.input or entry.settings
        yield request_of(common, entry).digest if own else next(alike)


def _past(body: bytes | None) -> Estimate | None:
    try:
        return from_record(RunRecord.from_json((body or b"").decode("utf-8", "replace")))
    except InvalidRecord:
        return None


def failure_in(store: ObjectStore, layout: Layout, dataset: str, end: AttemptEnd) -> AttemptEnd:
    """Return the end of an attempt with the status and cause that the record of a failed run tells, if there is one.

    Parameters
    ----------
    store, layout
        The output.
    dataset
        Name of a dataset that is not processed.
    end
        End without a status.
    """
    name = DatasetName.parse(dataset)
    if store.get_bytes(layout.message_key(name, MessageState.ERROR)) is None:
        return end
    body = store.get_bytes(layout.log_key(name, RECORD))
    try:
        record = RunRecord.from_json((body or b"").decode("utf-8", "replace"))
    except InvalidRecord:
        return end
    first = next(iter(record.failures), None)
    if first is None:
        return end
    return evolve(end, status=int(record.status), cause=first.message, advice=first.advice)


def is_done(store: ObjectStore, layout: Layout, dataset: str, wanted: str) -> bool:
    """Tell whether a dataset is processed, by the request of a digest."""
    name = DatasetName.parse(dataset)
    if all(store.get_bytes(layout.message_key(name, state)) is None for state in GOOD):
        return False
    return _glance_at(store, layout.log_key(name, RECORD)) == Glance(0, wanted)


def _glance_at(store: ObjectStore, key: str) -> Glance | None:
    """Read status and digest of a record; None if there is none, or it cannot be read."""
    start = store.get_part(key, 0, HEAD)
    seen = None if start is None else glance(start)
    if start is None or seen is not None:
        return seen
    try:
        record = RunRecord.from_json((store.get_bytes(key) or b"").decode("utf-8", "replace"))
    except InvalidRecord:
        return None
    return Glance(int(record.status), record.request_digest)
