"""Runs calibration programs as child processes."""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from errno import EACCES, ENOENT, ENOEXEC, ENOTDIR
from pathlib import Path
from typing import Final

from attrs import evolve

from caldp.adapters.engines.combination import combination_of
from caldp.adapters.engines.identity import PACKAGES, commit_of, executable_digest, package_identity
from caldp.adapters.engines.warm import WarmEngines
from caldp.adapters.support.cores import usable_cores
from caldp.adapters.support.engine_output import EngineOutput
from caldp.adapters.support.our_programs import find_program
from caldp.adapters.support.room import has_room_for_servers
from caldp.adapters.support.supervised import KILLING, LOOK, Ended, Supervised
from caldp.app.ports.calibration_runner import Capacity, EngineCall, EngineResult
from caldp.app.ports.listener import Listener
from caldp.app.ports.memory_watch import MemoryWatch
from caldp.app.scratch.ownership import owned_temporary
from caldp.app.scratch.work_directory import EXCHANGE_PREFIX
from caldp.domain.calibration.engines import HSTCAL, how_to_install
from caldp.domain.calibration.judgement import Completion
from caldp.domain.errors import EngineNotFound
from caldp.domain.run.events import EngineLine
from caldp.domain.run.identity import EngineIdentity

_MOST_CHUNKS_LEFT: Final = 16
"""A pipe holds 1 MiB at most; where nobody tells of processes that left the group, one may write to it for ever."""
_MOST_TAIL: Final = 2 << 20
"""Characters of a program's last lines that are looked through for why it failed."""
_GRACE_OF_A_STOP: Final = 3.0
"""Seconds; whoever stops a run does not wait for long, and its last message remains to be said."""
_PATIENCE: Final = 5.0
"""Seconds; a program of HSTCAL tells its version in milliseconds."""
_NOT_FOUND: Final = frozenset({ENOENT, ENOTDIR, EACCES, ENOEXEC})


class SubprocessRunner:
    """Runs each program under a supervisor, so that it and all that it started end together.

    Parameters
    ----------
    grace
        Seconds that a program has between being asked to end and being killed; at most 3 if the run is stopped.
    tail_lines
        Number of its last lines that the result holds.
    memory
        Watch on processes that the kernel kills for lack of memory.
    is_warm
        True if `prepare` lets Python engines import their libraries.
    engines
        Servers that have imported them, shared with other runners; whoever gives them closes them. By default the
        runner has its own, which it closes.
    """

    def __init__(
        self,
        *,
        grace: float = 5.0,
        tail_lines: int = 10_000,
        memory: MemoryWatch | None = None,
        is_warm: bool = True,
        engines: WarmEngines | None = None,
    ) -> None:
        self._grace = grace
        self._tail_lines = tail_lines
        self._memory = memory
        self._own = WarmEngines() if is_warm and engines is None else None
        self._engines = (engines or self._own) if is_warm else None

    def prepare(self, programs: Iterable[str], environment: Mapping[str, str]) -> None:
        """Let servers import the libraries of Python engines; see `CalibrationRunner`."""
        if self._engines is None or not has_room_for_servers(self._memory):
            return
        for program in programs:
            with suppress(EngineNotFound):
                self._engines.prepare(self.locate(program, environment), environment)

    def close(self) -> None:
        """End the servers, unless they are shared."""
        if self._own is not None:
            self._own.close()

    def locate(self, program: str, environment: Mapping[str, str]) -> Path:
        """Find a program on the PATH of an environment."""
        found = find_program(program, environment)
        if found is None:
            raise EngineNotFound(
                f"{program} is not installed: no directory of PATH has it.", advice=how_to_install(program)
            )
        return found

    def identify(self, program: str, environment: Mapping[str, str]) -> EngineIdentity:
        """Find out which build of a program `run` would run; see `CalibrationRunner`."""
        path, version, build = self.locate(program, environment), "", ""
        if program in PACKAGES:
            version, build = package_identity(program, path)
        elif program in HSTCAL:
            version = " ".join(self._answer(program, "--version", environment))
            build = commit_of(self._answer(program, "--gitinfo", environment)) if version else ""
        return EngineIdentity(program, str(path), version, build, executable_digest(path))

    def _answer(self, program: str, option: str, environment: Mapping[str, str]) -> tuple[str, ...]:
        """Ask a program something that it answers and ends; nothing if it does not know the option."""
        try:
            with owned_temporary(EXCHANGE_PREFIX) as directory:
                result = self._run(EngineCall((program, option), directory, environment, _PATIENCE), lambda _: None)
        except (EngineNotFound, OSError):
            return ()
        return result.tail if result.completion.is_good else ()

    def run(self, call: EngineCall, tell: Listener) -> EngineResult:
        """Run a program to its end, and that of all it started; see `CalibrationRunner`.

        Of a flood of output the head and the tail are told. Usage is the program's own, by the kernel's account.

        Raises
        ------
        ChildProcessError
            If the program's supervisor was killed, or something that the program started cannot be.
        """
        return self._run(call, tell)

    def _run(self, call: EngineCall, tell: Listener) -> EngineResult:
        path = self.locate(call.argv[0], call.environment)
        tail: deque[str] = deque(maxlen=self._tail_lines)
        killed_before, began = self._oom_kills(), time.monotonic()

        def hear(line: str) -> None:
            tail.append(line)
            tell(EngineLine(call.argv[0], line))

        warm = None if self._engines is None else self._engines.start(path, call)
        with warm or _start(path, call) as child:
            hearing = _Hearing(child, EngineOutput(child.stdout.fileno(), hear))
            waited = 0.0 if warm is None else time.monotonic() - began  # until its libraries were imported
            left = None if call.timeout is None else call.timeout - waited
            ended, timed_out = self._wait(child, hearing, left, call.is_given_up)
        killed = self._oom_kills()
        return EngineResult(
            Completion(ended.code if ended.code >= 0 else None, -ended.code if ended.code < 0 else None, timed_out),
            evolve(ended.usage, wall_seconds=time.monotonic() - began),
            _last(tail),
            None if killed is None or killed_before is None else killed - killed_before,
            None if self._memory is None else self._memory.limit(),
            warm is not None,
        )

    def capacity(self) -> Capacity:
        """Find out how much of the machine is left for programs; see `CalibrationRunner`."""
        return Capacity(usable_cores(), None if self._memory is None else self._memory.available())

    def combination(self, program: str, environment: Mapping[str, str]) -> tuple[str, ...]:
        """Find the program that combines what an engine has calibrated; see `CalibrationRunner`."""
        return combination_of(program, self.locate(program, environment), environment)

    def _oom_kills(self) -> int | None:
        return None if self._memory is None else self._memory.oom_kills()

    def _wait(
        self, child: Supervised, hearing: _Hearing, timeout: float | None, is_given_up: Callable[[], bool] | None
    ) -> tuple[Ended, bool]:
        """Wait for a program's end, and tell whether its time was up."""
        try:
            ended = hearing.until_the_end(timeout, is_given_up)
            is_over = is_given_up is not None and is_given_up()
            timed_out = ended is None and not is_over
            if ended is None:
                child.ask_to_end()  # and give it time for its last words
                ended = hearing.until_the_end(min(self._grace, _GRACE_OF_A_STOP) if is_over else self._grace)
            if ended is None:
                child.kill()
                ended = hearing.until_the_end(KILLING)
            if ended is None:
                child.kill_by_force()
                ended = hearing.until_the_end(None)
        except BaseException:
            child.ask_to_end()
            child.wait(min(self._grace, _GRACE_OF_A_STOP))
            raise
        hearing.finish()
        if ended is None:
            raise AssertionError("it waited without a limit")
        return ended, timed_out


def _start(path: Path, call: EngineCall) -> Supervised:
    try:
        return Supervised(call.argv, executable=path, directory=call.directory, environment=call.environment)
    except OSError as error:
        if error.errno not in _NOT_FOUND:
            raise
        # The program is there: what is missing or forbidden is its interpreter, or the directory.
        raise EngineNotFound(
            f"{path} cannot be started in {call.directory}: {error.strerror}.", advice=how_to_install(call.argv[0])
        ) from error


class _Hearing:
    """Hears a program until it ends."""

    def __init__(self, child: Supervised, output: EngineOutput) -> None:
        self._child = child
        self._output = output
        self._waiting = select.poll()
        self._waiting.register(child.reports, select.POLLIN)
        self._waiting.register(child.stdout, select.POLLIN)

    def until_the_end(self, seconds: float | None, is_given_up: Callable[[], bool] | None = None) -> Ended | None:
        """Pass on what the program says until it ends; None if its time is up before, or it is given up."""
        limit = None if seconds is None else time.monotonic() + seconds
        while is_given_up is None or not is_given_up():
            left = None if limit is None else limit - time.monotonic()
            if left is not None and left <= 0:
                return None
            events = self._waiting.poll((LOOK if left is None else min(left, LOOK)) * 1000)
            ready = {descriptor for descriptor, _ in events}
            self._child.keep_awake()
            if self._child.stdout.fileno() in ready and not self._output.read():
                self._waiting.unregister(self._child.stdout)  # it has closed its output, and may go on
            if self._child.reports in ready:
                ended = self._child.wait(0)
                if ended is not None:
                    return ended
        return None

    def finish(self) -> None:
        """Hear what is left in the pipe, and the tail of a flood."""
        self._waiting.unregister(self._child.reports)
        for _ in range(_MOST_CHUNKS_LEFT):
            if not (self._output.is_open and self._waiting.poll(0) and self._output.read()):
                break
        self._output.finish()


def _last(lines: deque[str]) -> tuple[str, ...]:
    """Return the last lines, as many as may be looked through."""
    size, kept = 0, 0
    for line in reversed(lines):
        size += len(line) + 1
        if kept and size > _MOST_TAIL:
            break
        kept += 1
    return tuple(lines)[len(lines) - kept :]
