"""``caldp batch job``: one dataset of a batch, as its engine runs it. Not for people."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from caldp.cli.batch.options import Profile
from caldp.cli.text import examples

EXAMPLES = examples("caldp batch job outputs 3f2a91c4d0e7 0")


def job(
    output: str,
    batch: str,
    number: Annotated[int | None, typer.Argument()] = None,
    launch: str = "",
    gathered: str = "",
    profile: Profile = "",
    warm: bool = False,
) -> int:
    """Process one dataset of a batch, and report to the driver.

    Parameters
    ----------
    output, batch, number
        The output, the batch's id, and the dataset's number in the manifest, counted from 0.
    launch
        In the place of the number, name of the launch to which the job belongs.
    gathered
        CRDS context whose rules and references for the dataset are in the cache.
    profile
        Profile that says how S3 is reached.
    warm
        Standard input is a line to warm servers; `caldp.cli.start` has taken it.
    """
    del warm
    from caldp.batches.jobs import run_job
    from caldp.cli.blas import without_blas_threads
    from caldp.cli.interrupts import raising_interrupts
    from caldp.domain.batch.reports import end_line, step_line
    from caldp.domain.run.events import Event, Level, Note, StepStarted

    def listener(event: Event) -> None:
        if isinstance(event, StepStarted):
            _report(step_line(str(event.step)))
        elif isinstance(event, Note) and event.level in (Level.WARNING, Level.ERROR):
            _report(event.text)

    environment = without_blas_threads()
    with raising_interrupts():
        outcome = run_job(
            output, batch, number, launch=launch, gathered=gathered, profile=profile, environment=environment,
            listener=listener,
        )  # fmt: skip
    first = next(iter(outcome.record.failures), None)
    cause, advice = (first.message, first.advice) if first else ("", "")
    peak = max((step.usage.max_rss_bytes for step in outcome.steps), default=0)
    _report(end_line(int(outcome.status), cause, advice, peak))
    return int(outcome.status)


def _report(line: str) -> None:
    """Write a line in one piece: the driver reads it from a pipe that steps of the run share."""
    from caldp.cli.streams import write
    from caldp.cli.text import discreet
    from caldp.domain.batch.reports import MARK

    mark = MARK if line.startswith(MARK) else ""
    sys.stdout.flush()
    write(mark + discreet(line.removeprefix(MARK)), err=True)
