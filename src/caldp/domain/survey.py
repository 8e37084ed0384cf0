"""What an output holds: the state of each dataset and what there is of it, told from the keys alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import define, field, frozen

from caldp.domain.calcloud.message_names import MessageName, MessageType
from caldp.domain.dataset import AnyDataset, is_dataset_name
from caldp.domain.errors import CaldpError
from caldp.domain.layout import TREE_MESSAGES, CalcloudLayout, TreeLayout
from caldp.domain.messages import MessageState, current_state

MESSAGES: Final = "messages/"
PREFIXES: Final = (MESSAGES, "data/", "outputs/")
"""Where the objects of either layout lie."""

NO_MESSAGE: Final = "no message"
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
        What its messages say, such as ``processed``; `NO_MESSAGE` if there is none.
    products, previews, logs
        How many files there are; a tarball of products counts as one.
    product_bytes
        Size of products and tarball; bytes.
    """

    name: str
    state: str
    products: int = 0
    product_bytes: int = 0
    previews: int = 0
    logs: int = 0

    @property
    def remark(self) -> str:
        """What does not fit together; empty if all does."""
        if self.state == MessageState.PROCESSED.value and not self.products:
            return "processed, but nothing is there"
        if self.state == NO_MESSAGE and self.products:
            return "products without a message"
        return ""


@define
class _Tally:
    messages: set[str] = field(factory=set)
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
    return TreeLayout().prefix(dataset), CalcloudLayout().prefix(dataset)


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
    """Count ``data/<instrument>/<dataset>/...`` or ``outputs/<dataset>/...``."""
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
    own = current_state(frozenset(_OWN[state] for state in tally.messages if state in _OWN))
    others = sorted(state for state in tally.messages if state not in _OWN)
    state = "+".join(others) or (NO_MESSAGE if own is None else own.value)
    return DatasetStatus(name, state, tally.products, tally.product_bytes, tally.previews, tally.logs)
