"""Jobs as arrays of Slurm, without its accounting."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import define, evolve, field

from caldp.app.ports.launcher import Launch, Report
from caldp.domain.batch.job import AttemptEnd, EndKind
from caldp.domain.batch.reports import JobReports
from caldp.domain.errors import LaunchError
from caldp.domain.run.secrets import blotted

_MOST: Final = 10_000
_USUAL_ARRAY: Final = 1001
"""MaxArraySize of Slurm where nobody has changed it; slurm.conf(5)."""
_LIMIT: Final = re.compile(r"^MaxArraySize\s*=\s*(\d+)", re.MULTILINE)
_WAITING: Final = frozenset({"PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD"})
_RUNNING: Final = frozenset(
    {"RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING"}
)
_KINDS: Final = {
    "OUT_OF_MEMORY": EndKind.OUT_OF_MEMORY,
    "PREEMPTED": EndKind.PREEMPTED,
    "NODE_FAIL": EndKind.LOST,
    "BOOT_FAIL": EndKind.LOST,
    "REVOKED": EndKind.LOST,
    "CANCELLED": EndKind.CANCELLED,
    "TIMEOUT": EndKind.TIMED_OUT,
    "DEADLINE": EndKind.TIMED_OUT,
}
"""Ends by state; of any other the job itself tells the status. Source: squeue(1), JOB STATE CODES."""
_SPAN: Final = re.compile(r"(\d+)(?:-(\d+))?(?::(\d+))?")
_SILENCE: Final = 120.0  # seconds for which squeue may fail; a controller that restarts takes some
_TAIL: Final = 64 << 10  # bytes at the end of a job's log

Run = Callable[[Sequence[str], str], "subprocess.CompletedProcess[str]"]


@define
class _Array:
    launch: Launch
    job: str
    left: dict[int, str] = field(factory=dict)  # last state by index, of those that have not ended
    began: dict[int, float] = field(factory=dict)
    missing: set[int] = field(factory=set)  # indices that the last answer left out


class SlurmLauncher:
    """Submits arrays with sbatch and follows them with squeue; implements the port Launcher.

    Parameters
    ----------
    command
        Return program and arguments of the jobs of a launch, given its name; a job finds its index in the environment.
    environment
        Environment of sbatch, which Slurm gives to the jobs.
    logs
        Directory of the jobs' logs, seen by this machine and by the nodes.
    options
        Further options of sbatch, such as a partition.
    at_once
        Greatest number of jobs of an array that run at the same time; 0 for no bound.
    """

    def __init__(
        self,
        command: Callable[[str], Sequence[str]],
        environment: Mapping[str, str],
        logs: Path,
        options: Sequence[str] = (),
        at_once: int = 0,
    ) -> None:
        self._command, self._environment, self._logs = command, dict(environment), logs
        self._options, self._at_once = tuple(options), at_once
        self._arrays: list[_Array] = []
        self._limit = 0
        self._silent: float | None = None
        self._asked: set[tuple[str, bool]] = set()

    @property
    def most_together(self) -> int:
        """Greatest number of jobs in an array, as the controller is configured."""
        if not self._limit:
            said = self._run(("scontrol", "show", "config"), "")
            found = _LIMIT.search(said.stdout)
            self._limit = max(1, min(_MOST, int(found[1]) if found else _USUAL_ARRAY))
        return self._limit

    def start(self, launch: Launch) -> None:
        """Submit an array."""
        self._logs.mkdir(parents=True, exist_ok=True)
        bound = f"%{self._at_once}" if self._at_once else ""
        argv = (
            "sbatch", "--parsable", f"--job-name={launch.name}", f"--array=0-{len(launch.numbers) - 1}{bound}",
            f"--mem={launch.memory_mib}M", f"--output={self._logs}/%x-%a.log", "--open-mode=truncate", "--no-requeue",
            f"--chdir={Path.cwd()}", *self._options,
        )  # fmt: skip
        script = f"#!/bin/sh\nexec {shlex.join(self._command(launch.name))}\n"
        done = self._run(argv, script)
        job = done.stdout.strip().partition(";")[0]
        if done.returncode or not job.isdigit():
            raise LaunchError(
                f"Slurm does not take {launch.name}: {_words(done)}.",
                advice="Check the options for sbatch (submit options), and limits of your account.",
            )
        self._arrays.append(_Array(launch, job, dict.fromkeys(range(len(launch.numbers)), "")))

    def poll(self, seconds: float) -> Sequence[Report]:
        """Wait, and ask squeue once for all jobs."""
        if not self._arrays:
            return ()
        time.sleep(seconds)
        states = self._states()
        if states is None:
            return ()
        news = [report for array in self._arrays for report in self._news(array, states.get(array.job, {}))]
        self._arrays = [array for array in self._arrays if array.left]
        return news

    def _states(self) -> dict[str, dict[int, str]] | None:
        """Return the state of each job by array and index; None if Slurm does not answer.

        Jobs that have ended are told for some minutes (MinJobAge).
        """
        argv = ("squeue", "--noheader", "--states=all", f"--user={os.getuid()}", "--format=%F|%K|%T")
        done = self._run(argv, "")
        if done.returncode:
            now = time.monotonic()
            self._silent = self._silent or now
            if now - self._silent > _SILENCE:
                raise LaunchError(
                    f"squeue fails: {_words(done)}.", advice="The jobs go on: repeat the command when Slurm answers."
                )
            return None
        self._silent = None
        known = {array.job for array in self._arrays}
        found: dict[str, dict[int, str]] = {}
        for line in done.stdout.splitlines():
            job, _, rest = line.partition("|")
            indices, _, state = rest.partition("|")
            if job in known:
                found.setdefault(job, {}).update(dict.fromkeys(_indices(indices), state.strip()))
        return found

    def _news(self, array: _Array, states: Mapping[int, str]) -> Iterator[Report]:
        for index, before in list(array.left.items()):
            state, number = states.get(index, ""), array.launch.numbers[index]
            if not state and index not in array.missing:
                array.missing.add(index)  # one answer may leave out a job that goes on; two say that it is forgotten
                continue
            if state:
                array.missing.discard(index)
            if state in _WAITING:
                continue
            if state in _RUNNING:
                array.began.setdefault(index, time.monotonic())
                if before != state and not before:
                    yield Report(number)
                array.left[index] = state
                continue
            del array.left[index]
            yield Report(number, end=self._end(array, index, state))

    def _end(self, array: _Array, index: int, state: str) -> AttemptEnd:
        """Tell an end by Slurm's state, and by the log in which the job says more."""
        log = self._logs / f"{array.launch.name}-{index}.log"
        reports, seconds = JobReports(), time.monotonic() - array.began.get(index, time.monotonic())
        with suppress(OSError), log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            reports.take(file.read())
        end = reports.told(seconds)
        kind = _KINDS.get(state.partition(" ")[0], EndKind.EXITED)
        if end.status == 0 or (kind is EndKind.EXITED and state == "COMPLETED"):
            with suppress(OSError):
                log.unlink()
        return AttemptEnd(kind, end.status, end.cause, end.advice, end.seconds, end.peak_mib)

    def stop(self, *, running: bool) -> None:
        """Cancel jobs."""
        jobs = [array.job for array in self._arrays if (array.job, running) not in self._asked]
        self._asked.update((job, running) for job in jobs)
        if jobs:
            self._run(("scancel", *(() if running else ("--state=PENDING",)), *jobs), "")

    def adopt(self, launches: Sequence[Launch]) -> Sequence[Launch]:
        """Find arrays by their names."""
        if not launches:
            return ()
        # By itself squeue shows jobs that wait or run, and none that has ended.
        argv = ("squeue", "--noheader", f"--user={os.getuid()}", "--format=%j|%F|%K")
        named: dict[str, tuple[str, set[int]]] = {}
        for line in self._run(argv, "").stdout.splitlines():
            name, job, indices = (*line.strip().split("|"), "", "")[:3]
            named.setdefault(name, (job, set()))[1].update(_indices(indices))
        found = []
        for launch in launches:
            job, active = named.get(launch.name, ("", set()))
            known = sorted(index for index in active if index < len(launch.numbers))
            if known:
                self._arrays.append(_Array(launch, job, dict.fromkeys(known, "")))
                found.append(evolve(launch, numbers=tuple(launch.numbers[index] for index in known)))
        return found

    def close(self) -> None:
        """Let the jobs go on."""
        self._arrays = []

    def _run(self, argv: Sequence[str], script: str) -> subprocess.CompletedProcess[str]:
        program = shutil.which(argv[0], path=self._environment.get("PATH"))
        if program is None:
            raise LaunchError(
                f"There is no {argv[0]} on PATH.", advice="Run this where jobs can be submitted, or use another engine."
            )
        # Slurm abbreviates lists of indices unless it is told not to.
        environment = {**self._environment, "SLURM_BITSTR_LEN": "0"}
        return subprocess.run(
            (program, *argv[1:]), input=script, env=environment, capture_output=True, text=True, check=False
        )


def _indices(text: str) -> Iterator[int]:
    """Read indices of an array as squeue writes them, such as ``3`` or ``0-2,7%4``."""
    for part in text.strip().partition("%")[0].split(","):
        match = _SPAN.fullmatch(part.strip("[] "))
        if match:
            first, last, step = int(match[1]), int(match[2] or match[1]), int(match[3] or 1)
            yield from range(first, last + 1, step)


def _words(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return blotted(" ".join(lines[-2:])).rstrip(".") or f"status {done.returncode}"
