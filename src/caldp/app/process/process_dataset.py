"""Use case: from a dataset's name to products, a record and a status."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from caldp.app.calibration.astrometry import AstrometryQuestion
from caldp.app.calibration.engine_environment import engine_environment
from caldp.app.calibration.private_tables import edit_references, wished_edits
from caldp.app.calibration.wishes import granted
from caldp.app.pool import in_advance
from caldp.app.ports.archive_source import ArchiveSource
from caldp.app.ports.calibration_runner import CalibrationRunner
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.app.ports.object_store import StoredObject
from caldp.app.ports.preview_renderer import PreviewRenderer
from caldp.app.ports.probe import Probe
from caldp.app.ports.reference_file_service import ReferenceFileService
from caldp.app.process.digests import Digests
from caldp.app.process.discretion import blotter_for
from caldp.app.process.drawings import Drawings
from caldp.app.process.file_records import digested
from caldp.app.process.flow import Destination, FetchedInputs, PreviewSet, ProductSet, WorkDirectory
from caldp.app.process.guard import failure_of_stop, owning
from caldp.app.process.identity import attempt_of, make_identity
from caldp.app.process.journal import Journal
from caldp.app.process.progress import Progress, RunHeading
from caldp.app.process.run_log import RunLog
from caldp.app.process.steps.announce import announce, withdraw
from caldp.app.process.steps.calibrate import calibrate
from caldp.app.process.steps.collect import collect
from caldp.app.process.steps.fetch import fetch
from caldp.app.process.steps.preview import draw_previews, requests_of
from caldp.app.process.steps.publish import publish
from caldp.app.process.steps.record import make_record, record
from caldp.app.process.steps.references import assign_references
from caldp.app.scratch.work_directory import leave_work_directory, make_work_directory, short_path, what_is_left
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.calibration.drizzle_parameters import Parameter
from caldp.domain.calibration.plan import usual_commands
from caldp.domain.errors import CaldpError, Stopped
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import root_of
from caldp.domain.output.layout import RECORD
from caldp.domain.output.lease import RunIdentity
from caldp.domain.output.previews import PreviewKind, usual_kind
from caldp.domain.run.engine_environment import build_environment
from caldp.domain.run.events import InputsRead, Level, Note, RunEnded, RunStarted, Step
from caldp.domain.run.identity import EngineIdentity, Machine
from caldp.domain.run.outcome import Outcome
from caldp.domain.run.record import Failure, PublishedRecord, RunRecord
from caldp.domain.run.request import RunRequest
from caldp.domain.run.settings import Settings
from caldp.domain.run.variables import warnings_of
from caldp.domain.run.verdict import verdict

_SHORTEST_LEASE: Final = 1.0  # seconds


@frozen
class ProcessDataset:
    """Processes one dataset. Built by `caldp.container.build_pipeline`.

    Attributes
    ----------
    request
        The run: dataset, source, target and settings.
    environment
        The caller's environment, of which the engines get a part.
    versions, packages, machine
        Versions of what takes part and of all else that is installed, and the machine, for the record.
    source, references, runner, fits, renderers, astrometry
        The outside world; the last examines the servers of astrometry.
    destination
        Store of the products; None if nothing is published.
    drizzle_parameters
        Return the parameters of AstroDrizzle that a user may set, by name.
    """

    request: RunRequest
    environment: Mapping[str, str]
    versions: Mapping[str, str]
    source: ArchiveSource
    references: ReferenceFileService
    runner: CalibrationRunner
    fits: FitsFiles
    renderers: Mapping[PreviewKind, PreviewRenderer]
    astrometry: Probe
    destination: Destination | None
    packages: Mapping[str, str] = field(factory=dict)
    machine: Machine = Machine()
    drizzle_parameters: Callable[[], Mapping[str, Parameter]] = dict

    def __call__(self, listener: Listener | None = None) -> Outcome:
        """Process the dataset.

        Parameters
        ----------
        listener
            Callback for run events. Must be thread-safe; if it raises, it is told no more.

        Returns
        -------
        Outcome
            Result of the run. A failure of the run raises nothing: the outcome holds it, and a stop (`Stopped`) too.

        Raises
        ------
        WorkDirectoryError
            If there is no place to work in.
        KeyboardInterrupt
            Or what else is no `Exception`, if it was raised in the run: after the message ERROR.
        """
        dataset, settings = self.request.dataset, self.request.settings
        exact = Path(settings.work_dir) if settings.work_dir else None
        owner = make_identity(self.environment)
        work = make_work_directory(dataset, Path(settings.home).expanduser(), exact, run=owner.run)
        log = RunLog(work.logs)
        listeners = (log,) if listener is None else (log, listener)
        blot = blotter_for(settings, self.environment)
        journal = Journal(listeners, settings.simulate_error, blot, lambda: what_is_left(work))
        drawings = Drawings(self.renderers, work.previews, os.cpu_count() or 1)
        run = _Run(self, owner, work, journal, Digests(self.fits), drawings)
        try:
            self.references.prepare(dataset)
            programs = (command.program for command in usual_commands(dataset))
            self.runner.prepare(programs, build_environment(self.environment, settings.engine_environment, {}, {}))
            run.go()
        except BaseException:
            run.leave(ok=False)
            raise
        finally:
            try:
                withdraw(run.progress.announcement)
            finally:
                run.digests.give_up()
                run.drawings.give_up()
                self.references.close()
                self.runner.close()
                log.close()
        outcome = run.outcome()
        location = outcome.receipt.location if outcome.receipt else ""
        with suppress(Stopped):  # it comes too late to change anything
            journal.tell(RunEnded(dataset.name, owner.run, outcome.status, journal.seconds, location))
        return outcome


@frozen
class _Run:
    """One dataset on its way through a pipeline; what went wrong is in the journal."""

    pipeline: ProcessDataset
    owner: RunIdentity
    work: WorkDirectory
    journal: Journal
    digests: Digests
    drawings: Drawings
    progress: Progress = field(factory=Progress)

    @property
    def request(self) -> RunRequest:
        """The run that was asked for."""
        return self.pipeline.request

    @property
    def dataset(self) -> AnyDataset:
        """The dataset."""
        return self.request.dataset

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        return self.request.settings

    @property
    def _beginning(self) -> RunStarted:
        """The event that the run begins."""
        return RunStarted(self.dataset.name, self.owner.run, str(self.request.source), str(self.request.target))

    def go(self) -> None:
        """Announce, process, record and publish.

        Raises
        ------
        BaseException
            Any exception that ended the run from outside, except `Stopped`.
        """
        try:
            self.journal.tell(self._beginning)
            if self._attempt(self._announce):  # what cannot be announced cannot be published either
                for part in (self._process, self._record, self._publish):
                    self._attempt(part)
        except BaseException as stop:
            self._end(stop)
            if not isinstance(stop, Stopped):
                raise

    def _end(self, stop: BaseException) -> None:
        """Say that a run was stopped, unless it had said its last message by then."""
        self.journal.stop(stop)
        self.digests.give_up()
        self.drawings.give_up()
        if self.journal.is_concluded or self._has_said_its_last:
            return
        try:
            for part in (self._record, self._publish):
                self._attempt(part)
        except BaseException as again:
            code = failure_of_stop(stop, "").status
            said = f"{self.request.target} may still say that {self.dataset} is being processed."
            self.journal.fail(Failure(code, f"Stopped before the message error was written: {said}"))
            if not isinstance(again, Stopped):
                raise

    @property
    def _has_said_its_last(self) -> bool:
        return self.progress.announcement is not None and self.progress.announcement.said

    def _attempt(self, part: Callable[[], None]) -> bool:
        """Do a part of the run; False if an error, which is in the journal, ended it early."""
        try:
            with owning(ExitCode.GENERIC_ERROR):
                part()
        except CaldpError as error:
            self.journal.keep(error)
            return False
        return True

    def _announce(self) -> None:
        pipeline, journal = self.pipeline, self.journal
        with journal.step(Step.ANNOUNCE, self.request.target.publish_code, injectable=False):
            journal.tell(Note(f"{self.request} ({self.settings.profile})"))
            self.progress.announcement = announce(
                pipeline.destination,
                self.dataset,
                self.owner,
                max(_SHORTEST_LEASE, self.settings.lease),
                journal.tell,
            )

    def _process(self) -> None:
        """Go from the inputs to the products and their previews."""
        ports, settings, dataset, work = self.pipeline, self.settings, self.dataset, self.work
        journal, progress, tell = self.journal, self.progress, self.journal.tell
        for sentence in warnings_of(ports.environment):
            tell(Note(sentence, Level.WARNING))
        question = AstrometryQuestion.ask(self.request, ports.environment, ports.astrometry)
        with journal.step(Step.FETCH, self.request.source.fetch_code):
            fetched = fetch(dataset, ports.source, ports.fits, work, tell)
            tell(_read(fetched))
            progress.inputs = evolve(fetched, records=digested(fetched.records, fetched.files, self.digests))
        with short_path(work.references) as links:
            with journal.step(Step.REFERENCES, ExitCode.BESTREFS_ERROR):
                astrometry = question.variables(progress.inputs.observation, journal.note)
                environment = engine_environment(dataset, settings, ports.environment, links, work, tell, astrometry)
                identify = self._identify_in(environment)
                progress.inputs = granted(progress.inputs, settings, ports.fits, journal.note)
                progress.referenced = assign_references(
                    progress.inputs, ports.references, work, environment, tell,
                    overrides=settings.reference_overrides, fits=ports.fits,
                    edits=partial(self._edit_tables, progress.inputs),
                )  # fmt: skip
            self.digests.begin(reference.path for reference in progress.referenced.assignment.references)
            with journal.step(Step.CALIBRATE, ExitCode.STAGE1_ERROR):
                progress.calibrated = calibrate(
                    progress.referenced, work, ports.runner, ports.fits, settings, tell,
                    identify=identify, final=self._look_ahead,
                )  # fmt: skip
                journal.count(engine.usage for engine in progress.calibrated.engines if engine.is_warm)
                journal.take(progress.calibrated.notes, progress.calibrated.failure)
        self.digests.begin(file.path for file in collect(work, progress.inputs, PreviewSet()).files)
        if progress.calibrated.failure is not None:
            self.drawings.give_up(wait=True)
        elif settings.previews:
            with journal.step(Step.PREVIEW, ExitCode.CREATE_PREVIEWS_ERROR):
                progress.previews = draw_previews(dataset, work, self.drawings, tell)
                for failure in progress.previews.failures:
                    journal.fail(failure)

    def _edit_tables(self, inputs: FetchedInputs, assignment: Assignment) -> Assignment:
        """Put private copies of tables, which are published beside the logs, into the place of assigned ones."""
        edits = wished_edits(self.settings, self.pipeline.drizzle_parameters)
        place, fits, note = self.work.logs, self.pipeline.fits, self.journal.note
        return edit_references(assignment, edits, inputs, place, fits, note)

    def _identify_in(self, environment: Mapping[str, str]) -> Callable[[str], EngineIdentity]:
        """Begin to find out which builds of engines an environment has; return what tells it."""
        programs = (command.program for command in usual_commands(self.dataset))
        return in_advance(lambda program: self.pipeline.runner.identify(program, environment), programs, "caldp-build")

    def _look_ahead(self, names: Iterable[str]) -> None:
        """Begin to digest and draw files that nobody writes any more."""
        names = tuple(names)
        self.digests.begin(self.work.data / name for name in names)
        if self.settings.previews:
            self.drawings.prepare((usual_kind(self.dataset),))
            self.drawings.begin(requests_of(self.dataset, self.work, names))

    def _record(self) -> None:
        """Choose what is to be published, and write down what the run was and took."""
        progress = self.progress
        with self.journal.step(Step.RECORD, ExitCode.GENERIC_ERROR, injectable=False):
            if progress.inputs is not None and progress.record is None:  # else publishing has begun to move files
                judged = None if progress.calibrated is None else progress.calibrated.judged
                progress.products = collect(self.work, progress.inputs, progress.previews or PreviewSet(), judged)
            progress.record = record(
                self._heading, self.journal, progress, self.work.logs, self.pipeline.fits, self.digests
            )

    def _publish(self) -> None:
        """Publish whatever there is, under the message that it deserves."""
        journal = self.journal
        judged = verdict(journal.failures)
        # An injected memory error has happened by now: publishing fails on its own account only.
        is_injected = self.settings.simulate_error == self.request.target.publish_code
        with journal.step(Step.PUBLISH, self.request.target.publish_code, injectable=is_injected):
            self.progress.receipt = publish(
                self.progress.announcement,
                ProductSet() if self.journal.is_stopped else self.progress.products,  # they would take their time
                logs=self._logs(),
                record=self._record_of,
                state=judged.message,
                tell=journal.tell,
                consume=judged.status is ExitCode.SUCCESS and not self.settings.keep_work,
            )
            journal.is_concluded = True

    def _logs(self) -> Sequence[Path]:
        """List the logs, the record apart; none if their directory is gone: the message is said all the same."""
        try:
            return sorted(path for path in self.work.logs.iterdir() if path.name != RECORD)
        except OSError as error:
            self.journal.tell(Note(f"The logs cannot be published: {error}.", Level.WARNING))
            return ()

    def _record_of(self, stored: Sequence[StoredObject], keys: Mapping[str, str]) -> bytes:
        """Write the record of what was published so far, and keep it for the outcome."""
        record = self.progress.record or self._make_record()
        self.progress.record = evolve(
            record,
            prepared=tuple(evolve(file, key=keys.get(file.name, "")) for file in record.prepared),
            products=tuple(evolve(file, key=keys.get(file.name, "")) for file in record.products),
            objects=tuple(PublishedRecord(item.key, item.size, item.crc32) for item in stored),
        )
        return self.progress.record.to_json().encode()

    def _make_record(self) -> RunRecord:
        return make_record(self._heading, self.journal, self.progress, self.pipeline.fits, self.digests)

    def outcome(self) -> Outcome:
        """Make the outcome, and leave the scratch directory."""
        journal, progress = self.journal, self.progress
        status = verdict(journal.failures).status
        record = evolve(
            progress.record or self._make_record(),
            status=status,
            steps=tuple(journal.steps),
            failures=tuple(journal.failures),
        )
        return Outcome(status, record, progress.receipt, self.leave(ok=status is ExitCode.SUCCESS))

    def leave(self, *, ok: bool) -> str:
        """Leave the scratch directory; return its path, if it is kept."""
        try:
            return leave_work_directory(self.work, ok=ok, keep=self.settings.keep_work)
        except Stopped:  # too late to change what the run is worth
            return str(self.work.root)

    @property
    def _heading(self) -> RunHeading:
        pipeline = self.pipeline
        return RunHeading(
            self.owner.run,
            self.request,
            pipeline.versions,
            pipeline.packages,
            pipeline.machine,
            self.owner.job,
            attempt_of(pipeline.environment),
        )


def _read(fetched: FetchedInputs) -> InputsRead:
    """Return the event that inputs are there."""
    roots = dict.fromkeys(root_of(name) for name in sorted(fetched.observation.raws))
    sizes = [record.size for record in fetched.records]
    return InputsRead(tuple(root for root in roots if root), len(sizes), sum(sizes))
