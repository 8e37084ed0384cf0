"""The port CalibrationRunner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
    is_given_up
        Tells whether the program is to be ended; asked at least once a second, from the thread that runs it. None if
        it never is.
    """

    argv: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    timeout: float | None = None
    is_given_up: Callable[[], bool] | None = field(default=None, eq=False, repr=False)


@frozen
class Capacity:
    """Part of the machine that programs may use now.

    Attributes
    ----------
    cores
        Cores; 0 if that cannot be known.
    memory
        Memory that is left; bytes, None if that cannot be known.
    """

    cores: int = 0
    memory: int | None = None


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
    is_warm
        True if its libraries had been imported before it started, so that the usage leaves their import out.
    """

    completion: Completion
    usage: ResourceUsage
    tail: tuple[str, ...] = field(default=())
    oom_kills: int | None = None
    memory_limit: int | None = None
    is_warm: bool = False


class CalibrationRunner(Protocol):
    """Runs calibration programs. May be used from several threads at once."""

    def prepare(self, programs: Iterable[str], environment: Mapping[str, str]) -> None:
        """Begin what takes time when programs start; returns at once. May be left out.

        Parameters
        ----------
        programs
            Names of programs that may be run; they need not be installed.
        environment
            Their environment, as far as it is known.
        """

    def close(self) -> None:
        """Let go of whatever `prepare` began; may be called at any time, more than once."""

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

        Its output, standard error included, is told line by line as `EngineLine`. If the caller is interrupted, the
        time is up or the call is given up, the program and all its children are ended before this returns or raises.

        Raises
        ------
        EngineNotFound
            If it is not installed.
        """

    def capacity(self) -> Capacity:
        """Find out how much of the machine is left for programs."""

    def combination(self, program: str, environment: Mapping[str, str]) -> tuple[str, ...]:
        """Find the program that combines exposures which an engine has calibrated, each in a run of its own.

        Returns
        -------
        tuple of str
            Program and arguments, before the name of the association table. Empty if there is none that is proven to
            make what one run of that build of the engine makes.

        Raises
        ------
        EngineNotFound
            If the engine is not installed.
        """
