"""Third step: run the engines, stage by stage, for as long as each does its job."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from caldp.app.calibration.bench import Bench
from caldp.app.calibration.keywords import set_keywords
from caldp.app.calibration.side_by_side import arrange
from caldp.app.calibration.stage import StageRun, require_engines, run_stage
from caldp.app.calibration.work_files import Snapshot, written_files
from caldp.app.ports.calibration_runner import CalibrationRunner
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.process.flow import CalibrationResult, ReferencedInputs, WorkDirectory
from caldp.app.process.guard import owning, tell_cause
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.calibration.dummies import dummy_note, is_dummy
from caldp.domain.calibration.expected import expect
from caldp.domain.calibration.plan import Stage, plan_commands
from caldp.domain.errors import CaldpError
from caldp.domain.hst.files import FitsFacts
from caldp.domain.run.events import Step
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.record import Failure
from caldp.domain.run.settings import Settings


def calibrate(
    inputs: ReferencedInputs,
    work: WorkDirectory,
    runner: CalibrationRunner,
    fits: FitsFiles,
    settings: Settings,
    tell: Listener,
    *,
    identify: Callable[[str], EngineIdentity] | None = None,
    final: Callable[[Iterable[str]], None] = lambda _names: None,
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
        Settings: time for each stage, fault to inject, versions for the headers.
    tell
        Hears the engines' output.
    identify
        Tells which build of a program is run; by default the runner does.
    final
        Hears the names of files in the work directory that nobody writes any more.

    Returns
    -------
    CalibrationResult
        With `failure` set if an engine is missing, failed, or did not do its job; nothing is raised for that.

    Raises
    ------
    Stopped, KeyboardInterrupt
        If the run is stopped from outside.
    """
    bench = Bench(inputs, work.data, runner, fits, settings.timeout or None, tell, final)
    before = Snapshot.take(work.data)
    runs: list[StageRun] = []
    failure = None
    identities: tuple[EngineIdentity, ...] = ()
    try:
        with owning(Stage.STAGE1.exit_code):
            set_keywords(inputs.inputs, settings, fits)
            observation = inputs.inputs.observation
            final(observation.raws)
            dummies = _dummies(inputs.assignment, fits)
            planned, expectation = plan_commands(observation), expect(observation, dummies)
            arranged = arrange(planned, expectation, inputs.inputs, inputs.environment, runner, fits, settings, tell)
            require_engines(runner, inputs.environment, arranged.commands)
            programs = dict.fromkeys(command.program for command in arranged.commands)
            identify = identify or partial(runner.identify, environment=inputs.environment)
            identities = tuple(map(identify, programs))
        told = (dummy_note(keyword, name) for keyword, name in dummies.items())
        runs.append(StageRun(notes=(*told, *expectation.notes, *expectation.left_out.values())))
        for stage in arranged.stages:
            with owning(stage.exit_code, settings.simulate_error):
                runs += run_stage(bench, stage, arranged, expectation)
            if runs[-1].error is not None:
                raise runs[-1].error
            if runs[-1].is_excused:
                break  # nothing was made that a next stage could start from
    except CaldpError as error:
        tell_cause(error, tell)
        failure = Failure(error.exit_code, error.message, error.advice, Step.CALIBRATE)
    return CalibrationResult(
        engines=tuple(engine for run in runs for engine in run.engines),
        products=written_files(work.data, before, inputs.inputs.files, fits),
        notes=tuple(dict.fromkeys(note for run in runs for note in run.notes)),
        failure=failure,
        judged=runs[-1].judged if failure is None else None,
        programs=identities,
    )


def _dummies(assignment: Assignment, fits: FitsFiles) -> dict[str, str]:
    """Find the references that are dummies: their names by keyword."""
    found = ((reference, fits.facts(reference.path)) for reference in assignment.references)
    return {each.keyword: each.name for each, facts in found if isinstance(facts, FitsFacts) and is_dummy(facts)}
