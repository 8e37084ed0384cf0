"""Survey of an output: state, files and run of each dataset, told from keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from attrs import define, evolve, field, frozen

from caldp.domain.hst.dataset import AnyDataset, is_dataset_name
from caldp.domain.hst.selection import is_raw_file
from caldp.domain.output.layout import ATTEMPTS, MESSAGES, RECORD, Category, Layout, attempts_prefix
from caldp.domain.output.lease import Lease
from caldp.domain.output.messages import MessageState, current_state

NO_MESSAGE: Final = "no message"
LOST: Final = "lost"
"""State of a dataset whose run has not been heard of for too long."""

_OWN: Final = {state.value: state for state in MessageState}


@frozen
class DatasetStatus:
    """State and files of one dataset in an output.

    Attributes
    ----------
    name
        Its name.
    state
        State told by its messages, such as ``processed``; `NO_MESSAGE` if there is none, `LOST` if its run is gone.
    products, raws, previews, logs
        Numbers of files; a tarball of products counts as one. Raw files are delivered beside the products.
    product_bytes
        Size of products and tarball, raw files apart; bytes.
    earlier
        State of the products that an earlier run has left in place, while another run is at work; else empty.
    claim
        The claim of the run that is at work; None if there is none, or its message names no run.
    age
        Seconds since that run was heard of; None if there is no such message.
    failed_attempt
        Id of the last run that failed after the good one whose products are there; else empty.
    failed_status
        The exit status of that run; None if it left no record.
    """

    name: str
    state: str
    products: int = 0
    product_bytes: int = 0
    previews: int = 0
    logs: int = 0
    earlier: str = ""
    claim: Lease | None = None
    age: float | None = None
    failed_attempt: str = ""
    failed_status: int | None = None
    raws: int = 0

    @property
    def is_there(self) -> bool:
        """True if there is a message or a file of it."""
        return self.state != NO_MESSAGE or any(
            (self.products, self.raws, self.previews, self.logs, self.failed_attempt)
        )

    @property
    def remark(self) -> str:
        """Remark on the state, or on files that do not fit it; empty if all is well."""
        return "; ".join(filter(None, (self._on_the_run, self._on_the_attempt, self._misfit)))

    @property
    def _on_the_run(self) -> str:
        if self.age is None:
            return ""
        who = f"{self.claim.owner}, heard of" if self.claim else "by a run that is not named, begun"
        earlier = f"; an earlier run's products are in place ({self.earlier})" if self.earlier else ""
        return f"{who} {duration_text(self.age)} ago{earlier}"

    @property
    def _on_the_attempt(self) -> str:
        if not self.failed_attempt:
            return ""
        status = "" if self.failed_status is None else f" with status {self.failed_status}"
        return f"last attempt failed{status}, see {ATTEMPTS}{self.name}/{self.failed_attempt}"

    @property
    def _misfit(self) -> str:
        if self.state == MessageState.PROCESSED.value and not (self.products or self.raws):
            return "processed, but nothing is there"
        if self.state == NO_MESSAGE and (self.products or self.raws):
            return "products without a message"
        return ""


@define
class _Tally:
    messages: set[str] = field(factory=set)
    attempts: set[str] = field(factory=set)
    products: int = 0
    raws: int = 0
    product_bytes: int = 0
    previews: int = 0
    logs: int = 0


def prefixes(layouts: Collection[Layout]) -> tuple[str, ...]:
    """List the prefixes below which the objects of layouts lie."""
    return MESSAGES, *(place for layout in layouts for place in layout.places), ATTEMPTS


def survey(objects: Iterable[tuple[str, int]], layouts: Collection[Layout]) -> tuple[DatasetStatus, ...]:
    """Tell state and files of each dataset in an output.

    Parameters
    ----------
    objects
        Key and size in bytes of every object below `prefixes`, in any order; others are passed over.
    layouts
        Arrangements that the output may have, several at once too.

    Returns
    -------
    tuple of DatasetStatus
        One for each dataset with a message or a file, by name.
    """
    tallies: dict[str, _Tally] = {}
    for key, size in objects:
        if key.startswith(MESSAGES):
            _count_message(tallies, key, layouts)
        elif key.startswith(ATTEMPTS):
            _count_attempt(tallies, key.split("/"))
        else:
            _count_file(tallies, key, size, layouts)
    return tuple(_status(name, tallies[name]) for name in sorted(tallies))


def message_keys(dataset: AnyDataset, layouts: Collection[Layout]) -> tuple[str, ...]:
    """List every key under which a message about a dataset can lie."""
    return tuple(dict.fromkeys(key for layout in layouts for key in layout.message_keys(dataset)))


def file_prefixes(dataset: AnyDataset, layouts: Collection[Layout]) -> tuple[str, ...]:
    """List the prefixes under which a dataset's files lie."""
    return *(layout.prefix(dataset) for layout in layouts), attempts_prefix(dataset)


def processing_keys(dataset: AnyDataset, layouts: Collection[Layout]) -> tuple[str, ...]:
    """List the keys of the message that a dataset is being processed."""
    return tuple(layout.message_key(dataset, MessageState.PROCESSING) for layout in layouts)


def attempt_records(dataset: AnyDataset, run: str, layouts: Collection[Layout]) -> tuple[str, ...]:
    """List the keys of the record of a failed attempt."""
    prefix = f"{attempts_prefix(dataset)}{run}/"
    return tuple(prefix + layout.log_key(dataset, RECORD).removeprefix(layout.prefix(dataset)) for layout in layouts)


def with_claim(status: DatasetStatus, body: bytes, age: float) -> DatasetStatus:
    """Add the claim in the message *processing* to a dataset's status.

    Parameters
    ----------
    status
        As its keys tell it.
    body
        The message.
    age
        Seconds since it was last renewed.
    """
    claim = Lease.parse(body)
    lost = claim is not None and age >= claim.seconds and status.state == MessageState.PROCESSING.value
    return evolve(status, claim=claim, age=age, state=LOST if lost else status.state)


def duration_text(seconds: float) -> str:
    """Write a duration as people say it, such as ``3 h``."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def count_states(statuses: Iterable[DatasetStatus]) -> Mapping[str, int]:
    """Count datasets by their state, the most frequent first."""
    counts: dict[str, int] = {}
    for status in statuses:
        counts[status.state] = counts.get(status.state, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _count_message(tallies: dict[str, _Tally], key: str, layouts: Collection[Layout]) -> None:
    for layout in layouts:
        found = layout.read_message(key)
        if found is not None and is_dataset_name(found[0]):
            tallies.setdefault(found[0], _Tally()).messages.add(found[1])


def _count_attempt(tallies: dict[str, _Tally], parts: list[str]) -> None:
    """Count ``attempts/<dataset>/<run>/...``."""
    if len(parts) > len(("attempts", "dataset", "run")) and is_dataset_name(parts[1]):
        tallies.setdefault(parts[1], _Tally()).attempts.add(parts[2])


def _count_file(tallies: dict[str, _Tally], key: str, size: int, layouts: Collection[Layout]) -> None:
    for layout in layouts:
        found = layout.read_file(key)
        if found is None or (found[0] not in tallies and not is_dataset_name(found[0])):
            continue
        name, category = found
        tally = tallies.setdefault(name, _Tally())
        if category is Category.PRODUCT and is_raw_file(key.rpartition("/")[2]):
            tally.raws += 1
        elif category is Category.PRODUCT:
            tally.products += 1
            tally.product_bytes += size
        tally.previews += category is Category.PREVIEW
        tally.logs += category is Category.LOG


def _status(name: str, tally: _Tally) -> DatasetStatus:
    present = frozenset(_OWN[state] for state in tally.messages if state in _OWN)
    own = current_state(present)
    below = current_state(present - {MessageState.PROCESSING}) if own is MessageState.PROCESSING else None
    others = sorted(state for state in tally.messages if state not in _OWN)
    state = "+".join(others) or (NO_MESSAGE if own is None else own.value)
    return DatasetStatus(
        name,
        state,
        tally.products,
        tally.product_bytes,
        tally.previews,
        tally.logs,
        earlier="" if below is None else below.value,
        failed_attempt=max(tally.attempts, default=""),
        raws=tally.raws,
    )
