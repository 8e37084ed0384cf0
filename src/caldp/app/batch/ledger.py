"""Ledger of a batch that runs: jobs, the journal, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import define, evolve

from caldp.app.batch.clock import now_text
from caldp.app.batch.journal_writer import JournalWriter
from caldp.app.batch.judge import failure_in, is_done
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.batch.events import BatchListener, JobEnded, JobStarted, JobStepped
from caldp.domain.batch.job import AttemptEnd, EndKind, Job, JobState, Limits, Next, settle
from caldp.domain.batch.journal import ended_line, started_line
from caldp.domain.errors import PublishError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Layout
from caldp.domain.output.lease import Lease
from caldp.domain.output.messages import MessageState

_MAY_BE_DONE: Final = (EndKind.OUT_OF_MEMORY, EndKind.LOST, EndKind.PREEMPTED, EndKind.TIMED_OUT)
"""Ends that a batch system may tell of a run that has done its job just before."""
_DONE: Final = Next(JobState.DONE, 0, "")


@define
class Ledger:
    """Jobs of a batch and what becomes of them.

    Attributes
    ----------
    store, layout
        The output, whose messages and records decide.
    jobs
        The jobs, in the order of the manifest.
    wanted
        Return the digest of a job's request, given its number.
    limits
        Greatest numbers of attempts.
    journal
        Journal of this driver.
    tell
        Hears of events.
    is_redone
        True if datasets run that were done: message and record alone prove nothing then.
    """

    store: ObjectStore
    layout: Layout
    jobs: Sequence[Job]
    wanted: Callable[[int], str]
    limits: Limits
    journal: JournalWriter
    tell: BatchListener
    is_redone: bool = False

    def start(self, numbers: Sequence[int], memory_mib: int, state: JobState = JobState.RUNNING) -> None:
        """Take note of attempts that are about to begin, or to be submitted."""
        for number in numbers:
            job = self.jobs[number]
            job.state, job.memory_mib, job.attempts = state, memory_mib, job.attempts + 1
            self.journal.add(started_line(now_text(), job))

    def take_back(self, number: int) -> None:
        """Take note that an attempt did not begin after all."""
        job = self.jobs[number]
        job.state, job.attempts = JobState.WAITING, job.attempts - 1
        self.journal.add(ended_line(now_text(), job, AttemptEnd(EndKind.STOPPED)))

    def began(self, number: int, step: str = "") -> None:
        """Tell that a job runs, or has come to a step."""
        job = self.jobs[number]
        if job.state is JobState.SUBMITTED:
            job.state = JobState.RUNNING
            self.journal.add(started_line(now_text(), job))
        self.tell(JobStepped(job.dataset, step) if step else JobStarted(job.dataset, job.attempts, job.memory_mib))

    def end(self, number: int, end: AttemptEnd) -> Next:
        """Take note of the end of an attempt: messages and records decide whether it did its job.

        Returns
        -------
        Next
            Decision about the job.
        """
        job, wanted = self.jobs[number], self.wanted(number)
        following, end = self._judged(job, end, wanted)
        self.journal.add(ended_line(now_text(), job, end))
        self.tell(JobEnded(job.dataset, job.state, end, following.reason))
        return following

    def _judged(self, job: Job, end: AttemptEnd, wanted: str) -> tuple[Next, AttemptEnd]:
        is_told = end.status == 0 and end.kind is EndKind.EXITED
        if is_told or (not self.is_redone and (end.status is None or end.kind in _MAY_BE_DONE)):
            try:
                if is_done(self.store, self.layout, job.dataset, wanted):
                    job.state, job.status, job.digest = JobState.DONE, 0, wanted
                    job.cause = job.advice = ""
                    job.seconds, job.peak_mib = end.seconds, max(job.peak_mib, end.peak_mib)
                    return _DONE, evolve(end, status=0)
                end = self._not_done(end, job.dataset)
            except PublishError as error:
                end = evolve(end, status=int(error.exit_code), cause=error.message, advice=error.advice)
        elif end.kind is EndKind.EXITED and self._is_busy(job.dataset):
            end = evolve(end, kind=EndKind.BUSY)
        return settle(job, end, self.limits), end

    def _not_done(self, end: AttemptEnd, dataset: str) -> AttemptEnd:
        """Return the end of an attempt whose dataset is not done after all."""
        if end.status == 0 and end.kind is EndKind.EXITED:
            return evolve(
                end,
                status=int(ExitCode.GENERIC_ERROR),
                cause="The run ended with status 0, but the output does not say that it is processed by this request.",
                advice="Another run may have replaced it: see caldp status.",
            )
        if end.status is None and end.kind is EndKind.EXITED:
            return failure_in(self.store, self.layout, dataset, end)
        return end

    def _is_busy(self, dataset: str) -> bool:
        """Tell whether another run holds a dataset: the one that has ended has given its claim back."""
        try:
            found = self.store.read(self.layout.message_key(DatasetName.parse(dataset), MessageState.PROCESSING))
        except PublishError:
            return False
        lease = None if found is None else Lease.parse(found.data)
        return found is not None and lease is not None and found.age < lease.seconds

    def cancel(self, number: int) -> None:
        """Take note that a job that waits is not to run."""
        job = self.jobs[number]
        job.state, job.cause = JobState.CANCELLED, "cancelled"
        self.journal.add(ended_line(now_text(), job, AttemptEnd(EndKind.CANCELLED)))


def by_name(jobs: Sequence[Job]) -> Mapping[str, Job]:
    """Return jobs by the name of their dataset."""
    return {job.dataset: job for job in jobs}
