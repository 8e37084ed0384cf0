"""Record of a run, and metrics in GNU time's form."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from caldp.app.calibration.signature import changed_failure
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.process.digests import Digests
from caldp.app.process.discretion import discreet_record
from caldp.app.process.file_records import made, prepared, reference_records
from caldp.app.process.journal import Journal
from caldp.app.process.progress import Progress, RunHeading
from caldp.domain.output.layout import PREVIEW_METRICS, PROCESS_METRICS, RECORD
from caldp.domain.run.events import Step
from caldp.domain.run.identity import thread_settings
from caldp.domain.run.record import RunRecord
from caldp.domain.run.secrets import without_secrets
from caldp.domain.run.usage import ResourceUsage, gnu_time_text
from caldp.domain.run.verdict import status_of_previews, status_of_processing, verdict


def record(
    heading: RunHeading, journal: Journal, progress: Progress, logs: Path, fits: FitsFiles, digests: Digests
) -> RunRecord:
    """Write metrics and the record among a run's logs; a file that has changed since it was judged fails the run.

    Parameters
    ----------
    logs
        Directory of the logs.
    heading, journal, progress, fits, digests
        As for `make_record`.
    """
    for name in progress.products.changed:
        journal.fail(changed_failure(name))
    write_metrics(logs, heading, journal)
    made_record = make_record(heading, journal, progress, fits, digests)
    (logs / RECORD).write_text(made_record.to_json(), encoding="utf-8")
    return made_record


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


def make_record(
    heading: RunHeading, journal: Journal, progress: Progress, fits: FitsFiles, digests: Digests
) -> RunRecord:
    """Make the record of a run so far, without anything secret.

    Parameters
    ----------
    heading
        The run.
    journal, progress
        The run so far.
    fits
        Reads headers.
    digests
        Digests files; what was given up is left out.
    """
    request, inputs, referenced, calibrated = heading.request, progress.inputs, progress.referenced, progress.calibrated
    environment = {} if referenced is None else without_secrets(referenced.environment)
    products, scratch = made(() if calibrated is None else calibrated.products, progress.products, digests)
    record = RunRecord(
        run=heading.run,
        dataset=request.dataset,
        status=verdict(journal.failures).status,
        started=journal.started,
        input=str(request.source),
        output=str(request.target),
        profile=request.settings.profile,
        layout=request.settings.layout.value,
        request=request.to_plain(),
        request_digest=request.digest,
        job=heading.job,
        attempt=heading.attempt,
        machine=evolve(heading.machine, threads=thread_settings(environment)),
        context="" if referenced is None else referenced.assignment.context,
        crds_server="" if referenced is None else referenced.assignment.server,
        selection={} if referenced is None else referenced.assignment.selection,
        not_applicable={} if referenced is None else referenced.assignment.not_applicable,
        versions=heading.versions,
        packages=heading.packages,
        inputs=() if inputs is None else inputs.records,
        prepared=() if inputs is None else prepared(inputs, progress.products, fits, digests),
        products=products,
        scratch=scratch,
        references=() if referenced is None else reference_records(referenced.assignment, digests),
        programs=() if calibrated is None else calibrated.programs,
        engines=() if calibrated is None else calibrated.engines,
        steps=tuple(journal.steps),
        environment=environment,
        notes=tuple(journal.notes),
        failures=tuple(journal.failures),
    )
    return discreet_record(record, journal.blot)
