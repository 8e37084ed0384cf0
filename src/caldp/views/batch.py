"""Views of batches: lines, tables and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from caldp.domain.batch.events import BatchBegun, BatchEvent, JobEnded, JobStarted, JobStepped
from caldp.domain.batch.files import BatchHead
from caldp.domain.batch.job import Job, JobState
from caldp.domain.batch.outcome import BatchOutcome, FailureGroup
from caldp.domain.batch.status import BatchStatus
from caldp.domain.exit_codes import lookup
from caldp.domain.output.survey import duration_text
from caldp.domain.run.events import Note
from caldp.views.columns import columns

_MOST_NAMES: Final = 5
_MOST_RUNNING: Final = 5


@define
class Progress:
    """Counts of a batch that runs, from its events.

    Attributes
    ----------
    total, done, failed
        Numbers of datasets: that are done or going to run, done, and failed.
    ended
        Number of datasets that this driver has settled.
    running
        Step of each dataset that runs, by name, in the order in which they began.
    """

    total: int = 0
    done: int = 0
    failed: int = 0
    ended: int = 0
    running: dict[str, str] = field(factory=dict)

    def take(self, event: BatchEvent) -> None:
        """Take an event in."""
        match event:
            case BatchBegun(done=done, to_run=to_run):
                self.total, self.done = done + to_run, done
            case JobStarted(dataset=dataset):
                self.running[dataset] = ""
            case JobStepped(dataset=dataset, step=step):
                self.running[dataset] = step
            case JobEnded(dataset=dataset, state=state):
                self.running.pop(dataset, None)
                self.done += state is JobState.DONE
                self.failed += state is JobState.FAILED
                self.ended += state.is_final

    @property
    def left(self) -> int:
        """Number of datasets that are not settled."""
        return self.total - self.done - self.failed

    def remaining(self, seconds: float) -> float | None:
        """Estimate the seconds that are left; None while nothing is known.

        Parameters
        ----------
        seconds
            Time since the batch began; s.
        """
        return seconds / self.ended * self.left if self.ended else None


def event_line(event: BatchEvent, progress: Progress) -> str:
    """Write an event as a line; empty for one that is not worth it."""
    match event:
        case BatchBegun(batch=batch, total=total, done=done, to_run=to_run, reasons=reasons):
            why = "".join(f"\n    {count} {reason}" for reason, count in reasons.items())
            return f"batch {batch}: {datasets_text(total)}, {done} done already, {to_run} to run{why}"
        case JobEnded(dataset=dataset, state=state, end=end, reason=reason):
            count = f"[{progress.total - progress.left}/{progress.total}]"
            word = "again" if state is JobState.WAITING else state.value
            return f"{count} {dataset} {word} {duration_text(end.seconds)}" + (f": {reason}" if reason else "")
        case Note(text=text):
            return text
        case _:
            return ""


def datasets_text(count: int) -> str:
    """Write a number of datasets."""
    return f"{count} dataset{'' if count == 1 else 's'}"


def counts_text(counts: Mapping[JobState, int]) -> str:
    """Write counts by state in one line."""
    return ", ".join(f"{count} {state.value}" for state, count in counts.items()) or "nothing"


def failures_text(groups: Sequence[FailureGroup], width: int | None = None) -> str:
    """Write failures by their cause, each with advice and names; lines longer than a width, characters, are broken."""
    rows: list[tuple[str, str, str]] = []
    for group in groups:
        names = ", ".join(group.datasets[:_MOST_NAMES])
        more = len(group.datasets) - _MOST_NAMES
        rows.append((str(len(group.datasets)), _status(group.status), group.cause))
        if group.advice:
            rows.append(("", "", group.advice))
        rows.append(("", "", names + (f" and {more} more" if more > 0 else "")))
    return columns(rows, ("FAILED", "STATUS", "CAUSE, ADVICE, DATASETS"), width) if rows else ""


def _status(status: int | None) -> str:
    known = lookup(status)
    return "" if status is None else f"{status} {known.name}" if known else str(status)


def outcome_text(outcome: BatchOutcome, width: int | None = None) -> str:
    """Write the end of a batch: counts, and failures by their cause.

    Parameters
    ----------
    outcome
        The outcome.
    width
        Break longer lines, characters; None for never.
    """
    lines = [
        f"batch {outcome.batch}: {counts_text(outcome.counts)} after {duration_text(outcome.seconds)}",
        failures_text(outcome.failures, width),
    ]
    if outcome.stopped is not None:
        lines.append("Stopped. Repeat the command to resume.")
    elif outcome.failures:
        lines.append("caldp batch retry runs those again that failed.")
    return "\n".join(filter(None, lines))


def outcome_json(outcome: BatchOutcome) -> str:
    """Write the end of a batch for machines."""
    return json.dumps(
        {
            "batch": outcome.batch,
            "place": outcome.place,
            "status": int(outcome.status),
            "seconds": round(outcome.seconds, 1),
            "counts": _counts(outcome.counts),
            "jobs": [_job(job) for job in outcome.jobs],
        },
        indent=2,
    )


def _counts(counts: Mapping[JobState, int]) -> dict[str, int]:
    return {state.value: count for state, count in counts.items()}


def _job(job: Job) -> dict[str, Any]:
    return {
        "dataset": job.dataset, "state": job.state.value, "status": job.status, "cause": job.cause,
        "advice": job.advice, "attempts": job.attempts, "memory_mib": job.memory_mib,
        "seconds": round(job.seconds, 1), "peak_mib": job.peak_mib,
    }  # fmt: skip


def status_text(status: BatchStatus) -> str:
    """Write the status of a batch: counts, its driver, the longest running datasets, and failures by their cause."""
    driver = f"driven by {status.driver.owner}" if status.driver else "no driver is at work"
    lines = [
        f"batch {status.head.batch} of {status.head.created} in {status.place}",
        f"{datasets_text(len(status.jobs))}: {counts_text(status.counts)}; {driver}",
    ]
    if status.is_cancelled:
        lines.append("It is cancelled.")
    longest = sorted(status.running, key=lambda job: -(job.seconds or 0.0))[:_MOST_RUNNING]
    if longest:
        rows = [
            (job.dataset, "" if job.seconds is None else duration_text(job.seconds), f"{job.memory_mib} MiB")
            for job in longest
        ]
        lines.append(columns(rows, ("RUNNING", "FOR", "MEMORY")))
    return "\n".join(filter(None, [*lines, failures_text(status.failures)]))


def status_json(status: BatchStatus) -> str:
    """Write the status of a batch for machines."""
    return json.dumps(
        {
            "batch": status.head.batch,
            "created": status.head.created,
            "place": status.place,
            "driver": str(status.driver.owner) if status.driver else None,
            "cancelled": status.is_cancelled,
            "counts": _counts(status.counts),
            "jobs": [_job(job) for job in status.jobs],
        },
        indent=2,
    )


def heads_text(heads: Iterable[BatchHead]) -> str:
    """Write the batches of an output as a table."""
    rows = [(head.batch, head.created, str(head.total), head.common["source"]) for head in heads]
    return columns(rows, ("BATCH", "CREATED", "DATASETS", "INPUT")) if rows else "There is no batch."


def heads_json(heads: Iterable[BatchHead]) -> str:
    """Write the batches of an output for machines."""
    return json.dumps(
        [
            {"batch": head.batch, "created": head.created, "datasets": head.total, "input": head.common["source"]}
            for head in heads
        ],
        indent=2,
    )
