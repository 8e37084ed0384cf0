"""Where a dataset's products, logs, previews and messages go: the tree layout and CALCLOUD's.

Keys are relative to the root of an output: a directory, or a bucket and prefix.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from attrs import evolve, frozen

from caldp.domain.dataset import AnyDataset
from caldp.domain.location import FileLocation, OutputLocation, S3Location
from caldp.domain.messages import MessageState

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
    """What a delivered file is."""

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

_PLACES: Final = {
    Category.PRODUCT: "",
    Category.PREVIEW: "previews/",
    Category.LOG: "logs/",
    Category.ENVIRONMENT: "env/",
}


@frozen
class TreeLayout:
    """Every file by itself under ``data/<instrument>/<dataset>/``, final messages as empty files."""

    kind = LayoutKind.TREE

    def prefix(self, dataset: AnyDataset) -> str:
        """Return the key prefix of all that belongs to a dataset, messages apart; ends with a slash."""
        return f"data/{dataset.directory}/{dataset.name}/"

    def file_key(self, dataset: AnyDataset, category: Category, name: str) -> str:
        """Return the key of a delivered file."""
        return f"{self.prefix(dataset)}{_PLACES[category]}{name}"

    def log_key(self, dataset: AnyDataset, name: str) -> str:
        """Return the key of a log or metrics file."""
        return self.file_key(dataset, Category.LOG, name)

    def message_key(self, dataset: AnyDataset, state: MessageState) -> str:
        """Return the key of the message that says that a dataset is in a state."""
        return f"messages/{TREE_MESSAGES[state]}/{dataset.name}"

    def message_body(self, _address: str) -> bytes:
        """Return what a final message holds: nothing, its name says it all."""
        return b""


@frozen
class CalcloudLayout:
    """One ``.tar.gz`` under ``outputs/<dataset>/``, logs beside it, messages as CALCLOUD's lambdas expect them."""

    kind = LayoutKind.CALCLOUD

    def prefix(self, dataset: AnyDataset) -> str:
        """Return the key prefix of all that belongs to a dataset, messages apart; ends with a slash."""
        return f"outputs/{dataset.name}/"

    def archive_key(self, dataset: AnyDataset) -> str:
        """Return the key of the tarball of products and previews."""
        return f"{self.prefix(dataset)}{dataset.name}.tar.gz"

    def member_name(self, dataset: AnyDataset, category: Category, name: str) -> str:
        """Return the name of a delivered file inside the tarball."""
        return f"{dataset.name}/{_PLACES[category]}{name}"

    def log_key(self, dataset: AnyDataset, name: str) -> str:
        """Return the key of a log or metrics file."""
        return f"{self.prefix(dataset)}{name}"

    def message_key(self, dataset: AnyDataset, state: MessageState) -> str:
        """Return the key of the message that says that a dataset is in a state."""
        trigger = ".trigger" if state is MessageState.PROCESSED else ""
        return f"messages/{state.value}-{dataset.name}{trigger}"

    def message_body(self, address: str) -> bytes:
        """Return what a final message holds: exactly the address of the tarball."""
        return address.encode()


AnyLayout = TreeLayout | CalcloudLayout


ATTEMPTS: Final = "attempts/"
"""Where what is left of failed runs lies, of datasets that have good products from an earlier run."""


def attempts_prefix(dataset: AnyDataset) -> str:
    """Return the key prefix of all failed runs that came after a good one of a dataset."""
    return f"{ATTEMPTS}{dataset.name}/"


def staging_stem(layout: AnyLayout, dataset: AnyDataset) -> str:
    """Return how keys begin below which runs put together what is to replace a dataset's products.

    They lie beside these, on the same file system, under a name that no dataset has and that is hidden.
    """
    parent, _, name = layout.prefix(dataset).rstrip("/").rpartition("/")
    return f"{parent}/.{name}."


def layout_of(kind: LayoutKind) -> AnyLayout:
    """Return the layout of a kind."""
    return TreeLayout() if kind is LayoutKind.TREE else CalcloudLayout()


def calcloud_root(location: OutputLocation, dataset: AnyDataset) -> OutputLocation:
    """Find the root of a CALCLOUD output.

    CALCLOUD's jobs name ``s3://<bucket>/outputs/<dataset>`` as their output, while messages lie in
    ``s3://<bucket>/messages``: the root is what comes before ``outputs``. Any other prefix is kept.
    """
    if isinstance(location, S3Location):
        return evolve(location, prefix=_before_outputs(location.prefix, dataset))
    if isinstance(location, FileLocation):
        return FileLocation(_before_outputs(location.path.rstrip("/") or "/", dataset) or ".")
    return location


def _before_outputs(path: str, dataset: AnyDataset) -> str:
    for ending in (f"outputs/{dataset.name}", "outputs"):
        if path == ending or path.endswith(f"/{ending}"):
            return path.removesuffix(ending).rstrip("/") or ("/" if path.startswith("/") else "")
    return path
