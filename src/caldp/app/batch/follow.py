"""Use cases that follow a batch from outside: its status, and the request to give it up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import frozen

from caldp.app.batch.clock import now_text
from caldp.app.batch.files import BatchFiles
from caldp.app.batch.judge import failure_in, message_states
from caldp.app.batch.ledger import by_name
from caldp.app.pool import working
from caldp.app.ports.launcher import Launcher
from caldp.app.process.identity import is_alive
from caldp.domain.batch.done import GOOD
from caldp.domain.batch.files import BatchHead, BatchPlace
from caldp.domain.batch.job import AttemptEnd, Job, JobState
from caldp.domain.batch.journal import Replay, driver_line
from caldp.domain.batch.status import BatchStatus, RunningJob
from caldp.domain.errors import ConditionsUnknown, KeyTaken
from caldp.domain.output.layout import Layout
from caldp.domain.output.lease import Lease
from caldp.domain.output.messages import MessageState

_AT_ONCE: Final = 16
_MOST_ASKED: Final = 1000
"""Failed datasets whose records are read for the cause."""


@frozen
class FollowBatch:
    """Follows a batch by its files in the output.

    Attributes
    ----------
    files
        Files of batches.
    layout
        Arrangement of the output.
    head
        The batch.
    """

    files: BatchFiles
    layout: Layout
    head: BatchHead

    @property
    def place(self) -> BatchPlace:
        """Keys of the batch's files."""
        return BatchPlace(self.head.batch)

    def status(self) -> BatchStatus:
        """Tell the state of a batch.

        Journals tell of what drivers have seen done. Only while others are open are messages asked for.

        Raises
        ------
        PublishError
            If the output cannot be read.
        """
        jobs = [Job(entry.dataset) for entry in self.files.entries(self.head)]
        replay = Replay(by_name(jobs))
        self.files.replay(self.head.batch, replay)
        driver = self._driver()
        self._ask(jobs, is_driven=driver is not None)
        now = datetime.now(UTC)
        running = tuple(
            RunningJob(job.dataset, _seconds_since(replay.began.get(job.dataset, ""), now), job.memory_mib)
            for job in jobs
            if job.state is JobState.RUNNING
        )
        is_cancelled = self.files.store.get_bytes(self.place.cancelled) is not None
        return BatchStatus(self.head, self.files.store.locate(self.place.prefix), jobs, running, driver, is_cancelled)

    def _driver(self) -> Lease | None:
        found = self.files.store.read(self.place.driver)
        lease = None if found is None else Lease.parse(found.data)
        if found is None or lease is None or found.age >= lease.seconds or is_alive(lease.owner) is False:
            return None
        return lease

    def _ask(self, jobs: Sequence[Job], *, is_driven: bool) -> None:
        """Ask the messages about datasets of which no journal tells the end."""
        open_ = [job for job in jobs if not job.state.is_final]
        if not open_:
            return
        states = message_states(self.files.store, self.layout, [job.dataset for job in open_])
        failed: list[Job] = []
        for job in open_:
            state = states.get(job.dataset)
            if state in GOOD:
                job.state = JobState.DONE
            elif state is MessageState.PROCESSING and job.state is JobState.SUBMITTED:
                job.state = JobState.RUNNING
            elif state is MessageState.ERROR and not (is_driven and job.state is not JobState.WAITING):
                job.state = JobState.FAILED if job.attempts else JobState.WAITING
                failed += [job] if job.attempts else []
            elif job.state is JobState.RUNNING and not is_driven:
                job.state = self._without_driver(state)

        self._ask_why(failed[:_MOST_ASKED])

    def _without_driver(self, message: MessageState | None) -> JobState:
        """Return the state of a job that ran when its driver went: a cluster's goes on, and may not have spoken yet."""
        if self.head.needs_driver:
            return JobState.WAITING
        return JobState.RUNNING if message is MessageState.PROCESSING else JobState.SUBMITTED

    def _ask_why(self, failed: Sequence[Job]) -> None:
        """Ask the records of failed runs for their cause."""

        def end(job: Job) -> AttemptEnd:
            return failure_in(self.files.store, self.layout, job.dataset, AttemptEnd())

        with working(_AT_ONCE, "caldp-records") as pool:
            for job, told in zip(failed, pool.map(end, failed), strict=True):
                job.status, job.cause, job.advice = told.status, told.words, told.advice

    def cancel(self) -> bool:
        """Ask the driver of the batch to begin no more, and to end what runs.

        Returns
        -------
        bool
            True if a driver is at work, which will heed it.

        Raises
        ------
        PublishError
            If the output cannot be written.
        """
        body = (driver_line(now_text(), "cancelled") + "\n").encode()
        try:
            self.files.store.put_if(self.place.cancelled, body, None)
        except KeyTaken:
            pass  # somebody has asked for it already
        except ConditionsUnknown:
            self.files.store.put_bytes(self.place.cancelled, body)
        return self._driver() is not None

    def cancel_jobs(self, launcher: Launcher) -> int:
        """End the jobs of a cluster that go on without a driver; return their number.

        Parameters
        ----------
        launcher
            The cluster; it is closed.

        Raises
        ------
        LaunchError
            If the cluster does not answer.
        PublishError
            If the output cannot be read.
        """
        try:
            adopted = launcher.adopt([one for one in self.files.launches(self.head.batch) if one is not None])
            launcher.stop(running=True)
        finally:
            launcher.close()
        return sum(len(launch.numbers) for launch in adopted)


def _seconds_since(time: str, now: datetime) -> float | None:
    try:
        return max(0.0, (now - datetime.fromisoformat(time)).total_seconds())
    except (ValueError, TypeError):
        return None
