"""Run the engines on a dataset, and judge by what they leave behind whether they did their job."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from attrs import frozen

from caldp.app.flow import CalibrationResult, ReferencedInputs, WorkDirectory
from caldp.app.guard import owning
from caldp.app.ports import CalibrationRunner, EngineCall, FitsFiles, Listener
from caldp.app.steps.keywords import set_keywords
from caldp.app.workfiles import Snapshot
from caldp.domain.diagnosis import Evidence, diagnose
from caldp.domain.errors import CaldpError, Interrupted
from caldp.domain.events import Level, Note, Step
from caldp.domain.expected import Expectation, ExpectedProduct, expect
from caldp.domain.files import FitsFacts
from caldp.domain.judgement import Found, excuse, judge
from caldp.domain.plan import Stage, StageCommand, plan_commands
from caldp.domain.record import EngineRecord, Failure, FileRecord
from caldp.domain.settings import Settings
from caldp.domain.usage import ResourceUsage


def calibrate(
    inputs: ReferencedInputs,
    work: WorkDirectory,
    runner: CalibrationRunner,
    fits: FitsFiles,
    settings: Settings,
    tell: Listener,
) -> CalibrationResult:
    """Calibrate a dataset: stage 1, and if that did its job stage 2.

    Parameters
    ----------
    inputs
        Raw exposures whose headers name their references, and the engines' environment.
    work
        The engines run in its data directory.
    runner
        Runs the engines.
    fits
        Reads what they made.
    settings
        How long each stage may take, which failure to simulate, and versions for the headers.
    tell
        Hears the engines' output and our notes.

    Returns
    -------
    CalibrationResult
        With `failure` set if an engine is missing, failed, or did not do its job; nothing is raised for that.

    Raises
    ------
    Interrupted
        If the run is stopped from outside.
    """
    timeout = settings.timeout or None
    before = Snapshot.take(work.data)
    bench = _Bench(inputs, work, runner, fits, tell)
    runs: list[_StageRun] = []
    failure = None
    try:
        with owning(Stage.STAGE1.exit_code):
            set_keywords(inputs.inputs, settings, fits)
            commands = plan_commands(inputs.inputs.observation)
            expectation = expect(inputs.inputs.observation)
        for stage, of_stage in groupby(commands, key=lambda command: command.stage):
            with owning(stage.exit_code, settings.simulate_error):
                runs.append(_run_stage(bench, tuple(of_stage), expectation, timeout))
            if runs[-1].error is not None:
                raise runs[-1].error
            if runs[-1].excuse:
                tell(Note(runs[-1].excuse, Level.WARNING))
                break  # nothing was made that a next stage could start from
    except Interrupted:
        raise  # whoever stops a run wants it to end, not a result
    except CaldpError as error:
        failure = Failure(error.exit_code, error.message, error.advice, Step.CALIBRATE)
    return CalibrationResult(
        engines=tuple(engine for run in runs for engine in run.engines),
        products=_records(bench, before),
        notes=tuple(run.excuse for run in runs if run.excuse),
        failure=failure,
    )


@frozen
class _Bench:
    """What the engines work on and with."""

    inputs: ReferencedInputs
    work: WorkDirectory
    runner: CalibrationRunner
    fits: FitsFiles
    tell: Listener


@frozen
class _StageRun:
    """How a stage went: what was run, why it was not done, or why there was nothing to do."""

    engines: tuple[EngineRecord, ...]
    error: CaldpError | None = None
    excuse: str = ""


def _run_stage(
    bench: _Bench, commands: Sequence[StageCommand], expectation: Expectation, timeout: float | None
) -> _StageRun:
    """Run a stage's commands one after the other until one fails, and judge what they made."""
    before = Snapshot.take(bench.work.data)
    engines: tuple[EngineRecord, ...] = ()
    for command in commands:
        used = ResourceUsage.total(engine.usage for engine in engines).wall_seconds
        left = None if timeout is None else max(0.0, timeout - used)
        call = EngineCall(command.argv, bench.work.data, bench.inputs.environment, left)
        result = bench.runner.run(call, bench.tell)
        excused = excuse(command, result.completion, expectation)
        is_last = command is commands[-1]
        problems = _judge(bench, before, expectation.of(command.stage)) if is_last and not excused else ()
        status, signal = result.completion.status, result.completion.signal
        engines += (EngineRecord(command.stage, command.argv, status, signal, result.usage, problems),)
        if excused:
            return _StageRun(engines, excuse=excused)
        if problems or status != 0:
            evidence = Evidence(command.program, result.completion, result.tail, problems, timeout)
            return _StageRun(engines, error=diagnose(evidence, command.stage.exit_code))
    return _StageRun(engines)


def _judge(bench: _Bench, before: Snapshot, expected: Sequence[ExpectedProduct]) -> tuple[str, ...]:
    """Look for what a stage must have made; return what is wrong with it."""
    after = Snapshot.take(bench.work.data)
    fresh = frozenset(after.written_since(before))
    found = {
        product.name: Found(
            bench.fits.facts(bench.work.data / product.name) if product.is_fits else None, product.name in fresh
        )
        for product in expected
        if product.name in after.files
    }
    return judge(expected, found)


def _records(bench: _Bench, before: Snapshot) -> tuple[FileRecord, ...]:
    """Describe every file that calibration made, inputs that it changed apart."""
    after = Snapshot.take(bench.work.data)
    made = [name for name in after.written_since(before) if name not in bench.inputs.inputs.files]
    return tuple(_record(bench, name, after.files[name][1]) for name in made)


def _record(bench: _Bench, name: str, size: int) -> FileRecord:
    facts = bench.fits.facts(bench.work.data / name) if name.endswith(".fits") else None
    return FileRecord(name, size, switches=facts.switches if isinstance(facts, FitsFacts) else {})
