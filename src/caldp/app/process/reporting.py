"""Reports of a run: the record, and metrics in GNU time's form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import define, frozen

from caldp.app.process.discretion import discreet_record
from caldp.app.process.flow import (
    CalibrationResult,
    FetchedInputs,
    PreviewSet,
    ProductSet,
    ReferencedInputs,
)
from caldp.app.process.journal import Journal
from caldp.app.process.steps.announce import Announcement
from caldp.domain.output.layout import PREVIEW_METRICS, PROCESS_METRICS, Category
from caldp.domain.run.events import Step
from caldp.domain.run.outcome import PublishReceipt
from caldp.domain.run.record import FileRecord, ReferenceRecord, RunRecord
from caldp.domain.run.request import RunRequest
from caldp.domain.run.secrets import without_secrets
from caldp.domain.run.usage import ResourceUsage, gnu_time_text
from caldp.domain.run.verdict import status_of_previews, status_of_processing, verdict


@frozen
class RunHeading:
    """Facts about a run that are known before it begins."""

    run: str
    request: RunRequest
    versions: Mapping[str, str]


@define
class Progress:
    """Progress of a run: each value appears when its step is done."""

    announcement: Announcement | None = None
    inputs: FetchedInputs | None = None
    referenced: ReferencedInputs | None = None
    calibrated: CalibrationResult | None = None
    previews: PreviewSet | None = None
    products: ProductSet = ProductSet()
    record: RunRecord | None = None
    receipt: PublishReceipt | None = None


def write_metrics(directory: Path, heading: RunHeading, journal: Journal) -> None:
    """Write ``process_metrics.txt`` and ``preview_metrics.txt``, as CALCLOUD reads them.

    Parameters
    ----------
    directory
        Directory of the logs.
    heading
        Dataset and command of the run.
    journal
        The run so far.
    """
    request = heading.request
    command = journal.blot(f"caldp process {request.dataset} {request.source} {request.target}")
    previews = [step.usage for step in journal.steps if step.step is Step.PREVIEW]
    others = [step.usage for step in journal.steps if step.step is not Step.PREVIEW]
    for name, usages, status in (
        (PROCESS_METRICS, others, status_of_processing(journal.failures)),
        (PREVIEW_METRICS, previews, status_of_previews(journal.failures)),
    ):
        text = gnu_time_text(command, ResourceUsage.total(usages), status)
        (directory / name).write_text(text, encoding="utf-8")


def make_record(heading: RunHeading, journal: Journal, progress: Progress) -> RunRecord:
    """Make the record of a run so far, without anything secret."""
    request, referenced, calibrated = heading.request, progress.referenced, progress.calibrated
    record = RunRecord(
        run=heading.run,
        dataset=request.dataset,
        status=verdict(journal.failures).status,
        started=journal.started,
        input=str(request.source),
        output=str(request.target),
        profile=request.settings.profile,
        layout=request.settings.layout.value,
        context="" if referenced is None else referenced.assignment.context,
        versions=heading.versions,
        inputs=() if progress.inputs is None else progress.inputs.records,
        products=(() if calibrated is None else calibrated.products) + _preview_records(progress.previews),
        references=() if referenced is None else _reference_records(referenced),
        engines=() if calibrated is None else calibrated.engines,
        steps=tuple(journal.steps),
        environment={} if referenced is None else without_secrets(referenced.environment),
        notes=tuple(journal.notes),
        failures=tuple(journal.failures),
    )
    return discreet_record(record, journal.blot)


def _preview_records(previews: PreviewSet | None) -> tuple[FileRecord, ...]:
    if previews is None:
        return ()
    # A record is made whatever has happened, also to the scratch directory.
    there = [path for path in previews.files if path.exists()]
    return tuple(FileRecord(path.name, path.stat().st_size, Category.PREVIEW) for path in there)


def _reference_records(referenced: ReferencedInputs) -> tuple[ReferenceRecord, ...]:
    return tuple(
        ReferenceRecord(reference.keyword, reference.name, reference.exposures)
        for reference in referenced.assignment.references
    )
