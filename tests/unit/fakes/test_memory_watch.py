"""The fake of MemoryWatch keeps the contract."""

from __future__ import annotations

import pytest

from caldp.app.ports.memory_watch import MemoryWatch
from tests.contracts.memory_watch import MemoryWatchContract
from tests.fakes.memory_watch import FakeMemory


class TestFakeMemory(MemoryWatchContract):
    @pytest.fixture
    def watch(self) -> FakeMemory:
        return FakeMemory()

    def become(self, watch: MemoryWatch, *, kills: int | None, limit: int | None, used: int | None = None) -> None:
        assert isinstance(watch, FakeMemory)
        watch.kills, watch.bound = kills, limit
        watch.left = None if limit is None or used is None else max(0, limit - used)
