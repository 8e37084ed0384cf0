"""Journal of a run: steps with their durations, notes and failures."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from attrs import evolve, frozen

from caldp.app.ports.listener import Listener
from caldp.app.process.audience import Audience
from caldp.app.process.discretion import discreet_event, discreet_failure
from caldp.app.process.guard import failure_of_stop, owning, tell_cause
from caldp.domain.errors import CaldpError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.events import Event, Level, Note, Step, StepEnded, StepStarted
from caldp.domain.run.record import Failure, StepRecord
from caldp.domain.run.secrets import Blotter
from caldp.domain.run.usage import ResourceUsage, resident_set


class Journal:
    """History of a run: its steps, notes, engines and failures so far.

    Parameters
    ----------
    listeners
        Callbacks for all events, each until it breaks.
    inject
        Exit code whose owner is made to fail; 0 for none.
    blot
        Takes credentials and control characters out of whatever is told or kept.
    after_a_stop
        Function that returns the message for the user of a stopped run.

    Attributes
    ----------
    is_stopped
        True if the run was stopped before its last message.
    is_concluded
        True if the run has put its last message. A stop that comes later changes nothing.
    """

    def __init__(
        self,
        listeners: tuple[Listener, ...],
        inject: int = 0,
        blot: Blotter | None = None,
        after_a_stop: Callable[[], str] = str,
    ) -> None:
        self.blot = blot or Blotter()
        self._audience = Audience(listeners)
        self._inject = inject
        self._after_a_stop = after_a_stop
        self.is_stopped = False
        self.is_concluded = False
        self.started = datetime.now(UTC)
        self._clock = time.monotonic()
        self.steps: list[StepRecord] = []
        self.notes: list[str] = []
        self.failures: list[Failure] = []
        self._kept: CaldpError | None = None
        self._beside: list[ResourceUsage] = []

    @property
    def seconds(self) -> float:
        """Time since the run began; s."""
        return time.monotonic() - self._clock

    def tell(self, event: Event) -> None:
        """Pass an event on to every listener, without credentials and control characters."""
        self._audience(discreet_event(event, self.blot))

    def note(self, text: str) -> None:
        """Keep a sentence that belongs in the record, and tell it."""
        self.notes.append(self.blot(text))
        self.tell(Note(text))

    def count(self, usages: Iterable[ResourceUsage]) -> None:
        """Add the use of programs that are no children of this process to that of the present step."""
        self._beside += usages

    def take(self, notes: Iterable[str], failure: Failure | None) -> None:
        """Keep the result of a step that reports a failure instead of raising it."""
        for text in notes:
            self.note(text)
        if failure is not None:
            self.fail(failure)

    def fail(self, failure: Failure) -> None:
        """Keep a failure, and tell it."""
        failure = discreet_failure(failure, self.blot)
        self.failures.append(failure)
        self.tell(Note(failure.message, Level.ERROR))
        if failure.advice:
            self.tell(Note(failure.advice, Level.ERROR))

    def stop(self, stop: BaseException, step: Step | None = None) -> None:
        """Keep the first stop of a run as a failure; it may come between steps."""
        if not (self.is_stopped or self.is_concluded):
            self.is_stopped = True
            self.fail(failure_of_stop(stop, self._after_a_stop(), step))

    def keep(self, error: CaldpError) -> None:
        """Keep an error as a failure, unless its step has done so."""
        if error is not self._kept:
            self.fail(Failure(error.exit_code, error.message, error.advice))
            tell_cause(error, self.tell)

    @contextmanager
    def step(self, step: Step, owner: ExitCode, *, injectable: bool = True) -> Iterator[None]:
        """Time a step. An error inside becomes a failure of that step and passes on, as a `CaldpError` or as a stop.

        Parameters
        ----------
        step
            Step to note.
        owner
            The exit code of what goes wrong in it and has no code of its own.
        injectable
            True if the step fails when its code is to be injected.
        """
        self.tell(StepStarted(step))
        started, clock, before = datetime.now(UTC), time.monotonic(), _Used.now()
        failures = len(self.failures)
        try:
            with owning(owner, self._inject if injectable else 0):
                yield
        except CaldpError as error:
            self._kept = error
            self.fail(Failure(error.exit_code, error.message, error.advice, step))
            tell_cause(error, self.tell)
            raise
        except BaseException as stop:
            self.stop(stop, step)
            raise
        finally:
            seconds = time.monotonic() - clock
            failed = self.failures[failures:]
            status = failed[0].status if failed else ExitCode.SUCCESS
            used, self._beside = _with(_used_since(before, seconds), self._beside), []
            self.steps.append(StepRecord(step, started, used, status))
            self.tell(StepEnded(step, seconds, ok=not failed))


@frozen
class _Used:
    """CPU seconds, and peaks of memory in bytes, of this process and of its children that have ended."""

    user: float
    system: float
    own_peak: int
    children_peak: int

    @staticmethod
    def now() -> _Used:
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return _Used(
            own.ru_utime + children.ru_utime,
            own.ru_stime + children.ru_stime,
            resident_set(own.ru_maxrss, sys.platform),
            resident_set(children.ru_maxrss, sys.platform),
        )


def _used_since(before: _Used, seconds: float) -> ResourceUsage:
    """Say what was used since an earlier look; children count for the peak only if they raised theirs since."""
    now = _Used.now()
    children = now.children_peak if now.children_peak > before.children_peak else 0
    return ResourceUsage(seconds, now.user - before.user, now.system - before.system, max(now.own_peak, children))


def _with(used: ResourceUsage, beside: Iterable[ResourceUsage]) -> ResourceUsage:
    """Add processor time of other programs, and take the greatest peak; their wall time is part of the step's."""
    total = ResourceUsage.total([used, *beside])
    return evolve(total, wall_seconds=used.wall_seconds)
