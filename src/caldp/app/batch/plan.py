"""Plan of a batch: what is done, and what is to be run for which reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import evolve, field, frozen

from caldp.app.batch.files import BatchFiles
from caldp.app.batch.judge import Judgement, Stale, judge
from caldp.app.batch.ledger import by_name
from caldp.domain.batch.done import Redo, Situation
from caldp.domain.batch.estimate import Estimate, from_peak
from caldp.domain.batch.files import BatchHead, BatchPlace
from caldp.domain.batch.job import Job, JobState, Limits
from caldp.domain.batch.journal import Replay
from caldp.domain.batch.manifest import Entry
from caldp.domain.output.layout import Layout
from caldp.domain.run.request import RunRequest

_UNUSUAL: Final = 7
"""Reasons that are told; the others are counted together."""


@frozen
class BatchOptions:
    """Wishes for one run of a batch.

    Attributes
    ----------
    redo
        Datasets that run again although they are processed.
    limits
        Greatest numbers of attempts, and sizes of memory.
    only
        Exit statuses; of the datasets that failed only those with one of them run again. None for all.
    failed_only
        True to run only datasets that failed.
    """

    redo: Redo = Redo.FAILED
    limits: Limits = Limits()
    only: frozenset[int] | None = None
    failed_only: bool = False


@frozen
class BatchPlan:
    """Plan of a batch: what is done, and what is to be run.

    Attributes
    ----------
    head
        Description of the batch.
    place
        Address of its files.
    jobs
        The jobs, in the order of the manifest, as earlier drivers left them.
    estimates
        Needs of those that are to run, by number.
    reasons
        Reason of each that is to run, by number.
    found
        Numbers of those that are done and of which no journal tells that.
    """

    head: BatchHead
    place: str
    jobs: Sequence[Job]
    estimates: Mapping[int, Estimate]
    reasons: Mapping[int, str]
    found: Sequence[int] = ()

    @property
    def counted_reasons(self) -> Mapping[str, int]:
        """Number of datasets by the reason for which they run, the most frequent first."""
        counts = Counter(self.reasons.values())
        shown = dict(counts.most_common(_UNUSUAL))
        rest = counts.total() - sum(shown.values())
        return shown | ({"other reasons": rest} if rest else {})


@frozen
class Planner:
    """Finds out what of a batch is done and what is to be run; writes nothing.

    Attributes
    ----------
    files
        Files of batches in the output.
    layout
        Arrangement of the output.
    common
        Request of any of its datasets, with the settings that all have.
    head, entries
        The batch and its datasets, by name.
    situation
        Tells what the present says about a dataset.
    estimate
        Estimates a dataset from its inputs.
    stale
        Tells why a dataset is to be calibrated again; empty if it is not stale.
    """

    files: BatchFiles
    layout: Layout
    common: RunRequest
    head: BatchHead
    entries: Sequence[Entry]
    situation: Callable[[Entry], Situation] = field(default=lambda _entry: Situation())
    estimate: Callable[[Entry], Estimate] = field(default=lambda _entry: Estimate())
    stale: Stale = field(default=lambda _entry, _body: "")

    def __call__(self, options: BatchOptions, ahead: Callable[[], None] = lambda: None) -> BatchPlan:
        """Make the plan of this moment.

        Parameters
        ----------
        options
            Wishes for the run.
        ahead
            Called when it is known that several datasets are to run, before they are estimated.

        Raises
        ------
        PublishError
            If the output cannot be read.
        """
        jobs = [Job(entry.dataset) for entry in self.entries]
        self.files.replay(self.head.batch, Replay(by_name(jobs)))
        known = {job.dataset: job.digest for job in jobs if job.digest}
        found = judge(
            self.files.store, self.layout, self.entries, self.common, options.redo, known, self.situation, self.stale
        )
        to_run: dict[int, Judgement] = {}
        fresh: list[int] = []
        for number, judgement in enumerate(found):
            job = jobs[number]
            if not judgement.reason:
                if job.state is not JobState.DONE or job.digest != judgement.digest:
                    fresh.append(number)
                job.state, job.digest, job.cause, job.advice = JobState.DONE, judgement.digest, "", ""
            elif self._is_asked_for(job, options):
                to_run[number] = judgement
            elif job.state in (JobState.DONE, JobState.RUNNING, JobState.SUBMITTED):
                job.state = JobState.WAITING
        if len(to_run) > 1:
            ahead()
        reasons = {number: _reason(jobs[number], judgement) for number, judgement in to_run.items()}
        estimates = {number: self._need(number, jobs[number], judgement) for number, judgement in to_run.items()}
        return BatchPlan(
            self.head, self.files.store.locate(BatchPlace(self.head.batch).prefix), jobs, estimates, reasons, fresh
        )

    @staticmethod
    def _is_asked_for(job: Job, options: BatchOptions) -> bool:
        if not options.failed_only:
            return True
        return job.state is JobState.FAILED and (options.only is None or job.status in options.only)

    def _need(self, number: int, job: Job, judgement: Judgement) -> Estimate:
        inputs = self.estimate(self.entries[number])
        first, past = judgement.estimate or inputs, from_peak(job.peak_mib, job.seconds)
        if job.peak_mib and job.seconds:
            # An attempt that failed early tells only that a dataset needs so much at least.
            more = evolve(first, memory_mib=max(past.memory_mib, first.memory_mib))
            first = past if job.state is JobState.DONE else more
        return evolve(first, files=inputs.files, input_bytes=inputs.input_bytes)


def _reason(job: Job, judgement: Judgement) -> str:
    """Return the reason to run a job again, with the cause that its journal knows."""
    if judgement.reason == "failed before" and job.status is not None:
        return f"failed with status {job.status}"
    return judgement.reason
