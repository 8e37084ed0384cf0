"""Plan of a calibration: the engines to run on a dataset's inputs, and the inputs that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from attrs import evolve, field, frozen

from caldp.domain.errors import InvalidInput
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import AnyDataset, Ipppssoot
from caldp.domain.hst.files import FitsFacts, HstFileName, root_of
from caldp.domain.hst.instrument import Instrument, StageInput


class Stage(Enum):
    """A part of calibration that has an exit code of its own."""

    STAGE1 = "stage1"
    STAGE2 = "stage2"
    SVM = "svm"
    MVM = "mvm"

    @property
    def exit_code(self) -> ExitCode:
        """The status of a run that fails in this stage."""
        return _STAGE_CODES[self]


_STAGE_CODES: Final = {
    Stage.STAGE1: ExitCode.STAGE1_ERROR,
    Stage.STAGE2: ExitCode.STAGE2_ERROR,
    Stage.SVM: ExitCode.SVM_ERROR,
    Stage.MVM: ExitCode.MVM_ERROR,
}

_MOSAICKING: Final = {Stage.SVM: "runsinglehap", Stage.MVM: "runmultihap"}

HAP_TOLERATED: Final = frozenset({55, 65})
"""``runsinglehap`` and ``runmultihap``: no viable image, so nothing to do."""


@frozen
class Observation:
    """Inputs of a dataset before calibration.

    Attributes
    ----------
    dataset
        Dataset to process.
    association
        Its association table; None for a single exposure, a visit or a sky cell.
    raws
        Headers of the raw exposures by file name (for visits and sky cells: of the calibrated inputs).
    others
        Names of the other inputs: support files, tables, settings.
    """

    dataset: AnyDataset
    association: Association | None = None
    raws: Mapping[str, FitsFacts] = field(factory=dict)
    others: frozenset[str] = frozenset()


@frozen
class StageCommand:
    """One run of an engine.

    Attributes
    ----------
    stage
        The stage that it is part of.
    argv
        Program and arguments; file names are relative to the work directory.
    tolerated
        Statuses other than 0 that may mean that there was nothing to do.
    engine
        The engine's name, where the program is another one that uses it; empty where it is the program itself.
    exposure
        Rootname of the exposure that it calibrates; empty for a run on the dataset as a whole.
    needs
        Exposures that must have been calibrated before. Commands of a stage that do not need each other are
        independent, and may run at the same time.
    table
        Association table that is written for it and removed afterwards; None if it starts from inputs alone.
    memory
        Memory that it may hold; bytes, 0 if that is not known.
    """

    stage: Stage
    argv: tuple[str, ...]
    tolerated: frozenset[int] = frozenset()
    engine: str = field(default="", kw_only=True)
    exposure: str = field(default="", kw_only=True)
    needs: frozenset[str] = field(default=frozenset(), kw_only=True)
    table: Association | None = field(default=None, kw_only=True)
    memory: int = field(default=0, kw_only=True)

    @property
    def program(self) -> str:
        """The engine's name."""
        return self.engine or self.argv[0]


def plan_commands(observation: Observation) -> tuple[StageCommand, ...]:
    """List the engine runs that calibrate a dataset, in order.

    Raises
    ------
    InvalidInput
        If an input is missing, or there is nothing that the engines could start from.
    """
    require_inputs(observation)
    dataset = observation.dataset
    if dataset.is_mosaic:
        return tuple(evolve(command, argv=(*command.argv, dataset.guide_file)) for command in usual_commands(dataset))
    recipe = dataset.instrument.recipe
    arguments = _stage_arguments(dataset, observation)
    commands = [StageCommand(Stage.STAGE1, recipe.stage1 + names, recipe.tolerated_statuses) for names in arguments]
    commands = one_by_one(commands) if commands[1:] else commands
    if recipe.stage2:
        commands += [StageCommand(Stage.STAGE2, recipe.stage2 + names) for names in arguments]
    return tuple(commands)


def one_by_one(commands: Iterable[StageCommand]) -> list[StageCommand]:
    """Let each of some commands, one for each exposure, need those before it."""
    earlier: frozenset[str] = frozenset()
    ordered: list[StageCommand] = []
    for command in commands:
        exposure = root_of(command.argv[-1])
        ordered.append(evolve(command, exposure=exposure, needs=earlier))
        earlier |= {exposure}
    return ordered


def usual_commands(dataset: AnyDataset) -> tuple[StageCommand, ...]:
    """List the engines that calibrate such a dataset, without the names of files, as far as its name alone tells."""
    if dataset.is_mosaic:
        stage = Stage(dataset.kind)
        return (StageCommand(stage, (_MOSAICKING[stage],), HAP_TOLERATED),)
    recipe = dataset.instrument.recipe
    stages = ((Stage.STAGE1, recipe.stage1), (Stage.STAGE2, recipe.stage2))
    return tuple(StageCommand(stage, words) for stage, words in stages if words)


def _stage_arguments(dataset: Ipppssoot, observation: Observation) -> tuple[tuple[str, ...], ...]:
    """List the file arguments of each run of a stage."""
    style = dataset.instrument.recipe.stage_input
    raws = sorted(observation.raws)
    if style is StageInput.EACH_RAW_ELSE_EACH_WAV:
        # cs0.e takes a second file name as the root of its OUTPUT, so each exposure has a run of its own.
        chosen = _with_suffix(raws, "raw") or _with_suffix(raws, "wav")
        arguments = tuple((name,) for name in chosen)
    elif observation.association is not None:
        arguments = ((dataset.guide_file,),)
    elif style is StageInput.ASSOCIATION_ELSE_FIRST_RAW:
        arguments = tuple((name,) for name in raws[:1])  # calcos finds the other segment itself
    else:
        arguments = tuple((name,) for name in raws)
    if not arguments:
        raise InvalidInput(
            f"There is nothing to calibrate among the inputs of {dataset.name}.",
            advice="Expected raw exposures with the suffixes "
            + ", ".join(f"_{suffix}" for suffix in dataset.instrument.recipe.raw_suffixes)
            + ".",
        )
    return arguments


def _with_suffix(names: list[str], suffix: str) -> list[str]:
    return [name for name in names if (parsed := HstFileName.parse(name)) and parsed.suffix == suffix]


def missing_inputs(observation: Observation) -> tuple[str, ...]:
    """List the inputs that a calibration needs and that are not there.

    An association needs its table, and every exposure in the table that the archive has. STIS is another matter:
    its engine is given exposures, and its tables name members that are parts of one raw file, named as the table.
    """
    dataset, association = observation.dataset, observation.association
    if dataset.is_mosaic:
        return ()
    if dataset.instrument is Instrument.STIS:
        return _missing_of_stis(association, sorted(observation.raws))
    if association is None:
        return (f"the association table {dataset.guide_file}",) if dataset.is_association else ()
    roots = {parsed.root for name in observation.raws if (parsed := HstFileName.parse(name))}
    return tuple(f"exposure {member.name}" for member in association.exposures if member.name not in roots)


def _missing_of_stis(association: Association | None, raws: list[str]) -> tuple[str, ...]:
    """Miss the science of an association that has any; one of wavelength calibrations alone is complete without."""
    if association is None or all(member.kind.endswith("WAVECAL") for member in association.exposures):
        return ()
    return () if _with_suffix(raws, "raw") or _with_suffix(raws, "tag") else (f"exposure {association.name}_raw.fits",)


def require_inputs(observation: Observation) -> None:
    """Refuse incomplete inputs.

    Raises
    ------
    InvalidInput
        If the association table or one of its exposures is missing.
    """
    missing = missing_inputs(observation)
    if missing:
        raise InvalidInput(
            f"Inputs of {observation.dataset} are missing: {', '.join(missing)}.",
            advice="Fetch the whole dataset: the engines would make products of the rest and say nothing.",
        )
