"""Jobs as child processes of this one."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import define, field

from caldp.adapters.launchers.warm_jobs import WarmJobs
from caldp.adapters.support.disk import why
from caldp.adapters.support.supervised import Supervised
from caldp.app.ports.launcher import Launch, Report
from caldp.app.ports.memory_watch import MemoryWatch
from caldp.domain.batch.job import AttemptEnd, EndKind
from caldp.domain.batch.reports import JobReports
from caldp.domain.errors import LaunchError
from caldp.domain.exit_codes import ExitCode

_PIECE: Final = 1 << 16
_LOOK: Final = 0.1  # seconds between looks at imports that jobs wait for
_MOST_IMPORTING: Final = 60.0  # seconds after which a job is started as usual
_PATIENCE: Final = 12.0
"""Seconds between the request to end, on which a run publishes *error*, and the end by force."""


@define
class _Child:
    number: int
    process: Supervised
    kills: int | None
    began: float
    reports: JobReports = field(factory=JobReports)
    asked: float | None = None
    is_open: bool = True


class LocalLauncher:
    """Runs each job as a child process under a supervisor; implements the port Launcher.

    If this process is killed, the supervisors end all that the jobs have started.

    Parameters
    ----------
    command
        Return the arguments of a job, given the number of its dataset.
    environment
        Environment of the jobs.
    memory
        Tells whether the kernel has killed a process for lack of memory.
    directory
        Working directory of the jobs.
    warm
        Start of jobs from a warm server, which is tried first; the launcher closes it.
    program
        Words before the arguments, the first an absolute path; none if the arguments have them.
    """

    most_together = 1

    def __init__(
        self,
        command: Callable[[int], Sequence[str]],
        environment: Mapping[str, str],
        memory: MemoryWatch,
        directory: Path | None = None,
        warm: WarmJobs | None = None,
        program: Sequence[str] = (),
    ) -> None:
        self._command, self._environment, self._memory, self._warm = command, environment, memory, warm
        self._program = program
        self._directory = directory or Path.cwd()
        self._children: dict[int, _Child] = {}  # by each of its two descriptors
        self._waiting = select.poll()
        self._waiting_jobs: list[tuple[Launch, float]] = []
        self._told: list[Report] = []

    def start(self, launch: Launch) -> None:
        """Start a child, now or as soon as the libraries that it needs are imported."""
        if self._warm is not None and self._warm.is_importing():
            self._waiting_jobs.append((launch, time.monotonic()))
        else:
            self._begin(launch)

    def _begin(self, launch: Launch) -> None:
        (number,) = launch.numbers
        kills, began = self._memory.oom_kills(), time.monotonic()
        try:
            process = self._started(number)
        except OSError as error:
            raise LaunchError(
                f"The job {launch.name} cannot be started: {why(error)}.",
                advice="Run fewer jobs at the same time (jobs).",
            ) from error
        child = _Child(number, process, kills, began)
        os.set_blocking(process.stdout.fileno(), False)
        for descriptor in (process.stdout.fileno(), process.reports):
            self._children[descriptor] = child
            self._waiting.register(descriptor, select.POLLIN)

    def _started(self, number: int) -> Supervised:
        words = self._command(number)
        forked = None if self._warm is None else self._warm.start(words)
        if forked is not None:
            return forked
        argv = (*self._program, *words)
        return Supervised(argv, executable=Path(argv[0]), directory=self._directory, environment=self._environment)

    def poll(self, seconds: float) -> Sequence[Report]:
        """Wait for output and ends."""
        found, self._told = self._told, []
        found += self._begin_waiting()
        for descriptor, _ in self._waiting.poll(1000 * (min(seconds, _LOOK) if self._waiting_jobs else seconds)):
            child = self._children.get(descriptor)
            if child is None:
                continue  # it has ended in this round
            found += self._read(child)
            if descriptor == child.process.reports and (end := self._ended(child)) is not None:
                found += self._read(child)
                found.append(Report(child.number, end=self._let_go(child, end)))
        self._force()
        return found

    def _begin_waiting(self) -> Iterator[Report]:
        """Start the jobs that wait for imports, when these have ended or take too long."""
        while self._waiting_jobs and self._warm is not None:
            launch, since = self._waiting_jobs[0]
            if self._warm.is_importing() and time.monotonic() - since < _MOST_IMPORTING:
                return
            del self._waiting_jobs[0]
            try:
                self._begin(launch)
            except LaunchError as error:
                end = AttemptEnd(EndKind.EXITED, int(ExitCode.GENERIC_ERROR), error.message, error.advice)
                yield Report(launch.numbers[0], end=end)

    def _read(self, child: _Child) -> list[Report]:
        """Read what a job has printed."""
        steps: list[str] = []
        while child.is_open:
            try:
                data = os.read(child.process.stdout.fileno(), _PIECE)
            except BlockingIOError:
                break
            if not data:
                child.is_open = False
                self._waiting.unregister(child.process.stdout.fileno())
            steps += child.reports.take(data)
        return [Report(child.number, step) for step in steps]

    def _ended(self, child: _Child) -> AttemptEnd | None:
        seconds = time.monotonic() - child.began
        try:
            ended = child.process.wait(0)
        except ChildProcessError as error:
            return AttemptEnd(EndKind.LOST, cause=str(error), seconds=seconds)
        if ended is None:
            return None
        kills = self._memory.oom_kills()
        is_memory = None if kills is None or child.kills is None else kills > child.kills
        return child.reports.end(ended.code, seconds, is_memory=is_memory)

    def _let_go(self, child: _Child, end: AttemptEnd) -> AttemptEnd:
        if child.is_open:
            self._waiting.unregister(child.process.stdout.fileno())
        self._waiting.unregister(child.process.reports)
        for descriptor in (child.process.stdout.fileno(), child.process.reports):
            del self._children[descriptor]
        child.process.close()
        return end

    def stop(self, *, running: bool) -> None:
        """Let go of jobs that wait for imports, and ask those that run to end."""
        self._told += [Report(launch.numbers[0], end=AttemptEnd(EndKind.STOPPED)) for launch, _ in self._waiting_jobs]
        self._waiting_jobs = []
        if not running:
            return
        for child in self._all():
            if child.asked is None:
                child.asked = time.monotonic()
                child.process.ask_to_end()

    def _force(self) -> None:
        for child in self._all():
            child.process.keep_awake()
            if child.asked is not None and time.monotonic() - child.asked > _PATIENCE:
                child.process.kill()

    def adopt(self, launches: Sequence[Launch]) -> Sequence[Launch]:
        """Return nothing: jobs of an earlier driver have ended with it."""
        del launches
        return ()

    def close(self) -> None:
        """Kill what still runs."""
        self._waiting_jobs = []
        for child in self._all():
            self._let_go(child, AttemptEnd())
        if self._warm is not None:
            self._warm.close()

    def _all(self) -> list[_Child]:
        return list({id(child): child for child in self._children.values()}.values())


def our_command(*words: str) -> tuple[str, ...]:
    """Return the words that run caldp with this Python, whatever lies in the current directory."""
    return (sys.executable, "-P", "-m", "caldp", *words)
