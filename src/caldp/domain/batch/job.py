"""Jobs of a batch: the state of each dataset, the ends of attempts, and what to do next."""

from __future__ import annotations

import signal
from enum import Enum
from typing import Final

from attrs import define, frozen

from caldp.domain.exit_codes import MEMORY_ERRORS, ExitCode, explain, lookup

KILLED: Final = (128 + int(signal.SIGKILL), -int(signal.SIGKILL))
"""Status of a program that was killed, as shells and batch systems tell it, and as Python does."""
_PASSING: Final = frozenset(
    {ExitCode.ASTROQUERY_ERROR, ExitCode.S3_UPLOAD_ERROR, ExitCode.S3_DOWNLOAD_ERROR, ExitCode.BESTREFS_ERROR}
)
"""Failures of servers, which may pass. Calibration fails again as it has failed before."""


class JobState(Enum):
    """State of a dataset in a batch."""

    WAITING = "waiting"
    SUBMITTED = "submitted"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """True if nothing more happens to the dataset in this batch."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class EndKind(Enum):
    """Way in which an attempt ended, as far as its engine tells."""

    EXITED = "exited"
    OUT_OF_MEMORY = "out of memory"
    PREEMPTED = "taken off its machine"
    LOST = "lost with its machine"
    CANCELLED = "cancelled"
    TIMED_OUT = "out of time"
    STOPPED = "stopped with the batch"
    BUSY = "being processed by another run"


_NOT_ITS_FAULT: Final = (EndKind.PREEMPTED, EndKind.LOST, EndKind.BUSY)


@frozen
class AttemptEnd:
    """End of an attempt.

    Attributes
    ----------
    kind
        Way in which it ended.
    status
        Exit status; negative for a signal; None if it is not known.
    cause, advice
        First failure of the run, and its advice; empty if the run did not say.
    seconds
        Duration.
    peak_mib
        Greatest memory of any one process; MiB, 0 if it is not known.
    """

    kind: EndKind = EndKind.EXITED
    status: int | None = None
    cause: str = ""
    advice: str = ""
    seconds: float = 0.0
    peak_mib: int = 0

    @property
    def is_memory(self) -> bool:
        """True if the attempt lacked memory."""
        if self.kind is EndKind.EXITED:
            return lookup(self.status) in MEMORY_ERRORS or self.status in KILLED
        return self.kind is EndKind.OUT_OF_MEMORY

    @property
    def words(self) -> str:
        """The cause in words."""
        if self.kind not in (EndKind.EXITED, EndKind.STOPPED) and not self.cause:
            return str(self.kind.value)
        return self.cause or ("ended without a word" if self.status is None else explain(self.status))


@frozen
class Limits:
    """Greatest numbers of further attempts, and the sizes of memory.

    Attributes
    ----------
    ladder
        Sizes of memory; MiB, ascending. The default is CALCLOUD's.
    retries
        After a failure that is neither a lack of memory nor a usage error; None for two after failures of servers and
        none after others.
    preemptions
        After a job was taken off its machine, was lost with it, or found another run at work.
    most_mib
        Greatest memory of a job; MiB, 0 for no limit.
    """

    ladder: tuple[int, ...] = (1792, 7168, 14336, 57344)
    retries: int | None = None
    preemptions: int = 10
    most_mib: int = 0

    def above(self, memory_mib: int) -> int | None:
        """Return the next size of memory; None if there is none."""
        usable = [rung for rung in self.ladder if rung > memory_mib]
        if usable and self.most_mib and usable[0] > self.most_mib > memory_mib:
            return self.most_mib
        return next((rung for rung in usable if not self.most_mib or rung <= self.most_mib), None)

    def rung(self, memory_mib: int) -> int:
        """Return the smallest size of memory that holds an amount, else the greatest."""
        fitting = [rung for rung in self.ladder if rung >= memory_mib]
        rung = fitting[0] if fitting else self.ladder[-1]
        return min(rung, self.most_mib) if self.most_mib else rung

    def retries_after(self, status: int | None) -> int:
        """Return how often a failure is tried again."""
        if status == ExitCode.CMDLINE_ERROR:
            return 0
        if self.retries is not None:
            return self.retries
        return 2 if lookup(status) in _PASSING else 0


@define
class Job:
    """One dataset of a batch. There may be a million of them.

    Attributes
    ----------
    dataset
        Its name.
    state
        Its state.
    memory_mib
        Memory that it gets, or got; MiB, 0 before its first attempt.
    attempts
        Number of attempts that have begun.
    memory_tries, retries, preemptions
        Numbers of further attempts, by the reason for them.
    status
        Exit status of the last attempt; None if there was none, or it is not known.
    cause, advice
        Cause of the last failure, and advice; of a dataset that waits, the reason why it runs again.
    seconds
        Duration of the last attempt.
    peak_mib
        Greatest memory of any one process of it; MiB.
    digest
        Digest of the request that made its products; empty if it is not known.
    """

    dataset: str
    state: JobState = JobState.WAITING
    memory_mib: int = 0
    attempts: int = 0
    memory_tries: int = 0
    retries: int = 0
    preemptions: int = 0
    status: int | None = None
    cause: str = ""
    advice: str = ""
    seconds: float = 0.0
    peak_mib: int = 0
    digest: str = ""


@frozen
class Next:
    """Decision after an attempt.

    Attributes
    ----------
    state
        State of the job from now on: WAITING for another attempt.
    memory_mib
        Memory of the next attempt; MiB.
    reason
        Cause and consequence in words.
    is_later
        True if another attempt makes sense only after a while.
    """

    state: JobState
    memory_mib: int
    reason: str
    is_later: bool = False


def decide(job: Job, end: AttemptEnd, limits: Limits) -> Next:
    """Decide what follows an attempt that did not do its job.

    A lack of memory leads to the next size of memory, and nothing else does. Jobs that were taken off their machine,
    lost with it, or found another run at work have a count of their own. A usage error is never tried again.

    Parameters
    ----------
    job
        The job, with the numbers of earlier attempts.
    end
        End of the attempt.
    limits
        Greatest numbers of attempts.
    """
    memory = job.memory_mib
    if end.kind is EndKind.CANCELLED:
        return Next(JobState.CANCELLED, memory, "cancelled")
    if end.kind is EndKind.STOPPED:
        return Next(JobState.WAITING, memory, "stopped with the batch")
    if end.is_memory:
        return _with_more(memory, limits)
    if end.kind in _NOT_ITS_FAULT:
        count, allowed, what = job.preemptions + 1, limits.preemptions, end.kind.value
    else:
        count, allowed, what = job.retries + 1, limits.retries_after(end.status), end.words
    if count > allowed or end.kind is EndKind.TIMED_OUT:
        return Next(JobState.FAILED, memory, what if count == 1 else f"{what} ({count} attempts)")
    return Next(JobState.WAITING, memory, f"{what} (retry {count} of {allowed})", is_later=end.kind is EndKind.BUSY)


def _with_more(memory_mib: int, limits: Limits) -> Next:
    lacking = f"out of memory with {memory_mib} MiB"
    more = limits.above(memory_mib)
    if more is None:
        return Next(JobState.FAILED, memory_mib, f"{lacking}, and there is no more to give")
    return Next(JobState.WAITING, more, f"{lacking}, again with {more} MiB")


def settle(job: Job, end: AttemptEnd, limits: Limits) -> Next:
    """Take note of the end of a job's attempt that did not do its job; return the decision."""
    following = decide(job, end, limits)
    again = following.state is JobState.WAITING
    if again and end.is_memory:
        job.memory_tries += 1
    elif again and end.kind in _NOT_ITS_FAULT:
        job.preemptions += 1
    elif again and end.kind is EndKind.EXITED:
        job.retries += 1
    job.state, job.memory_mib, job.status = following.state, following.memory_mib, end.status
    job.cause = following.reason if again or end.is_memory else end.words
    job.advice, job.seconds, job.peak_mib = end.advice, end.seconds, max(job.peak_mib, end.peak_mib)
    return following
