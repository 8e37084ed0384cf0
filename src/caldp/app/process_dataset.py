"""The use case: a dataset's name goes in, and products, a record and a status come out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from attrs import evolve, frozen

from caldp.app.flow import Destination, PreviewSet, ProductSet, WorkDirectory
from caldp.app.journal import Journal
from caldp.app.outcome import Outcome
from caldp.app.ports import (
    ArchiveSource,
    CalibrationRunner,
    FitsFiles,
    Listener,
    PreviewRenderer,
    ReferenceFileService,
)
from caldp.app.reporting import RECORD, Progress, RunHeading, make_record, write_metrics
from caldp.app.run_log import RunLog
from caldp.app.steps.calibrate import calibrate
from caldp.app.steps.collect import collect
from caldp.app.steps.environment import engine_environment
from caldp.app.steps.fetch import fetch
from caldp.app.steps.preview import draw_previews
from caldp.app.steps.publish import announce, publish
from caldp.app.steps.references import assign_references
from caldp.app.work_directory import make_work_directory, remove_work_directory, short_path
from caldp.domain.dataset import AnyDataset
from caldp.domain.errors import CaldpError
from caldp.domain.events import Note, Step
from caldp.domain.exit_codes import ExitCode
from caldp.domain.location import FileLocation, InputLocation, OutputLocation, S3Location
from caldp.domain.previews import PreviewKind
from caldp.domain.settings import Settings
from caldp.domain.verdict import verdict


@frozen
class ProcessDataset:
    """Processes one dataset; built by `caldp.container.build_pipeline`.

    Attributes
    ----------
    settings
        What the user can set.
    input, output
        Where inputs come from and products go, for messages and the record.
    environment
        The caller's environment, of which the engines get a part.
    versions
        Versions of what takes part, for the record.
    source, references, runner, fits, renderers
        The outside world.
    destination
        Where products go; None if nothing is published.
    """

    settings: Settings
    input: InputLocation
    output: OutputLocation
    environment: Mapping[str, str]
    versions: Mapping[str, str]
    source: ArchiveSource
    references: ReferenceFileService
    runner: CalibrationRunner
    fits: FitsFiles
    renderers: Mapping[PreviewKind, PreviewRenderer]
    destination: Destination | None

    def __call__(self, dataset: AnyDataset, listener: Listener | None = None) -> Outcome:
        """Process a dataset.

        Parameters
        ----------
        dataset
            What to process.
        listener
            Is told what happens, as it happens.

        Returns
        -------
        Outcome
            How it ended. A failure of the run is no exception: it is in the outcome.

        Raises
        ------
        WorkDirectoryError
            If there is no place to work in.
        """
        settings = self.settings
        work = make_work_directory(
            dataset, Path(settings.home).expanduser(), Path(settings.work_dir) if settings.work_dir else None
        )
        log = RunLog(work.logs)
        journal = Journal((log,) if listener is None else (log, listener), settings.simulate_error)
        progress = Progress()
        try:
            self._run(dataset, work, journal, progress)
        finally:
            self.references.close()
            log.close()
        return self._finish(dataset, work, journal, progress)

    def _run(self, dataset: AnyDataset, work: WorkDirectory, journal: Journal, progress: Progress) -> None:
        """Announce, process and publish; failures are in the journal."""
        try:
            self._announce(dataset, journal)
        except CaldpError:
            return  # what cannot be announced cannot be published either
        cause: BaseException | None = None
        try:
            with short_path(work.references) as references:
                self._process(dataset, work, references, journal, progress)
        except CaldpError as error:
            cause = error.__cause__
        self._publish(dataset, work, journal, progress)
        if isinstance(cause, KeyboardInterrupt):
            raise cause  # the caller's own interrupt; the error message is out by now

    def _announce(self, dataset: AnyDataset, journal: Journal) -> None:
        with journal.step(Step.ANNOUNCE, self._publish_code, simulated=False):
            journal.tell(Note(f"{dataset}: {self.input} -> {self.output} ({self.settings.profile})"))
            announce(self.destination, dataset, journal.tell)

    def _process(
        self, dataset: AnyDataset, work: WorkDirectory, references: Path, journal: Journal, progress: Progress
    ) -> None:
        """Go from the inputs to the products and their previews."""
        self.references.prepare()
        with journal.step(Step.FETCH, self._fetch_code):
            progress.inputs = fetch(dataset, self.source, self.fits, work, journal.tell)
        with journal.step(Step.REFERENCES, ExitCode.BESTREFS_ERROR):
            progress.referenced = assign_references(
                progress.inputs,
                self.references,
                work,
                engine_environment(dataset, self.settings, self.environment, references, work, journal.tell),
                journal.tell,
            )
        with journal.step(Step.CALIBRATE, ExitCode.STAGE1_ERROR):
            progress.calibrated = calibrate(
                progress.referenced, work, self.runner, self.fits, self.settings, journal.tell
            )
            journal.take(progress.calibrated.notes, progress.calibrated.failure)
        if self.settings.previews and progress.calibrated.failure is None:
            with journal.step(Step.PREVIEW, ExitCode.CREATE_PREVIEWS_ERROR):
                progress.previews = draw_previews(dataset, work, self.renderers, os.cpu_count() or 1, journal.tell)
                for failure in progress.previews.failures:
                    journal.fail(failure)

    def _publish(self, dataset: AnyDataset, work: WorkDirectory, journal: Journal, progress: Progress) -> None:
        """Publish whatever there is, under the message that it deserves."""
        judged = verdict(journal.failures)
        # A memory error that is simulated has happened by now: publishing only fails on its own account.
        simulated = self.settings.simulate_error == self._publish_code
        with suppress(CaldpError), journal.step(Step.PUBLISH, self._publish_code, simulated=simulated):
            heading = self._heading(dataset)
            write_metrics(work.logs, heading, journal)
            progress.record = make_record(heading, journal, progress)
            (work.logs / RECORD).write_text(progress.record.to_json(), encoding="utf-8")
            progress.receipt = publish(
                self.destination,
                dataset,
                self._collect(work, progress),
                logs=sorted(work.logs.iterdir()),
                state=judged.message,
                tell=journal.tell,
                consume=judged.status is ExitCode.SUCCESS and not self.settings.keep_work,
            )

    @staticmethod
    def _collect(work: WorkDirectory, progress: Progress) -> ProductSet:
        if progress.inputs is None:
            return ProductSet()
        return collect(work, progress.inputs, progress.previews or PreviewSet())

    def _finish(self, dataset: AnyDataset, work: WorkDirectory, journal: Journal, progress: Progress) -> Outcome:
        status = verdict(journal.failures).status
        before_publishing = progress.record or make_record(self._heading(dataset), journal, progress)
        record = evolve(before_publishing, status=status, steps=tuple(journal.steps), failures=tuple(journal.failures))
        if status is ExitCode.SUCCESS and not self.settings.keep_work:
            remove_work_directory(work)
            return Outcome(status, record, progress.receipt)
        return Outcome(status, record, progress.receipt, str(work.root))

    def _heading(self, dataset: AnyDataset) -> RunHeading:
        settings = self.settings
        return RunHeading(
            dataset, str(self.input), str(self.output), settings.profile, settings.layout.value, self.versions
        )

    @property
    def _fetch_code(self) -> ExitCode:
        if isinstance(self.input, FileLocation):
            return ExitCode.INPUT_TAR_FILE_ERROR
        return ExitCode.S3_DOWNLOAD_ERROR if isinstance(self.input, S3Location) else ExitCode.ASTROQUERY_ERROR

    @property
    def _publish_code(self) -> ExitCode:
        return ExitCode.S3_UPLOAD_ERROR if isinstance(self.output, S3Location) else ExitCode.GENERIC_ERROR
