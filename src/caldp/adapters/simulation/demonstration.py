"""A run of ``caldp process`` on a simulated observation, in a process of its own."""

import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import field, frozen

from caldp.adapters.simulation.simulate import SimulatedObservation, observation_in
from caldp.adapters.tools.our_programs import with_our_programs
from caldp.domain.engines import remedy
from caldp.domain.errors import EngineNotFound
from caldp.domain.instrument import Instrument
from caldp.domain.settings import DEMO_DIRECTORY, PROFILES

_PROCESS: Final = (sys.executable, "-P", "-m", "caldp")
_PROFILES_OWN: Final = (PROFILES["demo"]["input"], PROFILES["demo"]["output"])


@frozen
class Run:
    """A run that can be shown and started.

    Parameters
    ----------
    observation
        What is processed.
    place
        The directory of all that belongs to the run.
    input, output
        Locations, as the command takes them.
    environment
        The run's whole environment.
    options
        Of the command, the profile apart.
    launcher
        Words of a command that starts another command; none to start the run by itself.
    """

    observation: SimulatedObservation
    place: Path
    input: str
    output: str
    environment: Mapping[str, str] = field(repr=False)
    options: tuple[str, ...] = ()
    launcher: tuple[str, ...] = ()

    @property
    def engine(self) -> str:
        """The program that calibrates the observation first."""
        return Instrument(self.observation.instrument).recipe.stage1[0]

    def shown(self, caller: Mapping[str, str]) -> str:
        """Write the command as a user of a shell would, with the variables that differ from the caller's."""
        path = caller.get("PATH", "")
        changed = {name: value for name, value in self.environment.items() if caller.get(name) != value}
        variables = [f"{name}={shlex.quote(value)}" for name, value in changed.items() if name != "PATH"]
        if "PATH" in changed:
            ahead = changed["PATH"].removesuffix(path)
            variables.append(f"PATH={shlex.quote(ahead)}" + ("" if ahead == changed["PATH"] else "$PATH"))
        return " ".join([*variables, shlex.join([*self.launcher, "caldp", *self._words])])

    def start(self) -> int:
        """Run to the end, with this process's terminal; return the status, or 128 + n for signal n.

        Raises
        ------
        KeyboardInterrupt
            If the user has interrupted it, once it has cleaned up.
        """
        with _interrupt_put_off():
            process = subprocess.run([*self.launcher, *_PROCESS, *self._words], env=self.environment, check=False)
        return process.returncode if process.returncode >= 0 else 128 - process.returncode

    @property
    def _words(self) -> tuple[str, ...]:
        locations = () if (self.input, self.output) == _PROFILES_OWN else (self.input, self.output)
        return ("process", self.observation.dataset, *locations, "--profile", "demo", *self.options)


@contextmanager
def _interrupt_put_off() -> Iterator[None]:
    """Let Ctrl-C take effect after the work inside, which starts and awaits a process that cleans up by itself.

    The terminal interrupts that process too. The handler must be there before the process is: an exception while it
    starts would leave it behind.
    """
    usual = signal.getsignal(signal.SIGINT)
    if not callable(usual) or threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: arrived.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if arrived:
        signal.raise_signal(signal.SIGINT)


def plain_run(instrument: str, place: Path, caller: Mapping[str, str]) -> Run:
    """Prepare a run that is to succeed: simulated and processed in one directory.

    Parameters
    ----------
    instrument
        Whose observation.
    place
        The directory.
    caller
        The environment; its settings of caldp and CRDS do not count.
    """
    environment = {name: value for name, value in caller.items() if not name.startswith(("CALDP_", "CRDS"))}
    if place != Path(DEMO_DIRECTORY):
        environment["CALDP_HOME"] = str(place)
    return Run(observation_in(place, instrument), place, f"simulated:{place}", f"file:{place}", environment)


def require_engines(instrument: str, environment: Mapping[str, str]) -> None:
    """Check that the programs that calibrate an instrument's observations are installed.

    Parameters
    ----------
    instrument
        Which.
    environment
        With the PATH to look in.

    Raises
    ------
    EngineNotFound
        If one is not.
    """
    path = with_our_programs(environment)["PATH"]
    recipe = Instrument(instrument).recipe
    for stage in (recipe.stage1, recipe.stage2):
        if stage and shutil.which(stage[0], path=path) is None:
            raise EngineNotFound(
                f"{instrument.upper()} cannot be shown: {stage[0]} is not installed.", advice=remedy(stage[0])
            )
