"""A run of ``caldp process`` on a simulated observation, in a process of its own."""

import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import field, frozen

from caldp.adapters.support.our_programs import with_our_programs
from caldp.domain.calibration.engines import how_to_install
from caldp.domain.errors import EngineNotFound
from caldp.domain.exit_codes import STOPS
from caldp.domain.hst.instrument import Instrument
from caldp.domain.run.settings import DEMO_DIRECTORY, PROFILES
from caldp.simulation.simulate import SimulatedObservation, observation_in

_PROCESS: Final = (sys.executable, "-P", "-m", "caldp")
_PROFILES_OWN: Final = (PROFILES["demo"]["input"], PROFILES["demo"]["output"])


@frozen
class Run:
    """A run that can be shown and started.

    Parameters
    ----------
    observation
        Observation to process.
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
        with _stops_put_off() as pass_on:
            process = subprocess.Popen([*self.launcher, *_PROCESS, *self._words], env=self.environment)
            pass_on(process)
            code = process.wait()
        return code if code >= 0 else 128 - code

    @property
    def _words(self) -> tuple[str, ...]:
        locations = () if (self.input, self.output) == _PROFILES_OWN else (self.input, self.output)
        return ("process", self.observation.dataset, *locations, "--profile", "demo", *self.options)


@contextmanager
def _stops_put_off() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Let signals take effect after the work inside, which starts and awaits a process that cleans up by itself.

    The handler must be there before the process is: an exception while it starts would leave it behind.

    Yields
    ------
    Callable
        To be called with the process: signals are passed on to it, but for Ctrl-C, of which the terminal tells it too.
    """
    arrived: list[int] = []
    started: list[subprocess.Popen[bytes]] = []

    def take(number: int, _frame: object) -> None:
        arrived.append(number)
        send(number)

    def send(number: int) -> None:
        if number != signal.SIGINT:
            for process in started:
                process.send_signal(number)

    def pass_on(process: subprocess.Popen[bytes]) -> None:
        started.append(process)
        for number in arrived:
            send(number)

    if threading.current_thread() is not threading.main_thread():
        yield pass_on
        return

    usual = {number: signal.getsignal(number) for number in STOPS}
    taken = {number: handler for number, handler in usual.items() if handler not in (signal.SIG_IGN, None)}
    for number in taken:
        signal.signal(number, take)
    try:
        yield pass_on
    finally:
        for number, handler in taken.items():
            signal.signal(number, handler)
    if arrived:
        signal.raise_signal(arrived[0])


def plain_run(instrument: str, place: Path, caller: Mapping[str, str]) -> Run:
    """Prepare a run that is to succeed: simulated and processed in one directory.

    Parameters
    ----------
    instrument
        Instrument of the observation.
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
        Instrument of the observation.
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
                f"{instrument.upper()} cannot be shown: {stage[0]} is not installed.", advice=how_to_install(stage[0])
            )
