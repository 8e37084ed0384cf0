"""Bench of a calibration: commands are run on it, with the files that they need for themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from attrs import frozen

from caldp.app.calibration.graph import IsLast, Ran, run_commands
from caldp.app.ports.calibration_runner import CalibrationRunner, EngineCall, EngineResult
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.process.flow import ReferencedInputs
from caldp.domain.calibration.plan import StageCommand
from caldp.domain.hst.files import root_of
from caldp.domain.run.events import EngineLine
from caldp.domain.run.events import Event as RunEvent


@frozen
class Bench:
    """Files and programs of a calibration.

    Attributes
    ----------
    inputs
        Raw exposures, and the engines' environment.
    directory
        The engines' working directory, which holds the inputs.
    runner, fits
        Run engines, and read what they made.
    timeout
        Seconds that each stage may take, or None.
    tell
        Hears the engines' output.
    final
        Hears the names of files that nobody writes any more: those of an exposure whose command has ended well.
    """

    inputs: ReferencedInputs
    directory: Path
    runner: CalibrationRunner
    fits: FitsFiles
    timeout: float | None
    tell: Listener
    final: Callable[[Iterable[str]], None] = lambda _names: None

    def run(
        self, commands: Sequence[StageCommand], at_once: int, deadline: float | None, is_last: IsLast
    ) -> tuple[Ran, ...]:
        """Run commands until one is the last (see `run_commands`), or the time is up.

        Parameters
        ----------
        deadline
            End of their time by the monotonic clock, s; or None.
        """

        def run(command: StageCommand, given_up: Event) -> EngineResult:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            call = EngineCall(command.argv, self.directory, self.inputs.environment, left, given_up.is_set)
            result = self.runner.run(call, _naming(command, self.tell) if at_once > 1 else self.tell)
            if at_once > 1 and command.exposure and result.completion.is_good:
                self.final(self._made_of(command.exposure))
            return result

        with self._tables(commands):
            return run_commands(commands, at_once, run, is_last)

    def _made_of(self, exposure: str) -> list[str]:
        """List the files of an exposure, inputs and its own table apart."""
        others = {*self.inputs.inputs.files, _table_name(exposure)}
        names = sorted(path.name for path in self.directory.iterdir())
        return [name for name in names if root_of(name) == exposure and name not in others]

    @contextmanager
    def _tables(self, commands: Iterable[StageCommand]) -> Iterator[None]:
        """Write the association tables that commands are given, and remove them in the end: they are no products."""
        guide = self.directory / self.inputs.inputs.observation.dataset.guide_file
        tables = {self.directory / _table_name(each.table.name): each.table for each in commands if each.table}
        try:
            for path, table in tables.items():
                self.fits.write_association(path, table, guide)
            yield
        finally:
            for path in tables:
                path.unlink(missing_ok=True)


def _table_name(exposure: str) -> str:
    return f"{exposure}_asn.fits"


def _naming(command: StageCommand, tell: Listener) -> Listener:
    """Let lines say of which engine and exposure they are."""

    def told(event: RunEvent) -> None:
        if isinstance(event, EngineLine):
            event = EngineLine(command.program, event.text, command.exposure)
        tell(event)

    return told
