"""The port CalibrationRunner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from caldp.app.ports.listener import Listener
from caldp.domain.calibration.judgement import Completion
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.usage import ResourceUsage


@frozen
class EngineCall:
    """A program to be run.

    Attributes
    ----------
    argv
        Program and arguments.
    directory
        Its working directory.
    environment
        Its whole environment.
    timeout
        Seconds after which it is ended, or None.
    """

    argv: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    timeout: float | None = None


@frozen
class EngineResult:
    """End of a program, with its output and use of the machine.

    Attributes
    ----------
    completion
        Its status or signal.
    usage
        Time and memory as the kernel measured them.
    tail
        The last lines it wrote.
    oom_kills
        Number of processes that the kernel killed meanwhile for lack of memory, None if unknown.
    memory_limit
        Memory limit; bytes, None if there is no limit or it cannot be known.
    """

    completion: Completion
    usage: ResourceUsage
    tail: tuple[str, ...] = field(default=())
    oom_kills: int | None = None
    memory_limit: int | None = None


class CalibrationRunner(Protocol):
    """Runs calibration programs."""

    def locate(self, program: str, environment: Mapping[str, str]) -> Path:
        """Find a program on the PATH of an environment.

        Raises
        ------
        EngineNotFound
            If it is not installed.
        """

    def identify(self, program: str, environment: Mapping[str, str]) -> EngineIdentity:
        """Find out which build of a program `run` would run; what cannot be known is empty.

        Returns within seconds, whatever the program does when it is asked, and leaves nothing behind.

        Raises
        ------
        EngineNotFound
            If it is not installed.
        """

    def run(self, call: EngineCall, tell: Listener) -> EngineResult:
        """Run a program to its end.

        Its output, standard error included, is told line by line as `EngineLine`. If the caller is interrupted
        or the time is up, the program and all its children are ended before this returns or raises.

        Raises
        ------
        EngineNotFound
            If it is not installed.
        """
