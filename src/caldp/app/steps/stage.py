"""One stage of a calibration: run its engines, and judge by what they leave behind whether they did their job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import frozen

from caldp.app.flow import ReferencedInputs
from caldp.app.ports import CalibrationRunner, EngineCall, EngineResult, FitsFiles, Listener
from caldp.app.workfiles import Snapshot, find, room_left
from caldp.domain.dataset import Ipppssoot
from caldp.domain.diagnosis import Evidence, diagnose
from caldp.domain.dummies import dummies_in_log, dummy_note
from caldp.domain.errors import EngineNotFound, StageError
from caldp.domain.expected import Expectation
from caldp.domain.expected.hap import lacks_image, listed
from caldp.domain.judgement import excuse, judge
from caldp.domain.plan import Stage, StageCommand
from caldp.domain.record import EngineRecord
from caldp.domain.usage import ResourceUsage


@frozen
class Bench:
    """What the engines work on and with.

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
    """How a stage went.

    Attributes
    ----------
    engines
        What was run.
    notes
        What is worth knowing and was no failure.
    is_excused
        Whether nothing was made because there was nothing to do.
    error
        Why the job was not done, or None.
    """

    engines: tuple[EngineRecord, ...] = ()
    notes: tuple[str, ...] = ()
    is_excused: bool = False
    error: StageError | None = None


def require_engines(bench: Bench, commands: Iterable[StageCommand]) -> None:
    """Make sure that every engine is installed before the first one works for nothing.

    Raises
    ------
    EngineNotFound
        If one is not; its exit code is that of the stage which needs it.
    """
    for command in commands:
        try:
            bench.runner.locate(command.program, bench.inputs.environment)
        except EngineNotFound as error:
            code = command.stage.exit_code
            raise EngineNotFound(error.message, advice=error.advice, exit_code=code) from error


def run_stage(bench: Bench, stage: Stage, commands: Sequence[StageCommand], expectation: Expectation) -> StageRun:
    """Run a stage's commands one after the other until one fails, and judge what they made."""
    before = Snapshot.take(bench.directory)
    engines: tuple[EngineRecord, ...] = ()
    notes: tuple[str, ...] = ()
    for command in commands:
        result = bench.runner.run(_call(bench, command, engines), bench.tell)
        notes += tuple(dummy_note(keyword, name) for keyword, name in dummies_in_log(result.tail))
        excused = excuse(command, result.completion, expectation)
        if excused:
            return StageRun((*engines, _record(command, result)), (*notes, excused), is_excused=True)
        is_last = command is commands[-1]
        problems = _judge(bench, stage, before, expectation) if is_last else ()
        engines += (_record(command, result, problems),)
        if problems or not result.completion.is_good:
            return StageRun(engines, notes, error=_error(bench, command, result, problems))
    return StageRun(engines, notes)


def _call(bench: Bench, command: StageCommand, earlier: Sequence[EngineRecord]) -> EngineCall:
    """Give a command what is left of its stage's time."""
    used = ResourceUsage.total(engine.usage for engine in earlier).wall_seconds
    left = None if bench.timeout is None else max(0.0, bench.timeout - used)
    return EngineCall(command.argv, bench.directory, bench.inputs.environment, left)


def _judge(bench: Bench, stage: Stage, before: Snapshot, expectation: Expectation) -> tuple[str, ...]:
    """Say what is wrong with what a stage left behind."""
    written = frozenset(Snapshot.take(bench.directory).written_since(before))
    expected, problems = expectation.of(stage), _rewritten_raws(bench, written)
    if expectation.manifest in written:
        lines = (bench.directory / expectation.manifest).read_text(encoding="utf-8", errors="replace").splitlines()
        made = listed(lines, stage)
        expected += made
        problems += (f"{expectation.manifest} lists no drizzled image",) if lacks_image(made) else ()
    return judge(expected, find(bench.directory, expected, written, bench.fits)) + problems


def _rewritten_raws(bench: Bench, written: frozenset[str]) -> tuple[str, ...]:
    """Find raw exposures that an engine wrote into: runastrodriz does so where it finds nothing else to drizzle."""
    observation = bench.inputs.inputs.observation
    if not isinstance(observation.dataset, Ipppssoot):
        return ()  # the mosaicking programs do update the exposures that they are given
    return tuple(f"{name} was overwritten" for name in sorted(written & observation.raws.keys()))


def _record(command: StageCommand, result: EngineResult, problems: tuple[str, ...] = ()) -> EngineRecord:
    status, signal = result.completion.status, result.completion.signal
    return EngineRecord(command.stage, command.argv, status, signal, result.usage, problems)


def _error(bench: Bench, command: StageCommand, result: EngineResult, problems: tuple[str, ...]) -> StageError:
    evidence = Evidence(
        command.program,
        result.completion,
        result.tail,
        problems,
        timeout=bench.timeout,
        oom_kills=result.oom_kills,
        max_rss_bytes=result.usage.max_rss_bytes,
        memory_limit=result.memory_limit,
        room=room_left(bench.directory),
    )
    return diagnose(evidence, command.stage.exit_code)
