"""An object store in memory."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from caldp.app.ports import StoredObject


class MemoryStore:
    """Keeps objects in a dictionary; implements the port ObjectStore.

    `objects` holds what is stored, `history` what was done. To make it fail, give it `trouble`: it is called with
    ``put``, ``get``, ``list`` or ``delete`` and the key before anything is done, and may raise::

        store = MemoryStore()
        store.put_bytes("a/x", b"1")
        assert (store.objects, store.history) == ({"a/x": b"1"}, [("put", "a/x")])
    """

    def __init__(self, trouble: Callable[[str, str], None] = lambda _action, _key: None) -> None:
        self.objects: dict[str, bytes] = {}
        self.history: list[tuple[str, str]] = []
        self.trouble = trouble

    def put_bytes(self, key: str, data: bytes) -> None:
        self.trouble("put", key)
        self.history.append(("put", key))
        self.objects[key] = bytes(data)

    def put_file(self, key: str, path: Path, *, consume: bool = False) -> None:
        self.put_bytes(key, path.read_bytes())
        if consume:
            path.unlink()

    def put_stream(self, key: str, chunks: Iterable[bytes]) -> StoredObject:
        data = b"".join(chunks)
        self.put_bytes(key, data)
        return StoredObject(key, len(data))

    def get_bytes(self, key: str) -> bytes | None:
        self.trouble("get", key)
        return self.objects.get(key)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        self.trouble("list", prefix)
        yield from (StoredObject(key, len(self.objects[key])) for key in sorted(self.objects) if key.startswith(prefix))

    def delete(self, key: str) -> None:
        self.trouble("delete", key)
        self.history.append(("delete", key))
        self.objects.pop(key, None)

    def locate(self, key: str) -> str:
        return f"memory://store/{key}"
