"""The layout of CALCLOUD's bucket, as a layout of caldp's outputs."""

from __future__ import annotations

from attrs import evolve, frozen

from caldp.calcloud.message_names import MessageName, MessageType
from caldp.domain.errors import ContractError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.layout import CATEGORY_PLACES, MESSAGES, Category, LayoutKind
from caldp.domain.output.location import FileLocation, OutputLocation, S3Location
from caldp.domain.output.messages import MessageState


@frozen
class CalcloudLayout:
    """One ``.tar.gz`` under ``outputs/<dataset>/``, logs beside it, messages as CALCLOUD's lambdas expect them."""

    kind = LayoutKind.CALCLOUD
    places = ("outputs/",)
    states = tuple(kind.value for kind in MessageType)

    def root(self, location: OutputLocation, dataset: AnyDataset) -> OutputLocation:
        """Return the root of an output from the location that the command names.

        CALCLOUD's jobs name ``s3://<bucket>/outputs/<dataset>`` as their output, while messages lie in
        ``s3://<bucket>/messages``: the root is what comes before ``outputs``. Any other prefix is kept.
        """
        if isinstance(location, S3Location):
            return evolve(location, prefix=_before_outputs(location.prefix, dataset))
        if isinstance(location, FileLocation):
            return FileLocation(_before_outputs(location.path.rstrip("/") or "/", dataset) or ".")
        return location

    def prefix(self, dataset: AnyDataset) -> str:
        """Return the key prefix of all that belongs to a dataset, messages apart; ends with a slash."""
        return f"outputs/{dataset.name}/"

    def archive_key(self, dataset: AnyDataset) -> str:
        """Return the key of the tarball of products and previews."""
        return f"{self.prefix(dataset)}{dataset.name}.tar.gz"

    def address_key(self, dataset: AnyDataset) -> str:
        """Return the key of the tarball."""
        return self.archive_key(dataset)

    def file_key(self, dataset: AnyDataset, category: Category, name: str) -> str:
        """Return the name of a delivered file inside the tarball."""
        return f"{dataset.name}/{CATEGORY_PLACES[category]}{name}"

    def log_key(self, dataset: AnyDataset, name: str) -> str:
        """Return the key of a log or metrics file."""
        return f"{self.prefix(dataset)}{name}"

    def message_key(self, dataset: AnyDataset, state: MessageState) -> str:
        """Return the key of the message that says that a dataset is in a state."""
        trigger = ".trigger" if state is MessageState.PROCESSED else ""
        return f"{MESSAGES}{state.value}-{dataset.name}{trigger}"

    def message_keys(self, dataset: AnyDataset) -> tuple[str, ...]:
        """List every key under which a message about a dataset can lie, those that CALCLOUD writes included."""
        return tuple(MessageName(kind, dataset.name).key for kind in MessageType)

    def message_body(self, address: str) -> bytes:
        """Return the body of a final message: exactly the address of the tarball."""
        return address.encode("utf-8", errors="surrogateescape")  # a path may be no text in the caller's locale

    def read_message(self, key: str) -> tuple[str, str] | None:
        """Return the dataset and the state that a message tells; None for anything but a message."""
        try:
            message = MessageName.parse(key)
        except ContractError:
            return None
        return message.subject, message.type.value

    def read_file(self, key: str) -> tuple[str, Category | None] | None:
        """Return the dataset and the category of the file under a key; None if no file of a dataset lies there."""
        parts = key.split("/")
        if parts[0] != "outputs" or len(parts) < 3:
            return None
        if not key.endswith(".tar.gz"):
            return parts[1], Category.LOG
        return parts[1], Category.PRODUCT if len(parts) == 3 else None


def _before_outputs(path: str, dataset: AnyDataset) -> str:
    for ending in (f"outputs/{dataset.name}", "outputs"):
        if path == ending or path.endswith(f"/{ending}"):
            return path.removesuffix(ending).rstrip("/") or ("/" if path.startswith("/") else "")
    return path
