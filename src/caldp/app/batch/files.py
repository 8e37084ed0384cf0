"""Files of batches in an output: made once, and read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from typing import Final

from attrs import evolve, frozen

from caldp.app.batch.clock import now_text
from caldp.app.pool import working
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.batch.files import BATCHES, PART, BatchHead, BatchPlace, parts, read_entries, read_entry
from caldp.domain.batch.journal import Replay
from caldp.domain.batch.launches import Launch, launch_key
from caldp.domain.batch.manifest import Entry
from caldp.domain.errors import ConditionsUnknown, InvalidRecord, KeyTaken, PublishError, UsageError

_AT_ONCE: Final = 16
_DRIVER: Final = re.compile(r"[0-9A-Za-z-]{1,80}")


@frozen
class BatchFiles:
    """Files of the batches in an output.

    Attributes
    ----------
    store
        The output.
    """

    store: ObjectStore

    def create(self, head: BatchHead, entries: Sequence[Entry]) -> BatchHead:
        """Make a batch, unless there is one with its id: it has the same datasets then.

        Parameters
        ----------
        head
            Description of the batch.
        entries
            Its datasets, by name.

        Returns
        -------
        BatchHead
            The description that is there.

        Raises
        ------
        PublishError
            If the output cannot be written.
        """
        place = BatchPlace(head.batch)
        head = evolve(head, created=head.created or now_text())
        found = self.store.get_bytes(place.head)
        if found is not None:
            return _read_head(self.store, place, found)
        for number, text in enumerate(parts(entries)):
            self._put_once(place.part(number), text.encode())
        self._put_once(place.head, head.to_json().encode())  # last: with it the batch is there
        found = self.store.get_bytes(place.head)
        if found is None:  # some file systems, such as /proc, refuse as if somebody had been faster
            raise PublishError(
                f"{self.store.locate(place.head)} cannot be made.",
                advice="Check the output's path and its permissions.",
            )
        return _read_head(self.store, place, found)

    def _put_once(self, key: str, data: bytes) -> None:
        try:
            self.store.put_if(key, data, None)
        except KeyTaken:
            pass  # the same, from somebody who was faster or was killed
        except ConditionsUnknown:
            self.store.put_bytes(key, data)

    def open(self, batch: str) -> BatchHead:
        """Read the description of a batch.

        Raises
        ------
        UsageError
            If there is no such batch.
        PublishError
            If it cannot be read.
        """
        place = BatchPlace(batch)
        found = self.store.get_bytes(place.head) if batch.isalnum() else None
        if found is None:
            there = ", ".join(head.batch for head in self.heads())
            raise UsageError(
                f"There is no batch {batch[:80]!r} in {self.store.locate('')}.",
                advice=f"There are {there}." if there else "There is none at all: caldp batch run makes one.",
            )
        return _read_head(self.store, place, found)

    def heads(self) -> tuple[BatchHead, ...]:
        """Read the descriptions of all batches, the latest last; those that cannot be read are left out."""
        ids = {stored.key.split("/")[1] for stored in self.store.list(BATCHES) if stored.key.count("/") > 1}
        found = []
        for batch in ids:
            place = BatchPlace(batch)
            body = self.store.get_bytes(place.head)
            if body is not None:
                with suppress(PublishError):
                    found.append(_read_head(self.store, place, body))
        return tuple(sorted(found, key=lambda head: (head.created, head.batch)))

    def latest(self) -> BatchHead:
        """Read the description of the batch that was made last.

        Raises
        ------
        UsageError
            If there is none.
        """
        heads = self.heads()
        if not heads:
            raise UsageError(
                f"There is no batch in {self.store.locate('')}.", advice="caldp batch run makes one. Check the path."
            )
        return heads[-1]

    def entries(self, head: BatchHead) -> tuple[Entry, ...]:
        """Read the manifest of a batch.

        Raises
        ------
        PublishError
            If it cannot be read, or a part of it is missing.
        """
        place = BatchPlace(head.batch)
        keys = [place.part(number) for number in range(-(-head.total // PART))]
        with working(_AT_ONCE, "caldp-manifest") as pool:
            texts = map(self._part, keys, pool.map(self.store.get_bytes, keys))
            try:
                return tuple(read_entries(texts))
            except InvalidRecord as error:
                raise _damaged(self.store.locate(place.prefix), error) from error

    def _part(self, key: str, body: bytes | None) -> str:
        if body is None:
            raise PublishError(
                f"{self.store.locate(key)} is missing: a part of a batch's manifest.",
                advice="Repeat caldp batch run in another output, or put the file back.",
            )
        return body.decode("utf-8", "replace")

    def entry(self, batch: str, number: int) -> Entry:
        """Read one line of the manifest of a batch.

        Parameters
        ----------
        batch
            Id of the batch.
        number
            Number of the line, counted from 0.

        Raises
        ------
        UsageError
            If there is no such line.
        PublishError
            If it cannot be read.
        """
        part, line = divmod(number, PART)
        body = self.store.get_bytes(BatchPlace(batch).part(part)) if number >= 0 else None
        lines = (body or b"").splitlines()
        if line >= len(lines):
            raise UsageError(f"Batch {batch} has no dataset number {number}.", advice="Its first one has number 0.")
        try:
            return read_entry(lines[line].decode("utf-8", "replace"))
        except InvalidRecord as error:
            raise _damaged(self.store.locate(BatchPlace(batch).part(part)), error) from error

    def launch(self, batch: str, name: str) -> Launch:
        """Read a launch of a batch.

        Raises
        ------
        UsageError
            If there is no such launch.
        PublishError
            If it cannot be read.
        """
        key = launch_key(BatchPlace(batch), name)
        body = self.store.get_bytes(key) if name.replace("-", "").isalnum() else None
        if body is None:
            raise UsageError(f"Batch {batch} has no launch {name[:80]!r}.", advice="caldp batch run makes them.")
        try:
            return Launch.from_json(body.decode("utf-8", "replace"))
        except InvalidRecord as error:
            raise _damaged(self.store.locate(key), error) from error

    def launches(self, batch: str) -> tuple[Launch | None, ...]:
        """Read the launches of a batch, in their order; None for one that cannot be understood."""
        return tuple(self._launches(BatchPlace(batch)))

    def _launches(self, place: BatchPlace) -> Iterator[Launch | None]:
        for stored in self.store.list(place.launches):
            try:
                yield Launch.from_json((self.store.get_bytes(stored.key) or b"").decode("utf-8", "replace"))
            except InvalidRecord:
                yield None

    def replay(self, batch: str, replay: Replay) -> None:
        """Take in the journals of a batch, the oldest driver's first."""
        for text in self._journals(batch):
            replay.take(text.split("\n"))

    def _journals(self, batch: str) -> Iterator[str]:
        place = BatchPlace(batch)
        drivers = (self.store.get_bytes(place.drivers) or b"").decode("ascii", "replace").split()
        with working(_AT_ONCE, "caldp-journal") as pool:
            for driver in filter(_DRIVER.fullmatch, dict.fromkeys(drivers)):
                for start in count(0, _AT_ONCE):
                    keys = [place.journal(driver, number) for number in range(start, start + _AT_ONCE)]
                    found = [body for body in pool.map(self.store.get_bytes, keys) if body is not None]
                    yield from (body.decode("utf-8", "replace") for body in found)
                    if len(found) < _AT_ONCE:
                        break


def _read_head(store: ObjectStore, place: BatchPlace, body: bytes) -> BatchHead:
    try:
        return BatchHead.from_json(body.decode("utf-8", "replace"))
    except InvalidRecord as error:
        raise _damaged(store.locate(place.head), error) from error


def _damaged(where: str, error: InvalidRecord) -> PublishError:
    return PublishError(f"{where} cannot be read: {error.message}", advice=error.advice)
