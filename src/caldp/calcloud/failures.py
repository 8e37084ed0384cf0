"""Decisions after failed Batch jobs: run again with more memory, run again as before, or give up.

The table is CALCLOUD's, with one row more: a job that was taken off its machine (preempted) is run again as it was,
with a count of its own, where CALCLOUD calls it an error. ``RetryLimits(preemptions=0)`` gives CALCLOUD's decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from attrs import evolve, frozen

from caldp.calcloud.message_names import MessageType
from caldp.domain.exit_codes import ExitCode, explain, is_memory_error

_OUT_OF_MEMORY: Final = "OutOfMemoryError: Container killed"
_DOCKER_TROUBLE: Final = ("CannotInspectContainer", "DockerTimeoutError")
_CANCELLED: Final = "Operator cancelled"
_HOST_LOST: Final = "Host EC2"
"""As in ``Host EC2 (instance i-0123456789abcdef0) terminated.``, which Batch says of a spot instance taken back."""
_OF_ITSELF: Final = ("", "Essential container in task exited")
"""Status reason of a job that nobody terminated and that did not take too long."""


@frozen
class JobOutcome:
    """End of a job, as AWS Batch tells it.

    Attributes
    ----------
    exit_code
        The container's exit code; None if it never ran to its end.
    container_reason, status_reason
        Reasons that the container's runtime and Batch give; empty where they give none.
    """

    exit_code: int | None = None
    container_reason: str = ""
    status_reason: str = ""

    @classmethod
    def from_detail(cls, detail: Mapping[str, Any]) -> JobOutcome:
        """Read the ``detail`` of a Batch event, or a job description of ``describe_jobs``; null means nothing is said.

        Stands in for the look-ups in CALCLOUD's ``batch_event_handler.lambda_handler``.
        """
        container = detail.get("container") or {}
        return cls(
            exit_code=container.get("exitCode"),
            container_reason=container.get("reason") or "",
            status_reason=detail.get("statusReason") or "",
        )

    @property
    def reason(self) -> str:
        """The most telling sentence about the failure."""
        if self.exit_code is not None:
            return explain(self.exit_code)
        return self.container_reason or self.status_reason or "Batch gives no reason."


@frozen
class JobControl:
    """Counts that CALCLOUD keeps about a job in ``control/<dataset>/job.json``, as far as failures go.

    Attributes
    ----------
    memory_retries, retries
        Numbers of reruns with more memory, and with the same.
    terminated
        True if an operator has ended it.
    preemptions
        Number of reruns after the job was taken off its machine.
    """

    memory_retries: int = 0
    retries: int = 0
    terminated: bool = False
    preemptions: int = 0

    @classmethod
    def from_mapping(cls, metadata: Mapping[str, Any]) -> JobControl:
        """Read the control data; what is missing or null has the default of CALCLOUD's ``io.get_default_metadata``."""
        return cls(
            memory_retries=int(metadata.get("memory_retries") or 0),
            retries=int(metadata.get("retries") or 0),
            terminated=bool(metadata.get("terminated")),
            preemptions=int(metadata.get("preemptions") or 0),
        )

    def to_mapping(self) -> dict[str, Any]:
        """Return the control data as they are stored; update the stored ones with them.

        CALCLOUD's own data do not have ``preemptions``: it is there once there was one.
        """
        own = {"memory_retries": self.memory_retries, "retries": self.retries, "terminated": self.terminated}
        return own | ({"preemptions": self.preemptions} if self.preemptions else {})


@frozen
class RetryLimits:
    """Greatest numbers of reruns of a job.

    Attributes
    ----------
    memory_retries, retries
        CALCLOUD's ``MAX_MEMORY_RETRIES`` and ``MAX_DOCKER_RETRIES``.
    preemptions
        After it was taken off its machine, which CALCLOUD does not tell from other failures.
    """

    memory_retries: int = 4
    retries: int = 4
    preemptions: int = 4


@frozen
class FailureDecision:
    """Decision after a failed job.

    Attributes
    ----------
    message
        The message to be sent: RESCUE, ERROR or TERMINATED.
    control
        The control data to be stored before it is sent: planning reads them.
    reason
        Cause and consequence, in one line for the log.
    """

    message: MessageType
    control: JobControl
    reason: str


class FailureCause(Enum):
    """Cause of a job's failure."""

    MEMORY = "out of memory"
    DOCKER = "Docker trouble"
    CANCELLED = "cancelled by an operator"
    PREEMPTED = "taken off its machine"
    OTHER = "failed"


_USUAL_LIMITS: Final = RetryLimits()


def decide(outcome: JobOutcome, control: JobControl, limits: RetryLimits = _USUAL_LIMITS) -> FailureDecision:
    """Decide what to do after a failed job.

    Stands in for the decisions of CALCLOUD's ``batch_event_handler.lambda_handler``, and adds preemption.

    Parameters
    ----------
    outcome
        End of the job.
    control
        Numbers of earlier reruns.
    limits
        Greatest numbers of reruns.
    """
    cause = cause_of(outcome)
    if cause is FailureCause.CANCELLED:
        return FailureDecision(MessageType.TERMINATED, control, f"{cause.value}: {outcome.reason}")
    next_try = _next_try(cause, control, limits)
    if next_try is None:
        return FailureDecision(MessageType.ERROR, control, f"{cause.value}, no further try: {outcome.reason}")
    count = f"memory retry {next_try.memory_retries}, other retry {next_try.retries}"
    if next_try.preemptions:
        count += f", preemption {next_try.preemptions}"
    return FailureDecision(MessageType.RESCUE, next_try, f"{cause.value}, {count}: {outcome.reason}")


def cause_of(outcome: JobOutcome) -> FailureCause:
    """Tell the cause of a job's failure."""
    if is_memory_error(outcome.exit_code) or outcome.container_reason.startswith(_OUT_OF_MEMORY):
        return FailureCause.MEMORY
    if outcome.container_reason.startswith(_DOCKER_TROUBLE):
        return FailureCause.DOCKER
    if outcome.status_reason.startswith(_CANCELLED):
        return FailureCause.CANCELLED
    if outcome.status_reason.startswith(_HOST_LOST) or _was_asked_to_end(outcome):
        return FailureCause.PREEMPTED
    return FailureCause.OTHER


def _was_asked_to_end(outcome: JobOutcome) -> bool:
    """Tell whether the machine asked the job to end: so it asks one that somebody terminates, or whose time is up."""
    return outcome.exit_code == ExitCode.TERMINATED and outcome.status_reason in _OF_ITSELF


def _next_try(cause: FailureCause, control: JobControl, limits: RetryLimits) -> JobControl | None:
    """Return the control data of another try; None if there is to be none."""
    if control.terminated:
        return None
    if cause is FailureCause.MEMORY and control.memory_retries < limits.memory_retries:
        return evolve(control, memory_retries=control.memory_retries + 1)
    if cause is FailureCause.DOCKER and control.retries < limits.retries:
        return evolve(control, retries=control.retries + 1)
    if cause is FailureCause.PREEMPTED and control.preemptions < limits.preemptions:
        return evolve(control, preemptions=control.preemptions + 1)
    return None
