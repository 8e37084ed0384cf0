"""An object store in memory."""

import threading
import time
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path

from caldp.app.ports.object_store import Reading, StoredObject
from caldp.domain.errors import KeyTaken, PublishError


class MemoryStore:
    """Keeps objects in a dictionary; implements the port ObjectStore.

    `objects` holds what is stored, `history` what was done. To make it fail, give it `trouble`: it is called with
    ``put``, ``get``, ``list``, ``copy`` or ``delete`` and the key before anything is done, and may raise.
    It replaces in steps, like S3; `clock` tells the seconds from which ages are counted::

        store = MemoryStore()
        store.put_bytes("a/x", b"1")
        assert (store.objects, store.history) == ({"a/x": b"1"}, [("put", "a/x")])
    """

    def __init__(
        self,
        trouble: Callable[[str, str], None] = lambda _action, _key: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.objects: dict[str, bytes] = {}
        self.clock = clock
        self.born: dict[str, float] = {}
        self._lock = threading.RLock()
        self.history: list[tuple[str, str]] = []
        self.trouble = trouble

    def put_bytes(self, key: str, data: bytes) -> None:
        self.trouble("put", key)
        with self._lock:
            self.history.append(("put", key))
            self.objects[key] = bytes(data)
            self.born[key] = self.clock()

    def put_if(self, key: str, data: bytes, version: str | None) -> str:
        self.trouble("put", key)
        with self._lock:
            found = self.objects.get(key)
            if version != (None if found is None else found.hex()):
                raise KeyTaken(f"{key} has been changed by another.")
            self.history.append(("put", key))
            self.objects[key] = bytes(data)
            self.born[key] = self.clock()
        return data.hex()

    def read(self, key: str) -> Reading | None:
        self.trouble("get", key)
        with self._lock:
            data = self.objects.get(key)
            return None if data is None else Reading(data, data.hex(), self.clock() - self.born.get(key, 0.0))

    def put_file(self, key: str, path: Path, *, consume: bool = False) -> StoredObject:
        data = path.read_bytes()
        self.put_bytes(key, data)
        if consume:
            path.unlink()
        return StoredObject(key, len(data), f"{zlib.crc32(data):08x}")

    def settle(self, prefix: str) -> None:
        self.trouble("settle", prefix)

    def replace(self, staged: str, prefix: str, unsettle: Callable[[], None]) -> None:
        wanted = {item.key.removeprefix(staged) for item in self.list(staged)}
        if not wanted:
            raise PublishError(f"Nothing lies below {staged}.")
        unsettle()
        for name in sorted(wanted):
            self.trouble("copy", prefix + name)
            self.history.append(("copy", prefix + name))
            self.objects[prefix + name] = self.objects[staged + name]
        for item in tuple(self.list(prefix)):
            if item.key.removeprefix(prefix) not in wanted:
                self.delete(item.key)

    def put_stream(self, key: str, chunks: Iterable[bytes]) -> StoredObject:
        data = b"".join(chunks)
        self.put_bytes(key, data)
        return StoredObject(key, len(data), f"{zlib.crc32(data):08x}")

    def get_bytes(self, key: str) -> bytes | None:
        self.trouble("get", key)
        return self.objects.get(key)

    def get_many(self, keys: Iterable[str]) -> Generator[bytes | None, None, None]:
        yield from map(self.get_bytes, keys)

    def get_part(self, key: str, start: int, size: int) -> bytes | None:
        data = self.get_bytes(key)
        return None if data is None else data[start : start + size]

    def get_stream(self, stored: StoredObject) -> Iterator[bytes]:
        self.trouble("get", stored.key)
        data = self.objects.get(stored.key)
        if data is None or len(data) != stored.size:
            raise PublishError(f"{stored.key} has changed.")
        yield from (data[start : start + 1000] for start in range(0, len(data), 1000))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        self.trouble("list", prefix)
        yield from (StoredObject(key, len(self.objects[key])) for key in sorted(self.objects) if key.startswith(prefix))

    def delete(self, key: str) -> None:
        self.trouble("delete", key)
        self.history.append(("delete", key))
        self.objects.pop(key, None)

    def locate(self, key: str) -> str:
        return f"memory://store/{key}"
