"""Runs calibration programs as child processes."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, cast

from caldp.app.ports import EngineCall, EngineResult, Listener, MemoryWatch
from caldp.domain.engines import remedy
from caldp.domain.errors import EngineNotFound
from caldp.domain.events import EngineLine
from caldp.domain.judgement import Completion
from caldp.domain.usage import ResourceUsage

_POLL: Final = 0.1
"""Seconds between looks at whether a silent program has ended."""
_CHUNK: Final = 65536
_MOST_CHUNKS_LEFT: Final = 16
"""A pipe holds 1 MiB at most; a daemon that left the group may write to it for ever."""
_LONGEST_LINE: Final = 65536
"""Bytes; a program that never ends its line must not fill our memory."""
_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024
"""What ``ru_maxrss`` counts in: bytes on macOS, KiB elsewhere."""


class SubprocessRunner:
    """Runs each program in a session of its own, so that it and all that it started end together.

    Parameters
    ----------
    grace
        Seconds that a program has between being asked to end and being killed.
    tail_lines
        How many of its last lines the result holds.
    memory
        Tells whether the kernel killed something for lack of memory.
    """

    def __init__(self, *, grace: float = 5.0, tail_lines: int = 10_000, memory: MemoryWatch | None = None) -> None:
        self._grace = grace
        self._tail_lines = tail_lines
        self._memory = memory

    def locate(self, program: str, environment: Mapping[str, str]) -> Path:
        """Find a program on the PATH of an environment."""
        found = shutil.which(program, path=environment.get("PATH", os.defpath))
        if found is None:
            raise EngineNotFound(f"{program} is not installed: no directory of PATH has it.", advice=remedy(program))
        return Path(found).absolute()  # the program starts in another directory than ours

    def run(self, call: EngineCall, tell: Listener) -> EngineResult:
        """Run a program to its end; see `CalibrationRunner`.

        The memory peak is the kernel's ``ru_maxrss``, which Linux carries over from the process that started the
        program: it is never less than what we had resident ourselves at that moment.
        """
        path = self.locate(call.argv[0], call.environment)
        tail: deque[str] = deque(maxlen=self._tail_lines)
        killed_before = self._oom_kills()

        def hear(line: str) -> None:
            tail.append(line)
            tell(EngineLine(call.argv[0], line))

        child = _Child(_start(path, call))
        try:
            with _Output(child.stdout.fileno(), hear) as output:
                timed_out = not _listen(child, output, call.timeout)
                if timed_out:
                    self._ask_to_end(child, output)
                child.kill_group()
                output.drain()
        except BaseException:
            self._ask_to_end(child)
            raise
        finally:
            child.kill_group()
            child.close()
        killed = self._oom_kills()
        return EngineResult(
            child.completion(timed_out),
            child.usage(),
            tuple(tail),
            None if killed is None or killed_before is None else killed - killed_before,
            None if self._memory is None else self._memory.limit(),
        )

    def _oom_kills(self) -> int | None:
        return None if self._memory is None else self._memory.oom_kills()

    def _ask_to_end(self, child: _Child, output: _Output | None = None) -> None:
        """Ask the group to end, and give it time for its last words."""
        child.signal_group(signal.SIGTERM)
        limit = time.monotonic() + self._grace
        while not child.has_ended() and time.monotonic() < limit:
            if output is None:
                time.sleep(_POLL / 10)
            else:
                output.hear_for(_POLL)


def _start(path: Path, call: EngineCall) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            call.argv,
            executable=path,
            cwd=call.directory,
            env=call.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError) as error:
        # The program is there: what is missing or forbidden is its interpreter, or the directory.
        raise EngineNotFound(
            f"{path} cannot be started in {call.directory}: {error.strerror}.", advice=remedy(call.argv[0])
        ) from error


def _listen(child: _Child, output: _Output, timeout: float | None) -> bool:
    """Pass on what a program says until it ends; False if its time was up before."""
    limit = None if timeout is None else child.started + timeout
    while not child.has_ended():
        if limit is not None and time.monotonic() >= limit:
            return False
        output.hear_for(_POLL if limit is None else min(_POLL, max(0.0, limit - time.monotonic())))
    return True


class _Child:
    """A child process, leader of a session and process group, and what the kernel says of it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._wait_status: int | None = None
        self._rusage = ResourceUsage()
        self.started = time.monotonic()

    @property
    def stdout(self) -> IO[bytes]:
        return cast("IO[bytes]", self._process.stdout)  # there always is one: _start asks for a pipe

    def has_ended(self) -> bool:
        return self._reap(os.WNOHANG)

    def close(self) -> None:
        """Wait for the end of a killed program and let go of its output."""
        self._reap(0)
        self.stdout.close()

    def _reap(self, options: int) -> bool:
        if self._wait_status is not None:
            return True
        pid, status, used = os.wait4(self._process.pid, options)
        if pid == 0:
            return False
        self._wait_status = status
        self._process.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it again
        self._rusage = ResourceUsage(
            wall_seconds=time.monotonic() - self.started,
            user_seconds=used.ru_utime,
            system_seconds=used.ru_stime,
            max_rss_bytes=used.ru_maxrss * _RSS_UNIT,
        )
        return True

    def signal_group(self, number: signal.Signals) -> None:
        # The group's number is its leader's, and stays taken for as long as one member lives. macOS refuses (EPERM)
        # where Linux says that there is none.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def kill_group(self) -> None:
        self.signal_group(signal.SIGKILL)

    def completion(self, timed_out: bool) -> Completion:
        code = self._process.returncode
        return Completion(code if code >= 0 else None, -code if code < 0 else None, timed_out)

    def usage(self) -> ResourceUsage:
        return self._rusage


class _Output:
    """What a program writes, heard line by line."""

    def __init__(self, descriptor: int, hear: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._hear = hear
        self._rest = b""
        self._open = True
        self._selector = selectors.DefaultSelector()
        self._selector.register(descriptor, selectors.EVENT_READ)

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._selector.close()

    def hear_for(self, seconds: float) -> bool:
        """Wait for output, at most so long; tell whether there was any."""
        if not self._open:
            time.sleep(min(seconds, _POLL / 10))  # it has closed its output, and will end in a moment
            return False
        if not self._selector.select(seconds):
            return False
        chunk = os.read(self._descriptor, _CHUNK)
        self._open = bool(chunk)
        for line in self._split(chunk):
            self._hear(line)
        return self._open

    def drain(self) -> None:
        """Hear what is left in the pipe, and a last line without an end."""
        for _ in range(_MOST_CHUNKS_LEFT):
            if not self.hear_for(0):
                break
        if self._rest:
            self._hear(_text(self._rest))
            self._rest = b""

    def _split(self, chunk: bytes) -> Iterator[str]:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        return map(_text, lines)


def _text(line: bytes) -> str:
    """Decode a line as a terminal would show it: a carriage return begins it anew (progress bars)."""
    return line.rstrip(b"\r").rpartition(b"\r")[2].decode("utf-8", errors="replace")
