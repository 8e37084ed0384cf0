"""Events of a batch. The listener decides how to show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from caldp.domain.batch.job import AttemptEnd, JobState
from caldp.domain.run.events import Note


@frozen
class BatchBegun:
    """A batch has been looked through, and its datasets begin to run.

    Attributes
    ----------
    batch
        Its id.
    place
        Address of its files.
    total, done, to_run
        Numbers of all datasets, of those that are done already, and of those that are going to run.
    reasons
        Number of datasets that run, by the reason for it.
    """

    batch: str
    place: str
    total: int
    done: int
    to_run: int
    reasons: Mapping[str, int]


@frozen
class JobStarted:
    """An attempt begins.

    Attributes
    ----------
    dataset
        The dataset.
    attempt
        Number of the attempt, counted from 1.
    memory_mib
        Memory that it gets; MiB.
    """

    dataset: str
    attempt: int
    memory_mib: int


@frozen
class JobStepped:
    """A run has come to another step.

    Attributes
    ----------
    dataset
        The dataset.
    step
        Name of the step.
    """

    dataset: str
    step: str


@frozen
class JobEnded:
    """An attempt has ended.

    Attributes
    ----------
    dataset
        The dataset.
    state
        State of the dataset from now on; WAITING if there will be another attempt.
    end
        End of the attempt.
    reason
        Cause and consequence in words; empty if the dataset is done.
    """

    dataset: str
    state: JobState
    end: AttemptEnd
    reason: str = ""


BatchEvent = BatchBegun | JobStarted | JobStepped | JobEnded | Note
BatchListener = Callable[[BatchEvent], None]
"""Callback for events of a batch. Must not raise."""
