"""Loop of a driver whose jobs share one machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from attrs import define, field

from caldp.app.batch.ledger import Ledger
from caldp.app.ports.launcher import Launch, Launcher, Report
from caldp.domain.batch.estimate import Estimate
from caldp.domain.batch.job import AttemptEnd, EndKind, JobState
from caldp.domain.batch.queue import Machine, Queue, rounded
from caldp.domain.errors import LaunchError
from caldp.domain.exit_codes import ExitCode

_LOOK: Final = 0.25  # seconds; a stop is noticed within this time
_BUSY: Final = 5.0  # seconds before a dataset that another run holds is tried again; twice as long each time
_LONGEST_BUSY: Final = 300.0


@define
class Control:
    """Wishes of the user that a driver heeds while it runs.

    Attributes
    ----------
    stops
        Return how often the driver was asked to stop: after the first time no job begins, and after the second
        those that run are asked to end.
    cancelled
        Tell whether the batch is to be given up.
    tick
        Called several times a second, for whatever is to be kept up; may raise what ends the driver.
    """

    stops: Callable[[], int]
    cancelled: Callable[[], bool]
    tick: Callable[[], None]


@define
class HereDriver:
    """Runs jobs as long as memory and places last, the longest first.

    Attributes
    ----------
    ledger
        Jobs and their fates.
    launcher
        Engine of this machine.
    machine
        Its memory and places.
    estimates
        Needs of the jobs that are to run, by number.
    control
        Wishes of the user.
    """

    ledger: Ledger
    launcher: Launcher
    machine: Machine
    estimates: Mapping[int, Estimate]
    control: Control
    queue: Queue = field(factory=Queue, init=False)
    _running: dict[int, int] = field(factory=dict)
    _later: list[tuple[float, int]] = field(factory=list)
    _is_cancelled: bool = False

    def run(self) -> None:
        """Run until every job is settled, or a stop lets no more begin and the last has ended."""
        for number in self.estimates:
            self._wait(number)
        while True:
            self.control.tick()
            stops = self.control.stops()
            self._is_cancelled = self._is_cancelled or self.control.cancelled()
            if self._is_cancelled:
                self._cancel_waiting()
            if stops or self._is_cancelled:
                self.launcher.stop(running=stops > 1 or self._is_cancelled)
            else:
                self._admit()
            waiting = bool(self.queue) or bool(self._later)
            if not self._running and (stops or not waiting):
                return
            for report in self.launcher.poll(_LOOK):
                self._take(report, stops)

    def _admit(self) -> None:
        ready = [number for due, number in self._later if due <= time.monotonic()]
        self._later = [(due, number) for due, number in self._later if number not in ready]
        for due in ready:
            self._wait(due)
        while not self.control.stops() and (number := self.queue.take(self._fits)) is not None:
            self._start(number)
            self.control.tick()

    def _fits(self, need: int) -> bool:
        return self.machine.admits(need, sum(self._running.values()), len(self._running))

    def _start(self, number: int) -> None:
        job = self.ledger.jobs[number]
        self.ledger.start((number,), job.memory_mib)
        self._running[number] = job.memory_mib
        try:
            self.launcher.start(Launch(f"{job.dataset}-{job.attempts}", (number,), job.memory_mib))
        except LaunchError as error:
            end = AttemptEnd(EndKind.EXITED, int(ExitCode.GENERIC_ERROR), error.message, error.advice)
            self._take(Report(number, end=end), 0)
        else:
            self.ledger.began(number)

    def _take(self, report: Report, stops: int) -> None:
        if report.end is None:
            self.ledger.began(report.number, report.step)
            return
        end = report.end
        if end.status != 0 and self._is_cancelled:
            end = AttemptEnd(EndKind.CANCELLED, end.status, seconds=end.seconds)
        elif end.status != 0 and (stops > 1 or (stops and end.kind is EndKind.CANCELLED)):
            end = AttemptEnd(EndKind.STOPPED, end.status, seconds=end.seconds)
        del self._running[report.number]
        following = self.ledger.end(report.number, end)
        estimate = self.estimates[report.number]
        if following.state is JobState.DONE and estimate.kind is not None:
            self.queue.learn(estimate.kind, end.seconds / estimate.seconds)
        if following.state is not JobState.WAITING or stops > 1:
            return
        if following.is_later:
            tries = self.ledger.jobs[report.number].preemptions
            pause = min(_BUSY * 2 ** max(0, tries - 1), _LONGEST_BUSY)
            self._later.append((time.monotonic() + pause, report.number))
        else:
            self._wait(report.number)

    def _wait(self, number: int) -> None:
        job = self.ledger.jobs[number]
        job.memory_mib = rounded(job.memory_mib)
        self.queue.put(number, job.memory_mib, job.seconds, self.estimates[number].kind)

    def _cancel_waiting(self) -> None:
        while (number := self.queue.take(lambda _need: True)) is not None:
            self.ledger.cancel(number)
        for _, number in self._later:
            self.ledger.cancel(number)
        self._later = []
