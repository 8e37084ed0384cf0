"""Order of the datasets that wait, and their admission to the memory of a machine."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import Final

from attrs import define, field, frozen

STEP_MIB: Final = 128
"""Needs of memory are rounded up to a multiple of this; MiB."""


def rounded(memory_mib: float) -> int:
    """Round a need of memory up; MiB."""
    return max(STEP_MIB, -int(-memory_mib // STEP_MIB) * STEP_MIB)


@define
class Queue:
    """Datasets that wait: the longest first, by need of memory."""

    _heaps: dict[int, list[tuple[float, int]]] = field(factory=dict)
    _size: int = 0

    def __len__(self) -> int:
        return self._size

    def put(self, number: int, memory_mib: int, seconds: float) -> None:
        """Add a dataset.

        Parameters
        ----------
        number
            Number of the dataset.
        memory_mib
            Memory that it needs; MiB.
        seconds
            Time that it will take, as far as that is known; of equal ones the first comes first.
        """
        heapq.heappush(self._heaps.setdefault(memory_mib, []), (-seconds, number))
        self._size += 1

    def take(self, fits: Callable[[int], bool]) -> int | None:
        """Remove and return the longest dataset whose need of memory fits; None if none does."""
        heads = ((heap[0], memory) for memory, heap in self._heaps.items() if fits(memory))
        _, memory = min(heads, default=((0.0, 0), -1))
        if memory < 0:
            return None
        _, number = heapq.heappop(self._heaps[memory])
        if not self._heaps[memory]:
            del self._heaps[memory]
        self._size -= 1
        return number

    def sizes(self) -> Iterable[int]:
        """List the needs of memory that there are; MiB."""
        return tuple(self._heaps)


@frozen
class Machine:
    """Memory and places of one machine.

    Attributes
    ----------
    memory_mib
        Memory that jobs may use together; MiB.
    places
        Number of jobs at the same time.
    """

    memory_mib: int
    places: int

    def admits(self, need: int, used: int, running: int) -> bool:
        """Tell whether another job may start. Whatever it needs, it may run alone.

        Parameters
        ----------
        need, used
            Memory of the job, and of those that run; MiB.
        running
            Number of jobs that run.
        """
        return running < self.places and (running == 0 or used + need <= self.memory_mib)
