"""Status of a batch, as its files tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from caldp.domain.batch.files import BatchHead
from caldp.domain.batch.job import Job, JobState
from caldp.domain.batch.outcome import FailureGroup, count_jobs, group_failures
from caldp.domain.output.lease import Lease


@frozen
class RunningJob:
    """A dataset that is at work.

    Attributes
    ----------
    dataset
        Its name.
    seconds
        Time since its attempt began, s; None if no driver has seen that.
    memory_mib
        Memory that it gets; MiB.
    """

    dataset: str
    seconds: float | None
    memory_mib: int


@frozen
class BatchStatus:
    """Status of a batch.

    Attributes
    ----------
    head
        Its description.
    place
        Address of its files.
    jobs
        One for each dataset, by name.
    running
        Datasets that are at work.
    driver
        Claim of the driver that is at work; None if there is none.
    is_cancelled
        True if somebody asked to give it up.
    """

    head: BatchHead
    place: str
    jobs: Sequence[Job] = field(repr=False)
    running: tuple[RunningJob, ...] = ()
    driver: Lease | None = None
    is_cancelled: bool = False

    @property
    def counts(self) -> Mapping[JobState, int]:
        """Number of datasets by state."""
        return count_jobs(self.jobs)

    @property
    def failures(self) -> tuple[FailureGroup, ...]:
        """The failures by their cause, the most frequent first."""
        return group_failures(self.jobs)

    @property
    def is_done(self) -> bool:
        """True if every dataset is done."""
        return all(job.state is JobState.DONE for job in self.jobs)
