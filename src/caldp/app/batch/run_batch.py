"""Use case: run the datasets of a batch that are not done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from attrs import field, frozen

from caldp.app.batch.clock import now_text
from caldp.app.batch.driver_claim import claimed
from caldp.app.batch.files import BatchFiles
from caldp.app.batch.journal_writer import JournalWriter
from caldp.app.batch.judge import Stale
from caldp.app.batch.ledger import Ledger
from caldp.app.batch.plan import BatchOptions, BatchPlan, Planner
from caldp.app.batch.run_away import AwayDriver
from caldp.app.batch.run_here import Control, HereDriver
from caldp.app.ports.launcher import Launcher
from caldp.domain.batch.done import Redo, Situation
from caldp.domain.batch.estimate import Estimate
from caldp.domain.batch.events import BatchBegun, BatchListener
from caldp.domain.batch.files import BatchHead, BatchPlace, request_of
from caldp.domain.batch.job import JobState, Limits
from caldp.domain.batch.journal import driver_line, found_line
from caldp.domain.batch.manifest import Entry
from caldp.domain.batch.outcome import BatchOutcome
from caldp.domain.batch.queue import Machine, rounded
from caldp.domain.errors import PublishError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.layout import Layout
from caldp.domain.output.lease import RunIdentity
from caldp.domain.run.events import Note
from caldp.domain.run.request import RunRequest

_LOOKS: Final = 2.0  # seconds between looks at whether the batch is cancelled


@frozen
class RunBatch:
    """Runs a batch.

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
    owner
        Identity of this driver.
    root
        Address of the output, at which jobs find the batch.
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
    owner: RunIdentity
    root: str
    situation: Callable[[Entry], Situation] = field(default=lambda _entry: Situation())
    estimate: Callable[[Entry], Estimate] = field(default=lambda _entry: Estimate())
    stale: Stale = field(default=lambda _entry, _body: "")

    @property
    def place(self) -> BatchPlace:
        """Keys of the batch's files."""
        return BatchPlace(self.head.batch)

    def plan(self, options: BatchOptions, ahead: Callable[[], None] = lambda: None) -> BatchPlan:
        """Find out what is done and what is to be run; nothing is written.

        Parameters
        ----------
        options
            Wishes for the run.
        ahead
            As for `Planner`.

        Raises
        ------
        PublishError
            If the output cannot be read.
        """
        planner = Planner(
            self.files, self.layout, self.common, self.head, self.entries, self.situation, self.estimate, self.stale
        )
        return planner(options, ahead)

    def run(
        self,
        plan: BatchPlan,
        options: BatchOptions,
        launcher: Launcher,
        machine: Machine | None,
        stops: Callable[[], int],
        tell: BatchListener,
        *,
        stopped: Callable[[], ExitCode],
        only_submit: bool = False,
    ) -> BatchOutcome:
        """Run what a plan says.

        Parameters
        ----------
        plan
            The plan, of this moment.
        options
            As for the plan.
        launcher, machine
            Engine; memory and places of the machine, None for a cluster.
        stops
            Return how often the driver was asked to stop.
        tell
            Hears of events.
        stopped
            Return the status that says which signal stopped the driver.
        only_submit
            True to return as soon as a cluster has the jobs.

        Raises
        ------
        BatchTaken
            If another driver is at work on the batch.
        LaunchError
            If a cluster takes no jobs, or does not answer.
        PublishError
            If the output cannot be written.
        """
        began, store = time.monotonic(), self.files.store
        with claimed(store, self.place, self.owner, tell) as claim:
            store.delete(self.place.cancelled)
            journal = JournalWriter(store, self.place, self.owner.run)
            journal.add(driver_line(now_text(), "begun", host=self.owner.host, pid=self.owner.pid))
            is_redone = options.redo in (Redo.ALL, Redo.STALE)
            ledger = Ledger(store, self.layout, plan.jobs, self._wanted, options.limits, journal, tell, is_redone)
            self._begin(plan, options.limits, journal)
            journal.flush()
            done = sum(job.state is JobState.DONE for job in plan.jobs)
            tell(BatchBegun(self.head.batch, plan.place, len(plan.jobs), done, len(plan.reasons), plan.counted_reasons))

            def tick() -> None:
                journal.tick()
                claim.check()

            control = Control(stops, _now_and_then(lambda: store.get_bytes(self.place.cancelled) is not None), tick)
            try:
                if machine is not None:
                    HereDriver(ledger, launcher, machine, plan.estimates, control).run()
                else:
                    self._drive_away(ledger, launcher, plan, control, only_submit=only_submit)
            finally:
                launcher.close()
                journal.add(driver_line(now_text(), "stopped" if stops() else "finished"))
                with suppress(PublishError):
                    journal.flush()
        seconds = time.monotonic() - began
        return BatchOutcome(self.head.batch, plan.place, plan.jobs, stopped() if stops() else None, seconds)

    def _wanted(self, number: int) -> str:
        return request_of(self.common, self.entries[number]).digest

    def _drive_away(
        self, ledger: Ledger, launcher: Launcher, plan: BatchPlan, control: Control, *, only_submit: bool
    ) -> None:
        waiting = {number: ledger.limits.rung(plan.jobs[number].memory_mib) for number in plan.reasons}
        pause = max(0.1, self.common.settings.batch_poll)
        driver = AwayDriver(ledger, launcher, self.files.store, self.place, waiting, control, pause=pause)
        adopted = len(driver.adopt())
        if adopted:
            ledger.tell(Note(f"{adopted} jobs of an earlier driver go on."))
        driver.submit() if only_submit else driver.run()

    @staticmethod
    def _begin(plan: BatchPlan, limits: Limits, journal: JournalWriter) -> None:
        """Let what is to run wait, and take note of what was found done."""
        time_ = now_text()
        for number in plan.found:
            journal.add(found_line(time_, plan.jobs[number]))
        for number, need in plan.estimates.items():
            job = plan.jobs[number]
            job.state, job.cause, job.advice = JobState.WAITING, plan.reasons[number], ""
            job.memory_tries = job.retries = job.preemptions = 0
            job.memory_mib, job.seconds = rounded(need.memory_mib), need.seconds
            if limits.most_mib:
                job.memory_mib = min(job.memory_mib, limits.most_mib)


def _now_and_then(look: Callable[[], bool]) -> Callable[[], bool]:
    """Return a function that looks once in a while, and says what it saw last."""
    last, seen = time.monotonic(), False

    def looked() -> bool:
        nonlocal last, seen
        if time.monotonic() - last >= _LOOKS:
            last = time.monotonic()
            with suppress(PublishError):
                seen = look()
        return seen

    return looked
