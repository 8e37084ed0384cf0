"""Arrangement of a calibration's commands: exposures side by side where that is proven and the machine has room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve, frozen

from caldp.app.ports.calibration_runner import CalibrationRunner
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.process.flow import FetchedInputs
from caldp.domain.calibration.expected import Expectation
from caldp.domain.calibration.plan import Stage, StageCommand
from caldp.domain.calibration.side_by_side import PROVEN, fitting, side_by_side
from caldp.domain.hst.files import FitsFacts
from caldp.domain.run.events import Level, Note
from caldp.domain.run.settings import Settings


@frozen
class Arrangement:
    """Commands, and how many of them run at once.

    Attributes
    ----------
    commands
        Commands in the order of the plan.
    at_once
        Number of commands that may run at the same time.
    whole
        Commands of one run on the whole, where `commands` are side by side.
    """

    commands: tuple[StageCommand, ...]
    at_once: int = 1
    whole: tuple[StageCommand, ...] = ()

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages in their order."""
        return tuple(dict.fromkeys(command.stage for command in self.commands))

    def of(self, stage: Stage) -> tuple[StageCommand, ...]:
        """Return the commands of a stage."""
        return tuple(command for command in self.commands if command.stage is stage)


def arrange(
    planned: Iterable[StageCommand],
    expectation: Expectation,
    inputs: FetchedInputs,
    environment: Mapping[str, str],
    runner: CalibrationRunner,
    fits: FitsFiles,
    settings: Settings,
    tell: Listener,
) -> Arrangement:
    """Arrange commands for a run.

    Parameters
    ----------
    planned
        Commands of the plan.
    expectation
        Products of the plan; stages that it leaves out are not run.
    inputs
        Inputs, whose raw files name their references.
    environment
        The engines' environment.
    runner
        Knows the room on the machine, and the program that combines exposures.
    fits
        Reads the raw files.
    settings
        Number of exposures at once.
    tell
        Hears the reason why exposures are not calibrated side by side.

    Raises
    ------
    EngineNotFound
        If an engine is not installed.
    """
    commands = tuple(command for command in planned if command.stage not in expectation.left_out)
    dataset = inputs.observation.dataset
    if settings.exposures_at_once == 1 or expectation.nothing_to_do or dataset.is_mosaic:
        return Arrangement(commands)
    if dataset.instrument not in PROVEN:
        return Arrangement(commands)
    headers = {name: fits.facts(inputs.files[name]) for name in inputs.observation.raws}
    readable = {name: facts for name, facts in headers.items() if isinstance(facts, FitsFacts)}
    if len(readable) < len(headers):
        return Arrangement(commands)  # the engine will say what is wrong with the others
    combination = runner.combination(commands[0].program, environment)
    found = side_by_side(commands, evolve(inputs.observation, raws=readable), combination)
    if found.obstacle:
        tell(Note(f"No exposures side by side: {found.obstacle}.", Level.DETAIL))
        return Arrangement(commands)
    capacity = runner.capacity()
    at_once = fitting(settings.exposures_at_once, found.commands, capacity.cores, capacity.memory)
    if at_once == 1:
        tell(Note("No exposures side by side: there is room for one at a time.", Level.DETAIL))
        return Arrangement(commands)
    tell(Note(f"{at_once} exposures at a time are calibrated side by side."))
    return Arrangement(found.commands, at_once, commands)
