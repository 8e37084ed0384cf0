"""One try of the campaign: its directory, its runs of ``caldp process``, and what was found wrong."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

from attrs import define, field, frozen

from benchmarks.campaign.subject import Subject, install_engine

CALDP: Final = str(Path(sys.executable).with_name("caldp"))
STATUSES: Final = frozenset({0, 1, 2, *range(21, 29), *range(31, 35), 40, 41, 129, 130, 143})
"""Statuses that a run may end with (docs/reference/contracts/exit-statuses.md)."""
ORPHANS_AFTER: Final = 3.0
"""Seconds that a process of a try may outlive its run."""


class Finding(StrEnum):
    """Kind of a finding after a try."""

    FALSE = "false processed"
    SPOILED = "spoiled"
    ORPHAN = "orphans"
    HANG = "hangs"
    STATUS = "status"
    BUG = "bug"
    OTHER = "other"


@frozen
class Ended:
    """End of a run.

    Attributes
    ----------
    status
        Its exit status, negative for a signal; None if it had to be killed at the deadline.
    text
        Text that it wrote.
    killed
        True if the try killed it by force.
    """

    status: int | None
    text: str
    killed: bool = False


class Running:
    """A run of caldp that goes on; its output is read in a thread."""

    def __init__(self, command: list[str], directory: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self._lines: list[bytes] = []
        self._came = threading.Condition()
        self._killed = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        if self._process.stdout is None:
            return
        with self._process.stdout as stream:  # whoever outlives the run may hold it open for longer
            while line := stream.readline(1 << 20):
                with self._came:
                    self._lines.append(line)
                    self._came.notify_all()

    def wait_for_lines(self, number: int, seconds: float) -> None:
        """Wait until it has written so many lines, or has ended."""
        limit = time.monotonic() + seconds
        with self._came:
            while len(self._lines) < number and self._process.poll() is None and time.monotonic() < limit:
                self._came.wait(0.05)

    def send(self, number: signal.Signals) -> bool:
        """Send a signal; tell whether it was still there."""
        if self._process.poll() is not None:
            return False
        self._killed |= number is signal.SIGKILL
        self._process.send_signal(number)
        return True

    def end(self, deadline: float) -> Ended:
        """Wait for its end; kill it at the deadline."""
        try:
            status: int | None = self._process.wait(deadline)
        except subprocess.TimeoutExpired:
            status = None
            self._process.kill()
            self._process.wait()
        self._reader.join(1.0)
        with self._came:
            text = b"".join(self._lines).decode(errors="replace")
        return Ended(status, text, self._killed)


@define
class Try:
    """One try.

    Attributes
    ----------
    kind, index, seed
        Identity of the try.
    place
        Its directory, which its processes carry in their environment.
    subject
        The dataset.
    chance
        Random numbers of its accidents.
    deadline
        Seconds after which a run hangs.
    patience
        Seconds in which a stopped run ends.
    findings
        Faults that were found.
    story
        Story of the try, for whoever repeats it.
    """

    kind: str
    index: int
    seed: int
    place: Path
    subject: Subject
    chance: random.Random
    deadline: float
    patience: float = 10.0
    findings: list[tuple[Finding, str]] = field(factory=list)
    story: list[str] = field(factory=list)

    def tell(self, text: str) -> None:
        """Note what is done."""
        self.story.append(text)

    def find(self, finding: Finding, text: str) -> None:
        """Note what is wrong."""
        self.findings.append((finding, text))

    def engine(self, **orders: Any) -> None:
        """Install the engine."""
        install_engine(self.place / "bin", self.subject, **orders)

    def start(
        self, source: str, output: str, *arguments: str, exports: Mapping[str, str] = MappingProxyType({})
    ) -> Running:
        """Start ``caldp process``."""
        for name in ("home", "tmp", "scratch"):
            (self.place / name).mkdir(exist_ok=True)
        environment = {
            "PATH": f"{self.place / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.place / "home"),
            "TMPDIR": str(self.place / "tmp"),
            "CALDP_HOME": str(self.place / "scratch"),
            "CRDS_PATH": str(self.subject.crds_cache),
            "CRDS_CONTEXT": self.subject.context,
            "CALDP_PREVIEWS": "0",
            **exports,
        }
        command = [CALDP, "process", "--log-format", "json", "-v", self.subject.dataset, source, output, *arguments]
        self.tell(" ".join(command[1:]) + (f" with {exports}" if exports else ""))
        return Running(command, self.place, environment)

    def end(self, running: Running) -> Ended:
        """Wait for the end of a run, and check how it ended."""
        ended = running.end(self.deadline)
        self.tell(f"ended with {ended.status}{' (killed)' if ended.killed else ''}")
        (self.place / f"output-{len(self.story)}.txt").write_text(ended.text)
        if ended.status is None:
            self.find(Finding.HANG, f"still there after {self.deadline:.0f} s")
        elif ended.status not in STATUSES and not (ended.killed and ended.status == -signal.SIGKILL):
            self.find(Finding.STATUS, f"status {ended.status}: {ended.text[-300:]}")
        for line in ended.text.splitlines():
            if "likely a bug" in line or line.startswith("Traceback (most recent"):
                self.find(Finding.BUG, line[:300])
                break
        return ended

    def run(
        self, source: str, output: str, *arguments: str, exports: Mapping[str, str] = MappingProxyType({})
    ) -> Ended:
        """Run ``caldp process`` to its end."""
        return self.end(self.start(source, output, *arguments, exports=exports))

    def look_for_orphans(self) -> None:
        """Find processes of this try that are still alive some seconds after its runs; end them."""
        limit = time.monotonic() + ORPHANS_AFTER
        while (left := self._processes()) and time.monotonic() < limit:
            time.sleep(0.1)
        for pid, command in left.items():
            self.find(Finding.ORPHAN, f"{pid} {command}")
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _processes(self) -> dict[int, str]:
        """List living processes with this try's directory in environment, command line or working directory."""
        mark = os.fsencode(f"{self.place}/")
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with suppress(OSError):
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                traces = [(entry / "environ").read_bytes(), (entry / "cmdline").read_bytes()]
                traces.append(os.fsencode(os.readlink(entry / "cwd")) + b"/")  # noqa: PTH115  a Path would be parsed
                if state not in "ZX" and any(mark in trace for trace in traces):
                    found[int(entry.name)] = traces[1].replace(b"\0", b" ").decode(errors="replace")[:200]
        return found

    def __enter__(self) -> Self:
        self.place.mkdir(parents=True)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.look_for_orphans()
