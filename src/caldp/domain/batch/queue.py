"""Order of the datasets that wait, and their admission to the memory of a machine."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from operator import itemgetter
from statistics import median
from typing import Final

from attrs import define, field, frozen

from caldp.domain.batch.traits import Kind

STEP_MIB: Final = 128
"""Needs of memory are rounded up to a multiple of this; MiB."""

_REMEMBERED: Final = 9
"""Jobs of a kind by which the others are estimated: the last ones."""


def rounded(memory_mib: float) -> int:
    """Round a need of memory up; MiB."""
    return max(STEP_MIB, -int(-memory_mib // STEP_MIB) * STEP_MIB)


@define
class Queue:
    """Datasets that wait: the longest first, by need of memory.

    How long jobs of a kind really take is learnt from the first ones that end; the others of the kind follow.
    """

    _heaps: dict[tuple[int, Kind | None], list[tuple[float, int]]] = field(factory=dict)
    _learnt: dict[Kind, deque[float]] = field(factory=dict)
    _size: int = 0

    def __len__(self) -> int:
        return self._size

    def put(self, number: int, memory_mib: int, seconds: float, kind: Kind | None = None) -> None:
        """Add a dataset.

        Parameters
        ----------
        number
            Number of the dataset.
        memory_mib
            Memory that it needs; MiB.
        seconds
            Time that it will take, as far as that is known; of equal ones the first comes first.
        kind
            Kind whose jobs take longer or shorter than estimated together; None for none.
        """
        heapq.heappush(self._heaps.setdefault((memory_mib, kind), []), (-seconds, number))
        self._size += 1

    def learn(self, kind: Kind, ratio: float) -> None:
        """Take in that a job of a kind took so many times the time that was estimated."""
        self._learnt.setdefault(kind, deque(maxlen=_REMEMBERED)).append(ratio)

    def take(self, fits: Callable[[int], bool]) -> int | None:
        """Remove and return the longest dataset whose need of memory fits; None if none does."""
        heads = [
            (heap[0][0] * self._ratio(kind), heap[0][1], (memory, kind))
            for (memory, kind), heap in self._heaps.items()
            if fits(memory)
        ]
        if not heads:
            return None
        _, number, key = min(heads, key=itemgetter(0, 1))
        heapq.heappop(self._heaps[key])
        if not self._heaps[key]:
            del self._heaps[key]
        self._size -= 1
        return number

    def _ratio(self, kind: Kind | None) -> float:
        learnt = None if kind is None else self._learnt.get(kind)
        return median(learnt) if learnt else 1.0

    def sizes(self) -> Iterable[int]:
        """List the needs of memory that there are; MiB."""
        return tuple({memory for memory, _ in self._heaps})


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
