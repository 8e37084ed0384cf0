"""The port MemoryWatch."""

from __future__ import annotations

from typing import Protocol


class MemoryWatch(Protocol):
    """The kernel's account of the memory of this process and its children together."""

    def oom_kills(self) -> int | None:
        """Count the processes that it has killed so far for lack of memory; None if that cannot be known."""

    def limit(self) -> int | None:
        """Return how much memory they may use together; bytes, None if there is no limit or it cannot be known."""

    def available(self) -> int | None:
        """Return how much memory is left for further processes; bytes, None if it cannot be known."""
