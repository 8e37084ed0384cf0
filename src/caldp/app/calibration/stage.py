"""One stage of a calibration: run its engines, and judge it by the files that they leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from caldp.app.calibration.signature import Signature
from caldp.app.calibration.work_files import Snapshot, find, has_other_names, room_left
from caldp.app.ports.calibration_runner import CalibrationRunner, EngineCall, EngineResult
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.process.flow import ReferencedInputs
from caldp.domain.calibration.diagnosis import Evidence, diagnose
from caldp.domain.calibration.dummies import dummies_in_log, dummy_note
from caldp.domain.calibration.expected import Expectation
from caldp.domain.calibration.expected.hap import lacks_image, listed, paths_in
from caldp.domain.calibration.judgement import excuse, judge
from caldp.domain.calibration.plan import Stage, StageCommand
from caldp.domain.errors import EngineNotFound, InvalidInput, StageError
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.output.products import delivered, own_roots
from caldp.domain.run.record import EngineRecord
from caldp.domain.run.usage import ResourceUsage


@frozen
class Bench:
    """Files and programs of a stage.

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
    """

    inputs: ReferencedInputs
    directory: Path
    runner: CalibrationRunner
    fits: FitsFiles
    timeout: float | None
    tell: Listener


@frozen
class StageRun:
    """Result of a stage.

    Attributes
    ----------
    engines
        Engines that ran.
    notes
        Remarks that are no failures.
    is_excused
        True if nothing was made because there was nothing to do.
    error
        The failure, or None.
    judged
        Signatures of the files in the work directory as the engines left them, taken before they were judged.
    """

    engines: tuple[EngineRecord, ...] = ()
    notes: tuple[str, ...] = ()
    is_excused: bool = False
    error: StageError | None = None
    judged: Mapping[str, Signature] = field(factory=dict)


def require_engines(
    runner: CalibrationRunner, environment: Mapping[str, str], commands: Iterable[StageCommand]
) -> None:
    """Make sure that every engine is installed before the first one works for nothing.

    Parameters
    ----------
    runner
        Finds them.
    environment
        The engines' environment.
    commands
        Commands to run.

    Raises
    ------
    EngineNotFound
        If one is not; its exit code is that of the stage which needs it.
    """
    for command in commands:
        try:
            runner.locate(command.program, environment)
        except EngineNotFound as error:
            code = command.stage.exit_code
            raise EngineNotFound(error.message, advice=error.advice, exit_code=code) from error


def run_stage(bench: Bench, stage: Stage, commands: Sequence[StageCommand], expectation: Expectation) -> StageRun:
    """Run a stage's commands one after the other until one fails, and judge what they made."""
    before = after = Snapshot.take(bench.directory)
    engines: tuple[EngineRecord, ...] = ()
    notes: tuple[str, ...] = ()
    for command in commands:
        result = bench.runner.run(_call(bench, command, engines), bench.tell)
        notes += tuple(dummy_note(keyword, name) for keyword, name in dummies_in_log(result.tail))
        excused = excuse(command, result.completion, expectation)
        problems: tuple[str, ...] = ()
        if excused or command is commands[-1]:
            after = Snapshot.take(bench.directory)
            problems = _judge(bench, stage, before, after, Expectation() if excused else expectation)
        engines += (_record(command, result, problems),)
        if problems or not (excused or result.completion.is_good):
            return StageRun(engines, notes, error=_error(bench, command, result, problems, tolerated=bool(excused)))
        if excused:
            return StageRun(engines, (*notes, excused), is_excused=True, judged=after.files)
    return StageRun(engines, notes, judged=after.files)


def _call(bench: Bench, command: StageCommand, earlier: Sequence[EngineRecord]) -> EngineCall:
    """Give a command what is left of its stage's time."""
    used = ResourceUsage.total(engine.usage for engine in earlier).wall_seconds
    left = None if bench.timeout is None else max(0.0, bench.timeout - used)
    return EngineCall(command.argv, bench.directory, bench.inputs.environment, left)


def _judge(bench: Bench, stage: Stage, before: Snapshot, after: Snapshot, expectation: Expectation) -> tuple[str, ...]:
    """Say what is wrong with what a stage left behind: the products due, all else to be delivered, and the inputs."""
    observation = bench.inputs.inputs.observation
    written = frozenset(after.written_since(before))
    earlier = expectation.before(stage)
    due = (*expectation.of(stage), *(product for product in earlier if product.name in written))
    problems = _input_problems(bench, before, after)
    problems += tuple(f"{product.name} was deleted" for product in earlier if product.name not in after.files)
    if expectation.manifest in written:
        lines = (bench.directory / expectation.manifest).read_text(encoding="utf-8", errors="replace").splitlines()
        made = listed(lines, stage)
        due += made
        problems += tuple(f"{expectation.manifest} lists {name!r}, a path" for name in paths_in(lines))
        problems += (f"{expectation.manifest} lists no drizzled image",) if lacks_image(made) else ()
    others = delivered(observation.dataset, written - bench.inputs.inputs.files.keys())
    found = find(bench.directory, due, others, written, bench.fits)
    return judge(due, found, own_roots(observation)) + problems


def _input_problems(bench: Bench, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """Find inputs that an engine deleted or wrote into, as runastrodriz does where it finds nothing else to drizzle.

    calacs, calwf3 and calcos do write into the association table, which products are present: its rows must stay.
    The mosaicking programs do update the exposures that they are given.
    """
    problems: list[str] = []
    for name in sorted(bench.inputs.inputs.files.keys() & before.files.keys()):
        if name not in after.files:
            problems.append(f"{name} was deleted")
        elif after.files[name] != before.files[name] and not _may_change(bench, name):
            problems.append(f"{name} was overwritten")
    return tuple(problems)


def _may_change(bench: Bench, name: str) -> bool:
    dataset = bench.inputs.inputs.observation.dataset
    if dataset.is_mosaic:
        return True
    return name == dataset.guide_file and _has_its_rows(bench, name)


def _has_its_rows(bench: Bench, name: str) -> bool:
    """Tell whether an association table that was written into has the rows that it had."""
    path, earlier = bench.directory / name, bench.inputs.inputs.observation.association
    if earlier is None or has_other_names(path) or isinstance(bench.fits.facts(path), UnreadableFits):
        return False
    try:
        return bench.fits.association(path).rows == earlier.rows
    except InvalidInput:
        return False


def _record(command: StageCommand, result: EngineResult, problems: tuple[str, ...] = ()) -> EngineRecord:
    status, signal = result.completion.status, result.completion.signal
    return EngineRecord(command.stage, command.argv, status, signal, result.usage, problems)


def _error(
    bench: Bench, command: StageCommand, result: EngineResult, problems: tuple[str, ...], *, tolerated: bool
) -> StageError:
    evidence = Evidence(
        command.program,
        result.completion,
        result.tail,
        problems,
        tolerated=tolerated,
        timeout=bench.timeout,
        oom_kills=result.oom_kills,
        max_rss_bytes=result.usage.max_rss_bytes,
        memory_limit=result.memory_limit,
        room=room_left(bench.directory),
    )
    return diagnose(evidence, command.stage.exit_code)
