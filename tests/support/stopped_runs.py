"""Runs that are stopped or killed from outside, and the processes that they leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from attrs import field, frozen

from caldp.simulation import SimulatedObservation

STUCK_CALDP = Path(__file__).with_name("stuck_caldp.py")
STUBBORN = """#!/bin/sh
trap '' TERM INT HUP
echo "the engine works"
(setsid sh -c 'trap "" TERM INT HUP; while :; do sleep 1; done' &)
while :; do sleep 1; done
"""
"""An engine that takes no notice of signals, and starts a daemon."""


@frozen
class Bench:
    """A user's directory, and an environment in which ``calcos`` is a script.

    Attributes
    ----------
    directory
        The current directory of runs; every process of a run has it, or a place below it, in its environment or as its
        current directory.
    simulated
        Observation to process.
    environment
        Of runs.
    """

    directory: Path
    simulated: SimulatedObservation
    environment: Mapping[str, str] = field(factory=dict)
    _started: list[subprocess.Popen[bytes]] = field(factory=list)

    def start(
        self,
        *options: str,
        phase: str = "",
        source: str = "",
        output: str = "file:out",
        exports: Mapping[str, str] = MappingProxyType({}),
    ) -> Run:
        """Start a run whose step is as `stuck_caldp` has it."""
        log = self.directory / "said.txt"
        words = ["process", str(self.simulated.dataset), source or f"file:{self.simulated.inputs}", output, *options]
        with log.open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, str(STUCK_CALDP), phase, *words],
                cwd=self.directory, env={**exports, **self.environment}, stdin=subprocess.DEVNULL, stdout=said,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._started.append(process)
        return Run(process, log, self.directory)

    def end(self) -> None:
        """Kill whatever is still there."""
        for process in self._started:
            process.kill()
            process.wait()
            for pid in Run(process, self.directory, self.directory).left():
                os.kill(pid, signal.SIGKILL)

    def install(self, script: str, program: str = "calcos") -> None:
        """Install an engine."""
        engine = self.directory / "bin" / program
        engine.write_text(script)
        engine.chmod(0o755)

    def messages(self) -> set[str]:
        """List the states that the output tells of the dataset."""
        found = (self.directory / "out" / "messages").glob(f"*/{self.simulated.dataset}*")
        return {path.parent.name.removeprefix("datasets-") for path in found}


@frozen
class Run:
    """A run that has been started."""

    process: subprocess.Popen[bytes]
    log: Path
    directory: Path

    @property
    def said(self) -> str:
        """Text that it has written so far."""
        return self.log.read_text(errors="replace")

    def wait_for(self, what: str | Callable[[], bool]) -> None:
        """Wait until it has said something, or something is so."""
        until(lambda: what in self.said if isinstance(what, str) else what(), lambda: self.said)

    def stop(self, number: signal.Signals) -> tuple[int, float]:
        """Send a signal; return the status, and how many seconds the end took."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(60), time.monotonic() - began

    def left(self) -> dict[int, str]:
        """List the living processes of this run: their command lines by process id."""
        place, found = os.fsencode(self.directory), {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    here = os.fsencode((entry / "cwd").readlink())
                    if place in here or place in (entry / "environ").read_bytes():
                        found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                except OSError:
                    continue
        return found


def until(true: Callable[[], bool], say: Callable[[], str] = str, seconds: float = 60.0) -> None:
    """Wait until something is true."""
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, say()
        time.sleep(0.01)
