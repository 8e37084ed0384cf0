"""Jobs that are a function's results."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from caldp.app.ports.launcher import Launch, Report
from caldp.domain.batch.job import AttemptEnd, EndKind

HANGS = AttemptEnd(status=-1)
"""Result of a job that does not end by itself."""


class FakeLauncher:
    """Does the work of a job when it is polled; implements the port Launcher.

    `started` holds the launches, `together` the greatest number of jobs that ran at the same time. `known` holds
    launches of an earlier driver, by name, that `adopt` finds. `trouble` is raised by `start`, if it is set::

        launcher = FakeLauncher(lambda number, memory_mib: AttemptEnd(status=0))

    Parameters
    ----------
    work
        Return the end of a job, given its number and memory (MiB).
    most_together
        Greatest number of jobs in a launch.
    """

    def __init__(self, work: Callable[[int, int], AttemptEnd], most_together: int = 1) -> None:
        self.most_together = most_together
        self.known: dict[str, Launch] = {}
        self.trouble: Exception | None = None
        self._work = work
        self._running: dict[int, int] = {}
        self._is_stopped = False
        self.started: list[Launch] = []
        self.together = 0

    def start(self, launch: Launch) -> None:
        if self.trouble is not None:
            raise self.trouble
        assert len(launch.numbers) <= self.most_together
        self.started.append(launch)
        for number in launch.numbers:
            assert number not in self._running, "twice at once"
            self._running[number] = launch.memory_mib
        self.together = max(self.together, len(self._running))

    def poll(self, seconds: float) -> Sequence[Report]:
        found = []
        for number, memory_mib in list(self._running.items()):
            end = AttemptEnd(status=143) if self._is_stopped else self._work(number, memory_mib)
            if end is not HANGS:
                del self._running[number]
                found.append(Report(number, end=end))
        return found

    def stop(self, *, running: bool) -> None:
        self._is_stopped = self._is_stopped or running

    def adopt(self, launches: Sequence[Launch]) -> Sequence[Launch]:
        found = [self.known[launch.name] for launch in launches if launch.name in self.known]
        for launch in found:
            self._running.update(dict.fromkeys(launch.numbers, launch.memory_mib))
        return found

    def close(self) -> None:
        self._running.clear()


def exits(status: int, cause: str = "") -> AttemptEnd:
    """Return the end of a job that exited."""
    return AttemptEnd(EndKind.EXITED, status, cause)
