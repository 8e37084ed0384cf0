"""One stage of a calibration: run its engines, and judge it by the files that they leave."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve, field, frozen

from caldp.app.calibration.bench import Bench
from caldp.app.calibration.side_by_side import Arrangement
from caldp.app.calibration.signature import Signature
from caldp.app.calibration.work_files import Snapshot, find, has_other_names, room_left
from caldp.app.ports.calibration_runner import CalibrationRunner, EngineResult
from caldp.domain.calibration.diagnosis import Evidence, diagnose
from caldp.domain.calibration.dummies import dummies_in_log, dummy_note
from caldp.domain.calibration.expected import Expectation
from caldp.domain.calibration.expected.hap import lacks_image, listed, paths_in
from caldp.domain.calibration.judgement import excuse, judge
from caldp.domain.calibration.plan import Stage, StageCommand
from caldp.domain.errors import EngineNotFound, InvalidInput, StageError
from caldp.domain.exit_codes import MEMORY_ERRORS
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.output.products import delivered, own_roots
from caldp.domain.run.events import Level, Note
from caldp.domain.run.record import EngineRecord

_CROWDED: Final = "Exposures side by side ran out of memory: {} They are calibrated once more, by one run on the whole."


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
    exposure
        Exposure whose command failed; empty if none did, or one on the dataset as a whole.
    judged
        Signatures of the files in the work directory as the engines left them, taken before they were judged.
    """

    engines: tuple[EngineRecord, ...] = ()
    notes: tuple[str, ...] = ()
    is_excused: bool = False
    error: StageError | None = None
    exposure: str = ""
    judged: Mapping[str, Signature] = field(factory=dict)

    @property
    def is_crowded_out(self) -> bool:
        """True if an exposure failed for lack of memory, which it might have had alone."""
        return bool(self.exposure) and self.error is not None and self.error.exit_code in MEMORY_ERRORS


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


def run_stage(bench: Bench, stage: Stage, arranged: Arrangement, expectation: Expectation) -> tuple[StageRun, ...]:
    """Run a stage's commands until one fails, as many at once as may be, and judge what they made.

    If exposures side by side run out of memory, the stage begins anew, with one run on the whole: alone, each may
    have enough. Its time goes on.

    Returns
    -------
    tuple of StageRun
        The run that counts is the last.
    """
    deadline = None if bench.timeout is None else time.monotonic() + bench.timeout
    before = Snapshot.take(bench.directory)
    run = _run(bench, stage, arranged, expectation, deadline, before)
    if arranged.at_once == 1 or not run.is_crowded_out:
        return (run,)
    note = _CROWDED.format(run.error)
    bench.tell(Note(note, Level.WARNING))
    for name in Snapshot.take(bench.directory).files.keys() - before.files.keys():
        (bench.directory / name).unlink()
    alone = Arrangement(arranged.whole)
    return evolve(run, notes=(*run.notes, note)), _run(bench, stage, alone, expectation, deadline, before)


def _run(
    bench: Bench,
    stage: Stage,
    arranged: Arrangement,
    expectation: Expectation,
    deadline: float | None,
    before: Snapshot,
) -> StageRun:
    commands, after = arranged.of(stage), before

    def is_last(command: StageCommand, result: EngineResult) -> bool:
        return bool(excuse(command, result.completion, expectation)) or not result.completion.is_good

    ran = bench.run(commands, arranged.at_once, deadline, is_last)
    notes = tuple(dummy_note(*dummy) for _, result in ran for dummy in dummies_in_log(result.tail))
    command, result = next((each for each in ran if is_last(*each)), ran[-1])
    excused = excuse(command, result.completion, expectation)
    problems: tuple[str, ...] = ()
    if excused or command is commands[-1]:
        after = Snapshot.take(bench.directory)
        problems = _judge(bench, stage, before, after, Expectation() if excused else expectation)
    engines = tuple(_record(*each, problems if each[0] is command else _given_up(each[1], command)) for each in ran)
    if problems or not (excused or result.completion.is_good):
        error = _error(bench, command, result, problems, tolerated=bool(excused))
        return StageRun(engines, notes, error=error, exposure=command.exposure)
    if excused:
        return StageRun(engines, (*notes, excused), is_excused=True, judged=after.files)
    return StageRun(engines, notes, judged=after.files)


def _given_up(result: EngineResult, decisive: StageCommand) -> tuple[str, ...]:
    """Say why a command was ended that might have done its job."""
    return () if result.completion.is_good else (f"it ended, or was ended, after the failure of {decisive.argv[-1]}",)


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
    return EngineRecord(command.stage, command.argv, status, signal, result.usage, problems, result.is_warm)


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
