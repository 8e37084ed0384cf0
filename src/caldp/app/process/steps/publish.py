"""Publication of a run's products, logs and messages: a dataset is never shown half-finished.

Products and logs go to one of three places. A good run of a dataset that has no good products yet puts them right
where they belong, while there is no message but *processing*; so does a failed one. Where an earlier run's products
are in place, a good run puts its own together beside them and then replaces them, and a failed one has a place for
failed attempts. The record is put last: it names all objects of the run. Then come the final message and the end of
*processing*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from attrs import evolve, field, frozen

from caldp.app.calibration.signature import require_unchanged
from caldp.app.ports.listener import Listener
from caldp.app.ports.object_store import StoredObject
from caldp.app.process.flow import ProductSet
from caldp.app.process.steps.announce import Announcement
from caldp.app.publication.place import DatasetPlace
from caldp.domain.errors import DatasetTaken, PublishError
from caldp.domain.output.layout import attempts_prefix
from caldp.domain.output.messages import MessageState
from caldp.domain.run.events import Note, Transfer
from caldp.domain.run.outcome import PublishReceipt

RecordOf = Callable[[Sequence[StoredObject], Mapping[str, str]], bytes]
"""Writes the record of a run that has stored some objects, among them delivered files, whose keys it gets by name."""


def publish(
    announcement: Announcement | None,
    products: ProductSet,
    *,
    logs: Sequence[Path],
    record: RecordOf,
    state: MessageState,
    tell: Listener,
    consume: bool = False,
) -> PublishReceipt:
    """Put products, logs and the final message where they belong.

    Parameters
    ----------
    announcement
        Value that `announce` returned; None if nothing is to be published.
    products
        Files to publish.
    logs
        Log files and metrics, which are copied.
    record
        Writes the run's record.
    state
        State for the final message: PROCESSED or ERROR.
    tell
        Hears what is stored.
    consume
        The products are not needed any more: they are moved where that is possible.

    Raises
    ------
    DatasetTaken
        If another run has taken the dataset over. Nothing is touched any more.
    PublishError
        If anything could not be stored. The message is then ERROR, or still PROCESSED if an earlier run's products
        are in place.
    """
    if announcement is None or announcement.said or announcement.ended:
        return PublishReceipt()
    publication = _Publication(announcement, products, logs, record, tell, consume)
    try:
        announcement.claim.confirm()
        if not announcement.earlier and not announcement.unsettled:
            return publication.directly(state)
        return publication.replace() if state is MessageState.PROCESSED else publication.attempt()
    except DatasetTaken:
        announcement.abandon()
        raise
    except Exception:
        if announcement.unsettled:
            return publication.finish()
        if not announcement.ended:
            with suppress(PublishError):
                publication.give_up()
        announcement.abandon()
        raise


@frozen
class _Publication:
    """One dataset on its way to its destination."""

    announcement: Announcement
    products: ProductSet
    logs: Sequence[Path]
    record: RecordOf
    tell: Listener
    consume: bool
    place: DatasetPlace = field(init=False)

    @place.default
    def _place(self) -> DatasetPlace:
        return self.announcement.place

    @property
    def _staging(self) -> str:
        return self.place.staging(self.announcement.claim.owner.run)

    @property
    def _attempt(self) -> str:
        return self.place.attempt(self.announcement.claim.owner.run)

    def directly(self, state: MessageState) -> PublishReceipt:
        """Put everything where it belongs. After an error, files of earlier failed runs are left in place."""
        place = self.place
        if state is not MessageState.PROCESSED:
            products = self._still_there()
            stored = self._store(place.home, products)
        else:
            products = self.products
            stored = self._store(place.home, products)
            self._refuse_strangers(stored)
        place.store.settle(place.home)
        self._put_record(place.home, stored, products)
        self.announcement.claim.confirm()
        place.say(state)
        self.announcement.said = True
        self.announcement.earlier = state is MessageState.PROCESSED
        self.announcement.end()
        return self._receipt(stored, place.address, state)

    def replace(self) -> PublishReceipt:
        """Put everything together beside an earlier run's dataset, and then in its place."""
        place = self.place
        stored = self._store(self._staging, self.products)
        self._put_record(self._staging, stored, self.products)
        self.announcement.claim.confirm()
        self.tell(Note(f"Replacing the files of an earlier run at {place.address}"))
        place.store.replace(self._staging, place.home, self._unsettle)
        place.say(MessageState.PROCESSED)
        self.announcement.said, self.announcement.unsettled = True, False
        with suppress(PublishError):  # all is said; the next run sweeps what is left
            place.remove_below(attempts_prefix(place.dataset))
            place.remove_below(self._staging)
        self.announcement.end()
        return self._receipt(self._at_home(stored, self._staging), place.address, MessageState.PROCESSED)

    def finish(self) -> PublishReceipt:
        """Take up a replacement that was broken off; if it fails again, *processing* stays, and the next run does it.

        Raises
        ------
        PublishError
            If it fails again.
        """
        if not self.announcement.complete():
            self.announcement.abandon()
            raise PublishError(f"{self.place.address} cannot be replaced.", advice="Run it again.")
        with suppress(PublishError):
            self.place.remove_below(self._staging)
        self.announcement.end()
        return PublishReceipt(self.place.address, message=MessageState.PROCESSED)

    def attempt(self) -> PublishReceipt:
        """Put the files of a failed run aside; an earlier run's dataset stays."""
        place, attempt = self.place, self._attempt
        if self.announcement.unsettled or place.whole_run(place.home) == self.announcement.claim.owner.run:
            return self.finish()  # the run was stopped when all was done but for the message
        self._save_staged()
        self.tell(Note(f"{place.address} stays as an earlier run left it."))
        products = self._still_there()
        stored = self._store(attempt, products)
        self._put_record(attempt, stored, products)
        place.store.settle(attempt)
        self.announcement.end()
        return self._receipt(stored, place.store.locate(attempt), None)

    def give_up(self) -> None:
        """Say that publishing failed; an earlier run's dataset stays, and what was put together is put aside."""
        announcement = self.announcement
        if not announcement.earlier:
            self.place.say(MessageState.ERROR)
        else:
            with suppress(PublishError):
                self._save_staged()
                self._put_record(self._attempt, self._store(self._attempt, ProductSet()), ProductSet())
        announcement.end()

    def _unsettle(self) -> None:
        """Take *processed* back while files of two runs lie together."""
        self.announcement.unsettled = True
        self.place.store.delete(self.place.message_key(MessageState.PROCESSED))

    def _save_staged(self) -> None:
        """Move what was put together to the place of failed attempts: where it was moved to, it is nowhere else."""
        if next(iter(self.place.store.list(self._staging)), None) is not None:
            self.place.store.replace(self._staging, self._attempt, lambda: None)
            self.place.remove_below(self._staging)

    def _still_there(self) -> ProductSet:
        """Leave out what a publication that was broken off has moved."""
        return ProductSet(tuple(file for file in self.products.files if file.path.exists()))

    def _store(self, prefix: str, products: ProductSet) -> list[StoredObject]:
        """Store products and logs below a prefix."""
        where = self.place.store.locate(prefix)
        self.tell(Note(f"Publishing {len(products.files)} files to {where}"))
        stored = list(self._store_products(prefix, products))
        for path in self.logs:
            self.announcement.claim.check()
            key = self.place.below(prefix, self.place.layout.log_key(self.place.dataset, path.name))
            stored.append(self.place.store.put_file(key, path))
        return stored

    def _store_products(self, prefix: str, products: ProductSet) -> Iterator[StoredObject]:
        place, dataset, store = self.place, self.place.dataset, self.place.store
        for file in products.files:
            require_unchanged(file.path, file.judged)
        archive = place.layout.archive_key(dataset)
        if not archive:
            done, total = 0, sum(file.path.stat().st_size for file in products.files)
            for file in products.files:
                self.announcement.claim.check()
                key = place.file_key(prefix, file.category, file.path.name)
                stored = store.put_file(key, file.path, consume=self.consume)
                done += stored.size
                self.tell(Transfer(f"products of {dataset}", done, total))
                yield stored
        elif products.files:
            members = [(place.file_key(prefix, file.category, file.path.name), file.path) for file in products.files]
            yield store.put_stream(place.below(prefix, archive), self._packed(members))

    def _packed(self, members: Sequence[tuple[str, Path]]) -> Iterator[bytes]:
        done = 0
        for piece in self.place.destination.packer.pack(members):
            self.announcement.claim.check()
            yield piece
            done += len(piece)
            self.tell(Transfer(f"{self.place.dataset}.tar.gz", done))

    def _put_record(self, prefix: str, stored: Sequence[StoredObject], products: ProductSet) -> None:
        record = self.record(self._at_home(stored, prefix), self._keys(prefix, products))
        self.place.store.put_bytes(self.place.record_key(prefix), record)

    def _keys(self, prefix: str, products: ProductSet) -> dict[str, str]:
        """Return the key that each file has in the end, by name; its name inside the tarball if there is one."""
        final = self.place.home if prefix == self._staging else prefix
        return {file.path.name: self.place.file_key(final, file.category, file.path.name) for file in products.files}

    def _at_home(self, stored: Sequence[StoredObject], prefix: str) -> list[StoredObject]:
        """Name objects by the keys that they have in the end."""
        if prefix != self._staging:
            return list(stored)
        return [evolve(item, key=self.place.home + item.key.removeprefix(prefix)) for item in stored]

    def _refuse_strangers(self, stored: Sequence[StoredObject]) -> None:
        """Remove what earlier runs left, and refuse what another run has put over this one's."""
        mine, record = {item.key: item for item in stored}, self.place.record_key(self.place.home)
        for found in tuple(self.place.store.list(self.place.home)):
            item, where = mine.pop(found.key, None), self.place.store.locate(found.key)
            if item is None and found.key != record:
                self.tell(Note(f"Removing {found.key}, which an earlier run left"))
                self.place.store.delete(found.key)
            elif item is not None and (found.size != item.size or (item.version and found.version != item.version)):
                raise PublishError(f"{where} has been overwritten.", advice="Run it again.")
        if mine:
            raise PublishError(f"{self.place.store.locate(min(mine))} has been removed.", advice="Run it again.")

    def _receipt(self, stored: Sequence[StoredObject], location: str, state: MessageState | None) -> PublishReceipt:
        return PublishReceipt(
            location=location,
            objects=tuple(self.place.store.locate(item.key) for item in stored),
            message=state,
            bytes_stored=sum(item.size for item in stored),
        )
