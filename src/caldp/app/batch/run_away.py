"""Loop of a driver whose jobs run on a cluster: submitted in arrays, followed, and found again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from attrs import define, field

from caldp.app.batch.files import BatchFiles
from caldp.app.batch.ledger import Ledger
from caldp.app.batch.run_here import Control
from caldp.app.ports.launcher import Launch, Launcher, Report
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.batch.files import BatchPlace
from caldp.domain.batch.job import AttemptEnd, EndKind, JobState
from caldp.domain.batch.launches import grouped, launch_key, launch_name
from caldp.domain.errors import ConditionsUnknown, KeyTaken, LaunchError

_LONGEST_LOOK: Final = 7.5
"""Longest pause between two questions to the cluster, in pauses of the usual length."""
_GATHER: Final = 10.0
"""Time in which jobs that run again are gathered into one array, in such pauses."""
_PATIENCE: Final = 300.0  # seconds for which a cluster may take no jobs, or not answer


@define
class AwayDriver:
    """Submits jobs in arrays, and follows them.

    Each launch is written down before it is submitted. If the driver dies in between, the next one asks the cluster
    for a launch of that name.

    Attributes
    ----------
    ledger
        Jobs and their fates.
    launcher
        The cluster.
    store, place
        The output, and keys of the batch.
    waiting
        Memory of each job that waits, MiB, by number.
    control
        Wishes of the user.
    most_waiting
        Greatest number of jobs that are submitted and have not ended; 0 for no bound.
    pause
        Time between two questions to the cluster; s.
    """

    ledger: Ledger
    launcher: Launcher
    store: ObjectStore
    place: BatchPlace
    waiting: dict[int, int]
    control: Control
    most_waiting: int = 0
    pause: float = 2.0
    _open: dict[int, int] = field(factory=dict)
    _number: int = 0
    _since: float = 0.0
    _trouble: float | None = None
    _is_cancelled: bool = False

    def adopt(self) -> Sequence[int]:
        """Take over the jobs that an earlier driver has submitted; return their numbers."""
        launches = BatchFiles(self.store).launches(self.place.batch)
        self._number += len(launches)
        adopted: list[int] = []
        for launch in self.launcher.adopt([launch for launch in launches if launch is not None]):
            for number in launch.numbers:
                if number in self.waiting:
                    del self.waiting[number]
                    self._open[number] = launch.memory_mib
                    self.ledger.jobs[number].state = JobState.SUBMITTED
                    self.ledger.jobs[number].memory_mib = launch.memory_mib
                    adopted.append(number)
        return adopted

    def submit(self) -> None:
        """Submit what waits, as far as the cluster takes it now."""
        for memory_mib, numbers in list(grouped(self.ledger.jobs, self.waiting, self.launcher.most_together)):
            room = len(numbers) if not self.most_waiting else min(len(numbers), self.most_waiting - len(self._open))
            if room <= 0 or self.control.stops() or not self._launch(memory_mib, numbers[:room]):
                return

    def _launch(self, memory_mib: int, numbers: Sequence[int]) -> bool:
        launch = self._written(memory_mib, numbers)
        self.ledger.start(numbers, memory_mib, JobState.SUBMITTED)
        self.ledger.journal.flush()
        try:
            self.launcher.start(launch)
        except LaunchError:
            for number in numbers:
                self.ledger.take_back(number)
            if self._trouble is None:
                self._trouble = time.monotonic()
            if time.monotonic() - self._trouble > _PATIENCE:
                raise
            return False
        self._trouble = None
        for number in numbers:
            self._open[number] = memory_mib
            self.waiting.pop(number, None)
        self.control.tick()
        return True

    def _written(self, memory_mib: int, numbers: Sequence[int]) -> Launch:
        """Write a launch down, under a name that none has."""
        while True:
            launch = Launch(launch_name(self.place, self._number), tuple(numbers), memory_mib)
            key, body = launch_key(self.place, launch.name), launch.to_json().encode()
            self._number += 1
            try:
                self.store.put_if(key, body, None)
            except KeyTaken:
                continue
            except ConditionsUnknown:
                self.store.put_bytes(key, body)
            return launch

    def run(self) -> None:
        """Run until every job is settled, or a stop lets no more begin and the last has ended."""
        look = self.pause
        self.submit()
        while True:
            self.control.tick()
            stops = self.control.stops()
            self._is_cancelled = self._is_cancelled or self.control.cancelled()
            if self._is_cancelled:
                for number in list(self.waiting):
                    self.ledger.cancel(number)
                self.waiting.clear()
            if stops or self._is_cancelled:
                self.launcher.stop(running=stops > 1 or self._is_cancelled)
            elif self.waiting and time.monotonic() - self._since >= _GATHER * self.pause:
                self.submit()
                self._since = time.monotonic()
            if not self._open and (stops or not self.waiting):
                return
            if not self._open:
                time.sleep(self.pause)
            news = self.launcher.poll(look)
            look = self.pause if news else min(_LONGEST_LOOK * self.pause, 1.3 * look)
            for report in news:
                self._take(report, stops)

    def _take(self, report: Report, stops: int) -> None:
        if report.number not in self._open:
            return
        if report.end is None:
            self.ledger.began(report.number, report.step)
            return
        end = report.end
        if end.kind is EndKind.CANCELLED and not self._is_cancelled and stops:
            end = AttemptEnd(EndKind.STOPPED, end.status, seconds=end.seconds)
        elif self._is_cancelled and end.status != 0:
            end = AttemptEnd(EndKind.CANCELLED, end.status, seconds=end.seconds)
        del self._open[report.number]
        following = self.ledger.end(report.number, end)
        if following.state is JobState.WAITING and not stops:
            if not self.waiting:
                is_next = not self._open and not following.is_later
                self._since = time.monotonic() - (_GATHER * self.pause if is_next else 0.0)
            rung = self.ledger.limits.rung(following.memory_mib)
            self.ledger.jobs[report.number].memory_mib = self.waiting[report.number] = rung
