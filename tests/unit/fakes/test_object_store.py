"""The fake of ObjectStore keeps the contract."""

from collections.abc import Iterable

import pytest

from caldp.app.ports.object_store import ObjectStore
from tests.contracts.object_store import ObjectStoreContract, RawAccess
from tests.fakes.object_store import MemoryStore


class TestMemoryStore(ObjectStoreContract):
    @pytest.fixture
    def store(self) -> ObjectStore:
        return MemoryStore()

    @pytest.fixture
    def raw(self, store: MemoryStore) -> RawAccess:
        return _Memory(store)


class _Memory(RawAccess):
    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def read(self, key: str) -> bytes:
        return self._store.objects[key]

    def keys(self) -> set[str]:
        return set(self._store.objects)

    def fill(self, keys: Iterable[str]) -> None:
        self._store.objects.update(dict.fromkeys(keys, b""))

    def leftovers(self) -> list[str]:
        return []
