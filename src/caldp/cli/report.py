"""``caldp report``: pages for a browser, about single datasets and about whole outputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from caldp.cli.text import examples, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from caldp.app.report.gather import GatherReport
    from caldp.domain.batch.status import BatchStatus
    from caldp.domain.output.survey import DatasetStatus
    from caldp.domain.report.page import IndexPage

LATEST: Final = "latest"
FIRST: Final = "index.html"
EXAMPLES = examples(
    "caldp report outputs",
    "caldp report outputs ldfd01010 -o ldfd01010.html --open",
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
            written = _one(gather, datasets[0], to)
        else:
            statuses, followed = looked_at(output, datasets or (), batch, profile)
            written = _many(gather, statuses, to or Path("report"), has_pages=pages or bool(datasets), batch=followed)
    if show:
        from caldp.cli.open import opened

        return opened(str(written))
    say(str(written))
    return 0


def looked_at(
    output: str, datasets: Sequence[str], batch: str, profile: str
) -> tuple[Sequence[DatasetStatus], BatchStatus | None]:
    """Return the datasets that are to be listed, and the batch that they are of, if one is asked for."""
    from caldp.api import survey
    from caldp.batches.outputs import batch_status

    statuses = survey(output, datasets, profile=profile)
    if not batch:
        return statuses, None
    followed = batch_status(output, None if batch == LATEST else batch, profile=profile)
    names = {job.dataset for job in followed.jobs}
    return tuple(one for one in statuses if one.name in names), followed


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

    return _one(gather_report(output, profile=profile), dataset, to)


def _one(gather: GatherReport, dataset: str, to: Path | None) -> Path:
    from caldp.cli.written import write_text
    from caldp.domain.hst.dataset import DatasetName

    name = DatasetName.given(dataset)
    path = to or Path(f"{name}.html")
    path = path / f"{name}.html" if path.is_dir() else path
    write_text(path, page_about(gather, dataset))
    return path


def page_about(gather: GatherReport, dataset: str) -> str:
    """Make the page about a dataset."""
    from caldp.domain.hst.dataset import DatasetName
    from caldp.domain.run.secrets import Blotter
    from caldp.views.report.pages import dataset_page

    return dataset_page(gather.dataset(DatasetName.given(dataset)), Blotter.of(os.environ))


def _many(
    gather: GatherReport, statuses: Sequence[DatasetStatus], to: Path, *, has_pages: bool, batch: BatchStatus | None
) -> Path:
    """Write the pages of a list, and those about its datasets, each as soon as it is made."""
    from caldp.cli.written import write_text

    _make(to)
    there: Mapping[str, str] = {}
    if has_pages:
        there = {one.name: f"{one.name}.html" for one in statuses if one.is_there}
        for name in there:
            _one(gather, name, to)
    for name, text in list_pages(gather, statuses, there, batch).items():
        write_text(to / name, text)
    return to / FIRST


def list_pages(
    gather: GatherReport,
    statuses: Sequence[DatasetStatus],
    there: Mapping[str, str],
    batch: BatchStatus | None,
    refresh: int = 0,
) -> dict[str, str]:
    """Make the pages that list datasets; return their texts by name.

    Parameters
    ----------
    gather
        Gathers them.
    statuses
        The datasets.
    there
        Names of the pages about single datasets, by dataset.
    batch
        Batch whose progress is told; None for none.
    refresh
        Seconds after which a browser asks for the page again; 0 for never.
    """
    from caldp.domain.run.secrets import Blotter
    from caldp.views.report.pages import index_page

    found = [_with_progress(page, batch) for page in gather.index(statuses, there)]
    names = {page.number: FIRST if page.number == 1 else f"index-{page.number}.html" for page in found}
    blot = Blotter.of(os.environ)
    return {names[page.number]: index_page(page, names, blot, refresh) for page in found}


def _with_progress(page: IndexPage, batch: BatchStatus | None) -> IndexPage:
    """Add the progress of a batch, and its failures by cause."""
    if batch is None:
        return page
    from attrs import evolve

    settled = sum(job.state.is_final for job in batch.jobs) / max(1, len(batch.jobs))
    causes = {group.cause: len(group.datasets) for group in batch.failures}
    counts = {state.value: count for state, count in batch.counts.items()}
    title = f"batch {batch.head.batch} in {page.title}"
    return evolve(page, title=title, total=len(batch.jobs), counts=counts, causes=causes, progress=settled)


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
