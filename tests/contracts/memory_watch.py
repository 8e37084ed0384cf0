"""Contract of the port MemoryWatch."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from caldp.app.ports.memory_watch import MemoryWatch


class MemoryWatchContract(ABC):
    """Subclasses say how the kernel's state comes about; the rest is the contract."""

    @pytest.fixture
    @abstractmethod
    def watch(self) -> MemoryWatch:
        """Return a watch; at first, nothing is known of the memory."""

    @abstractmethod
    def become(self, watch: MemoryWatch, *, kills: int | None, limit: int | None, used: int | None = None) -> None:
        """Bring about a number of killed processes, a limit and a use in bytes; None hides any of them."""

    def test_unknown_is_none_and_no_error(self, watch: MemoryWatch) -> None:
        assert (watch.oom_kills(), watch.limit(), watch.available()) == (None, None, None)

    @pytest.mark.parametrize("kills", [0, 1, 17])
    def test_killed_processes_are_counted(self, watch: MemoryWatch, kills: int) -> None:
        self.become(watch, kills=kills, limit=None)
        assert (watch.oom_kills(), watch.limit()) == (kills, None)

    @pytest.mark.parametrize("limit", [1 << 20, 57344 << 20])
    def test_a_limit_is_told_in_bytes(self, watch: MemoryWatch, limit: int) -> None:
        self.become(watch, kills=None, limit=limit)
        assert (watch.oom_kills(), watch.limit()) == (None, limit)

    def test_what_is_left_of_a_limit_is_available(self, watch: MemoryWatch) -> None:
        self.become(watch, kills=None, limit=3 << 30, used=1 << 30)
        assert watch.available() == 2 << 30

    def test_nothing_is_available_beyond_a_limit(self, watch: MemoryWatch) -> None:
        self.become(watch, kills=None, limit=1 << 30, used=2 << 30)
        assert watch.available() == 0

    def test_a_look_changes_nothing(self, watch: MemoryWatch) -> None:
        self.become(watch, kills=2, limit=1 << 30)
        assert [watch.oom_kills() for _ in range(3)] == [2, 2, 2]

    def test_each_look_is_at_the_present(self, watch: MemoryWatch) -> None:
        """A runner looks before and after an engine, and compares."""
        self.become(watch, kills=2, limit=1 << 30)
        before = watch.oom_kills()
        self.become(watch, kills=3, limit=2 << 30)
        assert (before, watch.oom_kills(), watch.limit()) == (2, 3, 2 << 30)
