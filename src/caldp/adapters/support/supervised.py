"""Child processes that leave nothing behind, when they end and when this process does.

Between us and the program stands `caldp.adapters.support.supervisor`. If this process is killed, the kernel closes our
end of the pipe, and the supervisor kills the program with all that it started.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from errno import ECHILD
from pathlib import Path
from typing import Final, Self

from attrs import frozen

from caldp.adapters.support.supervisor_process import StartedSupervisor, SupervisorProcess
from caldp.domain.exit_codes import explain_signal
from caldp.domain.run.usage import ResourceUsage, resident_set

KILLING: Final = 4.0
"""Seconds that the supervisor has to kill all and to say so."""
LOOK: Final = 1.0
"""Seconds between two looks after the supervisor (see `Supervised.keep_awake`)."""


@frozen
class Ended:
    """End of a program.

    Attributes
    ----------
    code
        Its exit status, or the negative number of the signal that ended it.
    usage
        Time and memory of it and of the children that it waited for, by the kernel's account.
    """

    code: int
    usage: ResourceUsage


class Supervised:
    """A program that runs under a supervisor, in a session of its own; use it as a context manager.

    Leaving the context kills whatever is still there, and returns when it is gone.

    Parameters
    ----------
    argv
        Program and arguments.
    executable
        Path of the program.
    directory
        Its working directory.
    environment
        Its whole environment.
    has_input
        True if `stdin` is a pipe; else the program finds nothing to read.
    platform
        As ``sys.platform`` has it; only Linux can tell of processes that left the program's group.
    keep
        Further descriptors that the program inherits.
    supervisor
        A supervisor that waits for its request, instead of one that is started; `has_input`, `platform` and `keep` do
        not count then.

    Attributes
    ----------
    stdout
        Pipe of its output, standard error included.
    stdin
        Pipe of its input, or None.
    pid
        Its process, session and group.
    reports
        A descriptor that becomes readable when the program has ended.

    Raises
    ------
    OSError
        If the program, or the supervisor, cannot be started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        executable: Path,
        directory: Path,
        environment: Mapping[str, str],
        has_input: bool = False,
        platform: str = sys.platform,
        keep: Sequence[int] = (),
        supervisor: SupervisorProcess | None = None,
    ) -> None:
        self._name = argv[0]
        self._buffer = b""
        self._ended: Ended | None = None
        self._failure: ChildProcessError | None = None
        self._woken = 0.0
        self._process = supervisor or StartedSupervisor(has_input=has_input, platform=platform, keep=keep)
        self._orders, self.reports = self._process.orders, self._process.reports
        self._waiting = select.poll()
        self._waiting.register(self.reports, select.POLLIN)
        self.stdout, self.stdin = self._process.stdout, self._process.stdin
        self.pid = 0
        try:
            with suppress(BrokenPipeError):  # it has died, as its report will say
                _write(self._orders, self._process.encode(str(executable), str(directory), argv, environment))
            self.pid = self._started()
        except BaseException:
            self._let_go()
            raise
        self._since = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def say(self, words: object) -> None:
        """Write a line of JSON to the program's input, which must be a pipe.

        Raises
        ------
        OSError
            If the program reads no more.
        """
        if self.stdin is None:
            raise AssertionError(f"{self._name} was started without an input")
        _write(self.stdin.fileno(), f"{json.dumps(words)}\n".encode())

    def wait(self, seconds: float | None = None) -> Ended | None:
        """Wait for the end of the program and of all that it started; None if it has not come by then.

        Raises
        ------
        ChildProcessError
            If the supervisor was killed, or something that the program started cannot be.
        """
        limit = None if seconds is None else time.monotonic() + seconds
        while self._ended is None:
            if self._failure is not None:
                raise self._failure
            words = self._report(None if limit is None else max(0.0, limit - time.monotonic()))
            if words is None:
                return None
            self._ended = self._read_end(words)
        return self._ended

    def ask_to_end(self) -> None:
        """Ask the program's process group to end (SIGTERM)."""
        self._order(b"T")

    def kill(self) -> None:
        """Kill the program and all that it started."""
        self._order(b"K")

    def keep_awake(self) -> None:
        """Let the supervisor go on if it was stopped (SIGSTOP), which a program of the same user can do to it."""
        now = time.monotonic()
        if now - self._woken >= LOOK:
            self._woken = now
            self._process.send_signal(signal.SIGCONT)

    def kill_by_force(self) -> None:
        """Kill the supervisor, which does not answer, and with it the program; the rest as far as its group goes."""
        self._process.send_signal(signal.SIGKILL)
        if self.pid:
            self._kill_group()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill what is still there, wait until it is gone, and let go of the pipes."""
        try:
            if self._ended is None:
                self.kill()
                with suppress(ChildProcessError):
                    if self.wait(KILLING) is None:
                        self.kill_by_force()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        """Close our ends: if anything is still there, the supervisor kills it."""
        if self._orders < 0:
            return
        os.close(self._orders)
        os.close(self.reports)
        self._orders = -1
        self.stdout.close()
        if self.stdin is not None:
            with suppress(OSError):
                self.stdin.close()
        self._process.wait(KILLING)
        self._process.close()

    def _order(self, letter: bytes) -> None:
        with suppress(BrokenPipeError):  # it has ended
            os.write(self._orders, letter)

    def _started(self) -> int:
        words = self._report(None) or [b""]
        if words[0] == b"started":
            return int(words[1])
        if words[0] == b"failed":
            raise OSError(int(words[1]), os.strerror(int(words[1])))
        raise self._lost()

    def _read_end(self, words: list[bytes]) -> Ended:
        if words[0] != b"ended":
            self._kill_group()
            self._failure = self._lost()
            raise self._failure
        status, user, system, peak, left = words[1:]
        if int(left):
            why = f"{int(left)} processes that {self._name} started cannot be killed"
            self._failure = ChildProcessError(ECHILD, why)
            raise self._failure
        usage = ResourceUsage(
            wall_seconds=time.monotonic() - self._since,
            user_seconds=float(user),
            system_seconds=float(system),
            max_rss_bytes=resident_set(int(peak), sys.platform),
        )
        return Ended(os.waitstatus_to_exitcode(int(status)), usage)

    def _report(self, seconds: float | None) -> list[bytes] | None:
        """Wait for a report; None if none comes in time, and an empty word if the supervisor has died."""
        limit = None if seconds is None else time.monotonic() + seconds
        while b"\n" not in self._buffer:
            left = LOOK if limit is None else limit - time.monotonic()
            if not self._waiting.poll(max(0.0, min(left, LOOK)) * 1000):
                self.keep_awake()
                if left <= 0:
                    return None
                continue
            data = os.read(self.reports, 4096)
            if not data:
                return [b""]
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.split()

    def _lost(self) -> ChildProcessError:
        code = self._process.wait(KILLING)
        how = "" if code is None else explain_signal(-code) if code < 0 else f"status {code}"
        how = f", which ended with {how}" if how else ""
        return ChildProcessError(ECHILD, f"{self._name} has ended with the process that watches over it{how}")


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
