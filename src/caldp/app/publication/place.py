"""Place of one dataset in an output: its objects, its messages, and prefixes beside it that are not shown."""

from __future__ import annotations

import json
from collections.abc import Set
from typing import Any

from attrs import frozen

from caldp.app.ports.object_store import ObjectStore
from caldp.app.process.flow import Destination
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.layout import RECORD, Category, Layout, attempts_prefix, staging_stem
from caldp.domain.output.messages import OWN_STATES, MessageState


@frozen
class DatasetPlace:
    """Place of a dataset in an output.

    Attributes
    ----------
    destination
        The output.
    dataset
        The dataset.
    """

    destination: Destination
    dataset: AnyDataset

    @property
    def store(self) -> ObjectStore:
        """Store of the output."""
        return self.destination.store

    @property
    def layout(self) -> Layout:
        """Arrangement of the output."""
        return self.destination.layout

    @property
    def home(self) -> str:
        """Prefix of the published dataset."""
        return self.layout.prefix(self.dataset)

    @property
    def address(self) -> str:
        """The full address of the dataset's products: their directory, or the tarball."""
        return self.store.locate(self.layout.address_key(self.dataset))

    def staging(self, run: str) -> str:
        """Return the prefix below which a run puts together the replacement of an earlier run's products."""
        return f"{staging_stem(self.layout, self.dataset)}{run}/"

    def attempt(self, run: str) -> str:
        """Return the prefix of a failed run's files, where an earlier run's products stay."""
        return f"{attempts_prefix(self.dataset)}{run}/"

    def record_key(self, prefix: str) -> str:
        """Return the key of the record below one of these prefixes."""
        return self.below(prefix, self.layout.log_key(self.dataset, RECORD))

    def below(self, prefix: str, key: str) -> str:
        """Move a key of the home below another prefix."""
        return prefix + key.removeprefix(self.home)

    def file_key(self, prefix: str, category: Category, name: str) -> str:
        """Return the key of a delivered file below a prefix; its name inside the tarball if there is one."""
        key = self.layout.file_key(self.dataset, category, name)
        return key if self.layout.archive_key(self.dataset) else self.below(prefix, key)

    def message_key(self, state: MessageState) -> str:
        """Return the key of a message."""
        return self.layout.message_key(self.dataset, state)

    def said(self, state: MessageState) -> bool:
        """Tell whether there is a message."""
        return self.store.get_bytes(self.message_key(state)) is not None

    def say(self, state: MessageState) -> None:
        """Put a final message, then delete the other one of ours."""
        self.store.put_bytes(self.message_key(state), self.layout.message_body(self.address))
        for other in OWN_STATES:
            if other.is_final and other is not state:
                self.store.delete(self.message_key(other))

    def whole_run(self, prefix: str) -> str:
        """Return the id of the good run all of whose objects lie below a prefix; empty if there is none.

        The record is put last.
        """
        body = self.store.get_bytes(self.record_key(prefix))
        try:
            record: Any = json.loads(body or b"null")
        except (ValueError, RecursionError):
            return ""
        good = isinstance(record, dict) and record.get("status") == 0 and isinstance(record.get("run"), str)
        return record["run"] if good else ""

    def remove_below(self, prefix: str, keep: Set[str] = frozenset()) -> list[str]:
        """Remove what lies below a prefix, but for some keys; return what was removed."""
        stale = [item.key for item in self.store.list(prefix) if item.key not in keep]
        for key in stale:
            self.store.delete(key)
        return stale
