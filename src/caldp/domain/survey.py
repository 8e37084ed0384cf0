"""What an output holds: the state of each dataset and what there is of it, told from keys, and who is at work on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import define, evolve, field, frozen

from caldp.domain.calcloud.message_names import MessageName, MessageType
from caldp.domain.dataset import AnyDataset, is_dataset_name
from caldp.domain.errors import CaldpError
from caldp.domain.layout import ATTEMPTS, RECORD, TREE_MESSAGES, CalcloudLayout, TreeLayout, attempts_prefix
from caldp.domain.lease import Lease
from caldp.domain.messages import MessageState, current_state

MESSAGES: Final = "messages/"
PREFIXES: Final = (MESSAGES, "data/", "outputs/", ATTEMPTS)
"""Where the objects of either layout lie."""

NO_MESSAGE: Final = "no message"
LOST: Final = "lost"
"""The state of a dataset that is said to be processed by a run which has not been heard of for too long."""

_STATES: Final = {name: state for state, name in TREE_MESSAGES.items()}
_OWN: Final = {state.value: state for state in MessageState}


@frozen
class DatasetStatus:
    """What an output holds of one dataset.

    Attributes
    ----------
    name
        Its name.
    state
        What its messages say, such as ``processed``; `NO_MESSAGE` if there is none, `LOST` if its run is gone.
    products, previews, logs
        How many files there are; a tarball of products counts as one.
    product_bytes
        Size of products and tarball; bytes.
    earlier
        The state of what an earlier run has left in place, while another run is at work; else empty.
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

    @property
    def remark(self) -> str:
        """What is worth knowing beside the state, and what does not fit together; empty if all does."""
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
        if self.state == MessageState.PROCESSED.value and not self.products:
            return "processed, but nothing is there"
        if self.state == NO_MESSAGE and self.products:
            return "products without a message"
        return ""


@define
class _Tally:
    messages: set[str] = field(factory=set)
    attempts: set[str] = field(factory=set)
    products: int = 0
    product_bytes: int = 0
    previews: int = 0
    logs: int = 0


def survey(objects: Iterable[tuple[str, int]]) -> tuple[DatasetStatus, ...]:
    """Tell what an output holds.

    Parameters
    ----------
    objects
        Key and size in bytes of every object under `PREFIXES`, in any order; others are passed over.

    Returns
    -------
    tuple of DatasetStatus
        One for each dataset that there is anything of, by name.
    """
    tallies: dict[str, _Tally] = {}
    for key, size in objects:
        if key.startswith(MESSAGES):
            _count_message(tallies, key)
        else:
            _count_file(tallies, key.split("/"), size)
    return tuple(_status(name, tallies[name]) for name in sorted(tallies))


def message_keys(dataset: AnyDataset) -> tuple[str, ...]:
    """List every key under which a message about a dataset can lie, in either layout."""
    tree = (TreeLayout().message_key(dataset, state) for state in MessageState)
    calcloud = (MessageName(kind, dataset.name).key for kind in MessageType)
    return tuple(dict.fromkeys((*tree, *calcloud)))


def file_prefixes(dataset: AnyDataset) -> tuple[str, ...]:
    """List the prefixes under which a dataset's files lie, in either layout."""
    return TreeLayout().prefix(dataset), CalcloudLayout().prefix(dataset), attempts_prefix(dataset)


def processing_keys(dataset: AnyDataset) -> tuple[str, ...]:
    """List the keys under which the message lies that a dataset is being processed, in either layout."""
    return tuple(layout.message_key(dataset, MessageState.PROCESSING) for layout in (TreeLayout(), CalcloudLayout()))


def attempt_records(dataset: AnyDataset, run: str) -> tuple[str, ...]:
    """List the keys under which the record of a failed attempt lies, in either layout."""
    prefix = f"{attempts_prefix(dataset)}{run}/"
    return tuple(
        prefix + layout.log_key(dataset, RECORD).removeprefix(layout.prefix(dataset))
        for layout in (TreeLayout(), CalcloudLayout())
    )


def with_claim(status: DatasetStatus, body: bytes, age: float) -> DatasetStatus:
    """Add what the message *processing* holds to a dataset's status.

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


def _count_message(tallies: dict[str, _Tally], key: str) -> None:
    parts = key.split("/")
    if len(parts) == 3 and parts[1] in _STATES:  # messages/datasets-processed/<dataset>
        name, state = parts[2], _STATES[parts[1]].value
    else:
        try:
            message = MessageName.parse(key)
        except CaldpError:  # somebody else's object
            return
        name, state = message.subject, message.type.value
    if is_dataset_name(name):
        tallies.setdefault(name, _Tally()).messages.add(state)


def _count_file(tallies: dict[str, _Tally], parts: list[str], size: int) -> None:
    """Count ``data/<instrument>/<dataset>/...``, ``outputs/<dataset>/...`` or ``attempts/<dataset>/<run>/...``."""
    if f"{parts[0]}/" == ATTEMPTS:
        if len(parts) > len(("attempts", "dataset", "run")) and is_dataset_name(parts[1]):
            tallies.setdefault(parts[1], _Tally()).attempts.add(parts[2])
        return
    depth = 2 if parts[0] == "data" else 1 if parts[0] == "outputs" else len(parts)
    if len(parts) <= depth + 1 or (parts[depth] not in tallies and not is_dataset_name(parts[depth])):
        return
    name, rest = parts[depth], parts[depth + 1 :]
    tally = tallies.setdefault(name, _Tally())
    if rest[0] == "previews":
        tally.previews += 1
    elif rest[0] == "logs" or (depth == 1 and not rest[-1].endswith(".tar.gz")):
        tally.logs += 1
    elif len(rest) == 1:
        tally.products += 1
        tally.product_bytes += size


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
    )
