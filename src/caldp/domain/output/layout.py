"""Places of a dataset's products, logs, previews and messages: layouts, and the tree layout.

Keys are relative to the root of an output: a directory, or a bucket and prefix. CALCLOUD's layout is in
`caldp.calcloud.layout`.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Protocol

from attrs import frozen

from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.location import OutputLocation
from caldp.domain.output.messages import MessageState

PROCESS_LOG: Final = "process.txt"
PREVIEW_LOG: Final = "preview.txt"
PROCESS_METRICS: Final = "process_metrics.txt"
PREVIEW_METRICS: Final = "preview_metrics.txt"
RECORD: Final = "record.json"
"""Names of the logs, metrics and record that every run publishes; CALCLOUD reads the metrics."""


class LayoutKind(Enum):
    """The two ways to arrange an output."""

    TREE = "tree"
    CALCLOUD = "calcloud"


class Category(Enum):
    """Kind of a delivered file."""

    PRODUCT = "product"
    PREVIEW = "preview"
    LOG = "log"
    ENVIRONMENT = "environment"


TREE_MESSAGES: Final = {
    MessageState.PROCESSING: "datasets-processing",
    MessageState.PROCESSED: "datasets-processed",
    MessageState.ERROR: "datasets-error",
    MessageState.SYNCED: "dataset-synced",
    MessageState.ARCHIVED: "dataset-archived",
}
"""Directories of messages in the tree layout; the names of the last two are the founding readme's."""
_STATES: Final = {name: state for state, name in TREE_MESSAGES.items()}

CATEGORY_PLACES: Final = {
    Category.PRODUCT: "",
    Category.PREVIEW: "previews/",
    Category.LOG: "logs/",
    Category.ENVIRONMENT: "env/",
}
"""Directories of delivered files below a dataset's own."""
_CATEGORIES: Final = {place: category for category, place in CATEGORY_PLACES.items()}

MESSAGES: Final = "messages/"
"""Prefix of the messages in every layout."""


class Layout(Protocol):
    """An arrangement of outputs: the key of everything that belongs to a dataset, and the way back.

    Every method is pure. Keys say nothing of the store that they are used in.
    """

    @property
    def kind(self) -> LayoutKind:
        """Setting that asks for this layout."""

    @property
    def places(self) -> tuple[str, ...]:
        """Prefixes below which the directories of datasets lie; they end with a slash."""

    @property
    def states(self) -> tuple[str, ...]:
        """States that its messages can tell."""

    def root(self, location: OutputLocation, dataset: AnyDataset) -> OutputLocation:
        """Return the root of an output from the location that the command names."""

    def prefix(self, dataset: AnyDataset) -> str:
        """Return the key prefix of all that belongs to a dataset, messages apart; ends with a slash."""

    def archive_key(self, dataset: AnyDataset) -> str:
        """Return the key of the tarball of products and previews; empty where every file lies by itself."""

    def address_key(self, dataset: AnyDataset) -> str:
        """Return the key by which a dataset's products are found: their directory, or the tarball."""

    def file_key(self, dataset: AnyDataset, category: Category, name: str) -> str:
        """Return the key of a delivered file, or its name inside the tarball if there is one."""

    def log_key(self, dataset: AnyDataset, name: str) -> str:
        """Return the key of a log or metrics file."""

    def message_key(self, dataset: AnyDataset, state: MessageState) -> str:
        """Return the key of the message that says that a dataset is in a state."""

    def message_keys(self, dataset: AnyDataset) -> tuple[str, ...]:
        """List every key under which a message about a dataset can lie."""

    def message_body(self, address: str) -> bytes:
        """Return the body of a final message, given the full address of the products."""

    def read_message(self, key: str) -> tuple[str, str] | None:
        """Return the dataset and the state that a message tells; None for anything but a message."""

    def read_file(self, key: str) -> tuple[str, Category | None] | None:
        """Return the dataset and the category of the file under a key; None if no file of a dataset lies there."""


@frozen
class TreeLayout:
    """Every file by itself under ``data/<instrument>/<dataset>/``, final messages as empty files."""

    kind = LayoutKind.TREE
    places = ("data/acs/", "data/cos/", "data/mvm/", "data/stis/", "data/wfc3/")
    states = tuple(state.value for state in MessageState)

    def root(self, location: OutputLocation, _dataset: AnyDataset) -> OutputLocation:
        """Return the location itself."""
        return location

    def prefix(self, dataset: AnyDataset) -> str:
        """Return the key prefix of all that belongs to a dataset, messages apart; ends with a slash."""
        return f"data/{dataset.directory}/{dataset.name}/"

    def archive_key(self, _dataset: AnyDataset) -> str:
        """Return an empty key: there is no tarball."""
        return ""

    def address_key(self, dataset: AnyDataset) -> str:
        """Return the key of the directory of products."""
        return self.prefix(dataset)

    def file_key(self, dataset: AnyDataset, category: Category, name: str) -> str:
        """Return the key of a delivered file."""
        return f"{self.prefix(dataset)}{CATEGORY_PLACES[category]}{name}"

    def log_key(self, dataset: AnyDataset, name: str) -> str:
        """Return the key of a log or metrics file."""
        return self.file_key(dataset, Category.LOG, name)

    def message_key(self, dataset: AnyDataset, state: MessageState) -> str:
        """Return the key of the message that says that a dataset is in a state."""
        return f"{MESSAGES}{TREE_MESSAGES[state]}/{dataset.name}"

    def message_keys(self, dataset: AnyDataset) -> tuple[str, ...]:
        """List every key under which a message about a dataset can lie."""
        return tuple(self.message_key(dataset, state) for state in MessageState)

    def message_body(self, _address: str) -> bytes:
        """Return an empty body: the name says it all."""
        return b""

    def read_message(self, key: str) -> tuple[str, str] | None:
        """Return the dataset and the state that a message tells; None for anything but a message."""
        parts = key.split("/")
        if len(parts) != 3 or f"{parts[0]}/" != MESSAGES or parts[1] not in _STATES:
            return None
        return parts[2], _STATES[parts[1]].value

    def read_file(self, key: str) -> tuple[str, Category | None] | None:
        """Return the dataset and the category of the file under a key; None if no file of a dataset lies there."""
        parts = key.split("/")
        if parts[0] != "data" or len(parts) < 4:
            return None
        place = "".join(f"{part}/" for part in parts[3:-1])
        return parts[2], _CATEGORIES.get(place)


ATTEMPTS: Final = "attempts/"
"""Prefix of the products of failed runs, for datasets that have good products from an earlier run."""


def attempts_prefix(dataset: AnyDataset) -> str:
    """Return the key prefix of all failed runs that came after a good one of a dataset."""
    return f"{ATTEMPTS}{dataset.name}/"


def staging_stem(layout: Layout, dataset: AnyDataset) -> str:
    """Return the beginning of the keys under which runs put together the replacement of a dataset's products.

    They lie beside these, on the same file system, under a name that no dataset has and that is hidden.
    """
    parent, _, name = layout.prefix(dataset).rstrip("/").rpartition("/")
    return f"{parent}/.{name}."
