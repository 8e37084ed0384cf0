"""``caldp report``: pages for a browser, about single datasets and about whole outputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from attrs import evolve, frozen

from caldp.cli.text import examples, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from caldp.app.report.gather import GatherReport
    from caldp.domain.batch.status import BatchStatus
    from caldp.domain.output.survey import DatasetStatus
    from caldp.domain.report.page import IndexPage
    from caldp.domain.stale.findings import DatasetFinding

LATEST: Final = "latest"
FIRST: Final = "index.html"
EXAMPLES = examples(
    "caldp report outputs",
    "caldp report outputs ldfd01010 -o ldfd01010.html --stale --open",
    "caldp report s3://my-bucket/batch-22 -o pages --batch latest",
)


def report(
    output: Annotated[str, typer.Argument(help="file:PATH or s3://bucket/prefix, in either layout.")],
    datasets: Annotated[list[str] | None, typer.Argument(metavar="[DATASET]...", help="Default: all.")] = None,
    to: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE|DIR", help="Page of one dataset, or directory; default: report."),
    ] = None,
    batch: Annotated[
        str,
        typer.Option(metavar="ID", help="List the datasets of a batch and its progress; latest for the last."),
    ] = "",
    pages: Annotated[bool, typer.Option("--pages", help="Write a page about each dataset of the list, too.")] = False,
    compares: Annotated[
        bool, typer.Option("--stale", help="Mark references that the newest context replaces, or that were withdrawn.")
    ] = False,
    show: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    profile: Annotated[str, typer.Option(help="Profile that says how S3 is reached.")] = "",
) -> int:
    """Write pages for a browser: about single datasets, or a list of all with states, pictures and causes of failures.

    A page is one file that holds its pictures and asks nobody for anything. Of one dataset it tells the verdict, the
    observation, products by switches, references, times and memory, warnings with the lines around them, and shows
    spectra that tell wavelength and flux under the pointer.
    """
    from caldp.api import gather_report
    from caldp.cli.interrupts import raising_interrupts

    with raising_interrupts():
        gather = gather_report(output, profile=profile)
        if datasets and len(datasets) == 1:
            written = _one(gather, datasets[0], to, _findings(output, datasets, profile) if compares else {})
        else:
            listed = look_at(output, datasets or (), batch, profile)
            listed = listed if pages or datasets else evolve(listed, there={})
            findings = _findings(output, datasets or (), profile) if compares and listed.there else {}
            written = _many(gather, listed, to or Path("report"), findings)
    if show:
        from caldp.cli.open import opened

        return opened(str(written))
    say(str(written))
    return 0


@frozen
class Listed:
    """Datasets that are to be listed.

    Attributes
    ----------
    statuses
        State and files of each; in a batch the state is the batch's.
    there
        Names of the pages about those that the output has something of, by dataset.
    batch
        Batch that they are of; None if none is asked for.
    """

    statuses: Sequence[DatasetStatus]
    there: Mapping[str, str]
    batch: BatchStatus | None = None


def look_at(output: str, datasets: Sequence[str], batch: str, profile: str) -> Listed:
    """Look at the datasets of an output or batch."""
    from caldp.api import survey
    from caldp.batches.outputs import batch_status
    from caldp.domain.output.survey import DatasetStatus

    statuses = survey(output, datasets, profile=profile)
    there = {one.name: f"{one.name}.html" for one in statuses if one.is_there}
    if not batch:
        return Listed(statuses, there)
    followed = batch_status(output, None if batch == LATEST else batch, profile=profile)
    found = {one.name: one for one in statuses}
    jobs = [job for job in followed.jobs if not datasets or job.dataset in found]
    known = ((job, found.get(job.dataset) or DatasetStatus(job.dataset, "")) for job in jobs)
    return Listed([evolve(one, state=job.state.value) for job, one in known], there, followed)


def _findings(output: str, datasets: Sequence[str], profile: str) -> Mapping[str, DatasetFinding]:
    """Find out what the newest context would change, by dataset."""
    from caldp.api import stale
    from caldp.cli.text import warn

    return {one.dataset: one for one in stale(output, datasets, profile=profile, listener=warn)}


def write_page(output: str, dataset: str, to: Path | None, profile: str) -> Path:
    """Write the page about a dataset; return its path.

    Parameters
    ----------
    output, profile
        As for the command.
    dataset
        The dataset.
    to
        File, or directory in which it is called after the dataset; None for here.
    """
    from caldp.api import gather_report

    return _one(gather_report(output, profile=profile), dataset, to, {})


def _one(gather: GatherReport, dataset: str, to: Path | None, findings: Mapping[str, DatasetFinding]) -> Path:
    from caldp.cli.written import write_text
    from caldp.domain.hst.dataset import DatasetName

    name = DatasetName.given(dataset)
    path = to or Path(f"{name}.html")
    path = path / f"{name}.html" if path.is_dir() else path
    write_text(path, page_about(gather, dataset, findings.get(str(name))))
    return path


def page_about(gather: GatherReport, dataset: str, finding: DatasetFinding | None = None) -> str:
    """Make the page about a dataset, with findings about its references if there are any."""
    from caldp.domain.hst.dataset import DatasetName
    from caldp.domain.run.secrets import Blotter
    from caldp.views.report.pages import dataset_page

    return dataset_page(gather.dataset(DatasetName.given(dataset), finding), Blotter.of(os.environ))


def _many(gather: GatherReport, listed: Listed, to: Path, findings: Mapping[str, DatasetFinding]) -> Path:
    """Write the pages of a list, and those about its datasets, each as soon as it is made."""
    from caldp.cli.written import write_text

    _make(to)
    for name in listed.there:
        _one(gather, name, to, findings)
    for name, text in list_pages(gather, listed):
        write_text(to / name, text)
    return to / FIRST


def list_pages(gather: GatherReport, listed: Listed, refresh: int = 0) -> Iterator[tuple[str, str]]:
    """Make the pages that list datasets, one after the other; yield name and text of each.

    Parameters
    ----------
    gather
        Gathers them.
    listed
        The datasets.
    refresh
        Seconds after which a browser asks for the page again; 0 for never.
    """
    from caldp.app.report.listing import GatherList
    from caldp.domain.batch.job import JobState
    from caldp.domain.run.secrets import Blotter
    from caldp.views.report.pages import index_page

    blot = Blotter.of(os.environ)
    batch = listed.batch
    causes = {job.dataset: job.cause for job in batch.jobs if job.state is JobState.FAILED} if batch else None
    for page in GatherList(gather.store, gather.place).pages(listed.statuses, listed.there, causes):
        names = {number: FIRST if number == 1 else f"index-{number}.html" for number in range(1, page.pages + 1)}
        yield names[page.number], index_page(_with_progress(page, batch), names, blot, refresh)


def _with_progress(page: IndexPage, batch: BatchStatus | None) -> IndexPage:
    """Add the name and progress of a batch."""
    if batch is None:
        return page
    settled = sum(job.state.is_final for job in batch.jobs) / max(1, len(batch.jobs))
    return evolve(page, title=f"batch {batch.head.batch} in {page.title}", progress=settled)


def _make(directory: Path) -> None:
    from caldp.domain.errors import UsageError
    from caldp.domain.run.quoting import quoted

    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{quoted(directory)} is no directory that can be written: {(error.strerror or str(error)).lower()}.",
            advice="Name another one, by the option output.",
        ) from error
