"""Journal of this driver, kept in the output."""

from __future__ import annotations

import time
from typing import Final

from caldp.app.ports.object_store import ObjectStore
from caldp.domain.batch.files import BatchPlace
from caldp.domain.errors import ConditionsUnknown, KeyTaken, PublishError

_PART: Final = 256 << 10  # bytes; a part is written anew with each line until it is so long
_PAUSE: Final = 1.0  # seconds between two writings


class JournalWriter:
    """Lines of one driver, written in parts that appear whole or not at all.

    Parameters
    ----------
    store
        The output.
    place
        Keys of the batch.
    driver
        Id of the driver, which sorts by time.
    """

    def __init__(self, store: ObjectStore, place: BatchPlace, driver: str) -> None:
        self._store, self._place, self._driver = store, place, driver
        self._lines: list[str] = []
        self._length = 0
        self._number = 0
        self._is_new = False
        self._is_enlisted = False
        self._written = 0.0

    def add(self, line: str) -> None:
        """Add a line; it is written with the next ones, soon."""
        if self._length > _PART:
            self.flush()
            self._lines, self._length, self._number = [], 0, self._number + 1
        self._lines.append(line)
        self._length += len(line) + 1
        self._is_new = True

    def tick(self) -> None:
        """Write what is new, unless something was written a moment ago. That it cannot be written is no matter here."""
        if self._is_new and time.monotonic() - self._written >= _PAUSE:
            try:
                self.flush()
            except PublishError:
                self._written = time.monotonic()

    def flush(self) -> None:
        """Write what is new.

        Raises
        ------
        PublishError
            If the output cannot be written.
        """
        if not self._is_new:
            return
        if not self._is_enlisted:
            self._enlist()
        body = "".join(f"{line}\n" for line in self._lines).encode()
        self._store.put_bytes(self._place.journal(self._driver, self._number), body)
        self._is_new, self._written = False, time.monotonic()

    def _enlist(self) -> None:
        """Put this driver's id at the end of the list of drivers."""
        key = self._place.drivers
        while not self._is_enlisted:
            found = self._store.read(key)
            body = (found.data if found else b"") + f"{self._driver}\n".encode()
            try:
                self._store.put_if(key, body, found.version if found else None)
            except KeyTaken:
                continue  # another driver was faster
            except ConditionsUnknown:
                self._store.put_bytes(key, body)
            self._is_enlisted = True
