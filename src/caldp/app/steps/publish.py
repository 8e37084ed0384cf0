"""Puts a run's products, logs and messages where they belong, so that a dataset is never shown half-finished.

The order is the guarantee: PROCESSING before anything changes; then products; then what an earlier run left and this
one does not have; then logs; and only when all of it is in place the final message. A new message is put before the
old one is deleted, so that a run that is killed anywhere leaves PROCESSING, which `current_state` believes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from caldp.app.flow import Destination, ProductSet, PublishReceipt
from caldp.app.ports import Listener, StoredObject
from caldp.app.signature import require_unchanged
from caldp.domain.dataset import AnyDataset
from caldp.domain.errors import PublishError
from caldp.domain.events import Level, Note, Transfer
from caldp.domain.layout import CalcloudLayout, TreeLayout
from caldp.domain.messages import OWN_STATES, MessageState


def announce(destination: Destination | None, dataset: AnyDataset, tell: Listener) -> None:
    """Say that a dataset is being processed, and take back what earlier runs said of it.

    Raises
    ------
    PublishError
        If the output cannot be written: better now than after an hour of calibration.
    """
    if destination is not None:
        _Publication(destination, dataset, tell).announce()


def publish(
    destination: Destination | None,
    dataset: AnyDataset,
    products: ProductSet,
    *,
    logs: Sequence[Path],
    state: MessageState,
    tell: Listener,
    consume: bool = False,
) -> PublishReceipt:
    """Put products, logs and the final message where they belong.

    Parameters
    ----------
    destination
        Where; None if nothing is to be published.
    dataset
        Which has been announced.
    products
        What is to be published.
    logs
        Log files, metrics and the record, which are copied.
    state
        What the final message is to say: PROCESSED or ERROR. After an error, files of earlier runs are left in place.
    tell
        Hears what is stored.
    consume
        The products are not needed any more: they are moved where that is possible.

    Raises
    ------
    PublishError
        If anything could not be stored. The message is then ERROR, or PROCESSING if not even that could be said.
    """
    if destination is None:
        return PublishReceipt()
    publication = _Publication(destination, dataset, tell, consume)
    try:
        stored = publication.store(products, logs, clean=state is MessageState.PROCESSED)
        publication.say(state)
    except PublishError:
        with suppress(PublishError):
            publication.say(MessageState.ERROR)
        raise
    return PublishReceipt(
        location=publication.address,
        objects=tuple(destination.store.locate(item.key) for item in stored),
        message=state,
        bytes_stored=sum(item.size for item in stored),
    )


@frozen
class _Publication:
    """One dataset on its way to its destination."""

    destination: Destination
    dataset: AnyDataset
    tell: Listener
    consume: bool = False

    @property
    def address(self) -> str:
        """The full address of the dataset's products: their directory, or the tarball."""
        layout = self.destination.layout
        home = layout.archive_key if isinstance(layout, CalcloudLayout) else layout.prefix
        return self.destination.store.locate(home(self.dataset))

    def announce(self) -> None:
        """Put PROCESSING, and warn if what others said of the dataset is going to be out of date."""
        for state in (MessageState.SYNCED, MessageState.ARCHIVED):
            if self._said(state):
                key = self.destination.layout.message_key(self.dataset, state)
                warning = f"{self.destination.store.locate(key)} speaks of earlier products of {self.dataset}."
                self.tell(Note(warning, Level.WARNING))
        self.say(MessageState.PROCESSING)

    def say(self, state: MessageState) -> None:
        """Put a message, then delete the others that caldp writes, PROCESSING last."""
        store, layout = self.destination.store, self.destination.layout
        body = layout.message_body(self.dataset, state, self.address)
        store.put_bytes(layout.message_key(self.dataset, state), body)
        for other in sorted(OWN_STATES, key=lambda own: own is MessageState.PROCESSING):
            if other is not state:
                store.delete(layout.message_key(self.dataset, other))

    def _said(self, state: MessageState) -> bool:
        return self.destination.store.get_bytes(self.destination.layout.message_key(self.dataset, state)) is not None

    def store(self, products: ProductSet, logs: Sequence[Path], *, clean: bool) -> list[StoredObject]:
        """Store products, remove what is stale if that is asked for, and store logs."""
        if not self._said(MessageState.PROCESSING):  # another run of the dataset has ended meanwhile
            self.say(MessageState.PROCESSING)
        self.tell(Note(f"Publishing {len(products.files)} files to {self.address}"))
        stored = list(self._store_products(products))
        log_keys = {self.destination.layout.log_key(self.dataset, path.name): path for path in logs}
        if clean:
            self._remove_all_but({item.key for item in stored} | log_keys.keys())
        for key, path in log_keys.items():
            size = path.stat().st_size
            self.destination.store.put_file(key, path)
            stored.append(StoredObject(key, size))
        return stored

    def _store_products(self, products: ProductSet) -> Iterator[StoredObject]:
        layout = self.destination.layout
        for file in products.files:
            require_unchanged(file.path, file.judged)
        if isinstance(layout, TreeLayout):
            done, total = 0, sum(file.path.stat().st_size for file in products.files)
            for file in products.files:
                stored = self._store_file(layout.file_key(self.dataset, file.category, file.path.name), file.path)
                done += stored.size
                self.tell(Transfer(f"products of {self.dataset}", done, total))
                yield stored
        elif products.files:
            members = [
                (layout.member_name(self.dataset, file.category, file.path.name), file.path) for file in products.files
            ]
            yield self.destination.store.put_stream(layout.archive_key(self.dataset), self._packed(members))

    def _store_file(self, key: str, path: Path) -> StoredObject:
        size = path.stat().st_size
        self.destination.store.put_file(key, path, consume=self.consume)
        return StoredObject(key, size)

    def _packed(self, members: Sequence[tuple[str, Path]]) -> Iterator[bytes]:
        done = 0
        for piece in self.destination.packer.pack(members):
            yield piece
            done += len(piece)
            self.tell(Transfer(f"{self.dataset}.tar.gz", done))

    def _remove_all_but(self, current: Set[str]) -> None:
        store = self.destination.store
        for item in tuple(store.list(self.destination.layout.prefix(self.dataset))):
            if item.key not in current:
                self.tell(Note(f"Removing {item.key}, which an earlier run left"))
                store.delete(item.key)
