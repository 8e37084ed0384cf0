"""Outcome of a batch, and its failures by their cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import field, frozen

from caldp.domain.batch.job import Job, JobState
from caldp.domain.exit_codes import ExitCode

_OWN_NAME: Final = re.compile(r"(?<![a-z0-9])(?:[ijlo][a-z0-9]{8}|(?:acs|wfc3)_[a-z0-9]{3}_[a-z0-9]{2})(?![a-z0-9])")
_NUMBER: Final = re.compile(r"\d{2,}(?:\.\d+)?")


@frozen
class FailureGroup:
    """Datasets that failed for the same cause.

    Attributes
    ----------
    status
        Their exit status; None if it is not known.
    cause, advice
        Cause of the first of them, and the user's next step.
    datasets
        Their names.
    """

    status: int | None
    cause: str
    advice: str
    datasets: tuple[str, ...]


@frozen(repr=False)
class BatchOutcome:
    """Result of a batch; true if every dataset is done.

    Attributes
    ----------
    batch
        Id of the batch.
    place
        Address of its files.
    jobs
        One for each dataset, by name.
    stopped
        Status that says which signal stopped it; None if it came to its end.
    seconds
        Time that it took; s.
    """

    batch: str
    place: str
    jobs: Sequence[Job] = field(repr=False)
    stopped: ExitCode | None = None
    seconds: float = 0.0

    @property
    def status(self) -> ExitCode:
        """The exit status of the command: 0 only if every dataset is done."""
        if self.stopped is not None:
            return self.stopped
        return ExitCode.SUCCESS if self.ok else ExitCode.GENERIC_ERROR

    @property
    def ok(self) -> bool:
        """True if every dataset is done."""
        return all(job.state is JobState.DONE for job in self.jobs)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {state.value}" for state, count in self.counts.items())
        return f"<BatchOutcome {self.batch}: {self.status.name} ({int(self.status)}), {counts}>"

    @property
    def counts(self) -> Mapping[JobState, int]:
        """Number of datasets by state."""
        return count_jobs(self.jobs)

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the datasets that failed."""
        return tuple(job.dataset for job in self.jobs if job.state is JobState.FAILED)

    @property
    def failures(self) -> tuple[FailureGroup, ...]:
        """The failures by their cause, the most frequent first."""
        return group_failures(self.jobs)


def count_jobs(jobs: Iterable[Job]) -> Mapping[JobState, int]:
    """Count jobs by state, in the order of states; states without a job are left out."""
    counts = dict.fromkeys(JobState, 0)
    for job in jobs:
        counts[job.state] += 1
    return {state: count for state, count in counts.items() if count}


def group_failures(jobs: Iterable[Job]) -> tuple[FailureGroup, ...]:
    """Group failed jobs by status and cause; names of datasets and numbers in a cause do not count."""
    groups: dict[tuple[int | None, str], list[Job]] = {}
    for job in jobs:
        if job.state is JobState.FAILED:
            alike = _NUMBER.sub("#", _OWN_NAME.sub("...", job.cause.lower()))
            groups.setdefault((job.status, alike), []).append(job)
    found = (
        FailureGroup(same[0].status, same[0].cause, same[0].advice, tuple(job.dataset for job in same))
        for same in groups.values()
    )
    return tuple(sorted(found, key=lambda group: (-len(group.datasets), group.datasets[0])))
