"""The decision table for failed Batch jobs, row by row."""

from typing import Any

import pytest

from caldp.calcloud import FailureDecision, JobControl, JobOutcome, MessageType, RetryLimits, decide

KILLED = "OutOfMemoryError: Container killed due to memory usage"
MEMORY = [
    JobOutcome(31),
    JobOutcome(32, status_reason="Essential container in task exited"),
    JobOutcome(33),
    JobOutcome(34),
    JobOutcome(24, KILLED, "Essential container in task exited"),
    JobOutcome(None, KILLED),
]
DOCKER = [
    JobOutcome(137, "CannotInspectContainer", "undefined"),
    JobOutcome(None, "CannotInspectContainerError: Could not transition to inspecting"),
    JobOutcome(137, "DockerTimeoutError: Docker took too long to create or start."),
]
OTHER = [
    JobOutcome(),
    JobOutcome(1, "Essential container in task exited"),
    *(JobOutcome(code) for code in (2, 21, 22, 23, 24, 25, 26, 27, 28, 40, 41, 137, 139)),
    JobOutcome(137, status_reason="Job attempt duration exceeded timeout"),
    JobOutcome(143, status_reason="Job attempt duration exceeded timeout"),
    JobOutcome(143, status_reason="terminated by jdoe: wrong context"),
    JobOutcome(130, status_reason="Essential container in task exited"),
]
PREEMPTED = [
    JobOutcome(143),
    JobOutcome(143, "Essential container in task exited", "Essential container in task exited"),
    JobOutcome(None, status_reason="Host EC2 (instance i-0123456789abcdef0) terminated."),
    JobOutcome(137, status_reason="Host EC2 (instance i-0123456789abcdef0) terminated."),
    JobOutcome(143, status_reason="Host EC2 (instance i-0123456789abcdef0) terminated."),
    JobOutcome(1, status_reason="Host EC2 (instance i-0123456789abcdef0) terminated."),
]


@pytest.mark.parametrize("outcome", MEMORY, ids=str)
class TestOutOfMemory:
    def test_is_tried_again_with_more(self, outcome: JobOutcome) -> None:
        for done in range(4):
            decision = decide(outcome, JobControl(memory_retries=done, retries=4))
            assert decision.message is MessageType.RESCUE
            assert decision.control == JobControl(memory_retries=done + 1, retries=4)

    def test_is_an_error_once_exhausted(self, outcome: JobOutcome) -> None:
        control = JobControl(memory_retries=4)
        decision = decide(outcome, control)
        assert (decision.message, decision.control) == (MessageType.ERROR, control)

    def test_is_an_error_after_termination(self, outcome: JobOutcome) -> None:
        control = JobControl(terminated=True)
        decision = decide(outcome, control)
        assert (decision.message, decision.control) == (MessageType.ERROR, control)


@pytest.mark.parametrize("outcome", DOCKER, ids=str)
class TestDockerTrouble:
    def test_is_tried_again_as_it_was(self, outcome: JobOutcome) -> None:
        for done in range(4):
            decision = decide(outcome, JobControl(memory_retries=4, retries=done))
            assert decision.message is MessageType.RESCUE
            assert decision.control == JobControl(memory_retries=4, retries=done + 1)

    def test_is_an_error_once_exhausted(self, outcome: JobOutcome) -> None:
        assert decide(outcome, JobControl(retries=4)).message is MessageType.ERROR

    def test_is_an_error_after_termination(self, outcome: JobOutcome) -> None:
        decision = decide(outcome, JobControl(terminated=True))
        assert decision.message is MessageType.ERROR
        assert decision.control.terminated


@pytest.mark.parametrize("outcome", PREEMPTED, ids=str)
class TestPreemption:
    def test_is_tried_again_as_it_was_with_a_count_of_its_own(self, outcome: JobOutcome) -> None:
        for done in range(4):
            decision = decide(outcome, JobControl(4, 4, preemptions=done))
            assert decision.message is MessageType.RESCUE
            assert decision.control == JobControl(4, 4, preemptions=done + 1)
            assert f"preemption {done + 1}: " in decision.reason

    def test_is_an_error_once_exhausted(self, outcome: JobOutcome) -> None:
        control = JobControl(preemptions=4)
        decision = decide(outcome, control)
        assert (decision.message, decision.control) == (MessageType.ERROR, control)

    def test_is_an_error_after_termination(self, outcome: JobOutcome) -> None:
        assert decide(outcome, JobControl(terminated=True)).message is MessageType.ERROR

    def test_is_an_error_where_calcloud_is_to_be_followed(self, outcome: JobOutcome) -> None:
        assert decide(outcome, JobControl(), RetryLimits(preemptions=0)).message is MessageType.ERROR


@pytest.mark.parametrize("outcome", OTHER, ids=str)
@pytest.mark.parametrize("control", [JobControl(), JobControl(retries=4), JobControl(terminated=True)], ids=str)
def test_anything_else_is_an_error(outcome: JobOutcome, control: JobControl) -> None:
    decision = decide(outcome, control)
    assert (decision.message, decision.control) == (MessageType.ERROR, control)


@pytest.mark.parametrize("status", [137, 143])
@pytest.mark.parametrize("control", [JobControl(), JobControl(terminated=True), JobControl(4, 4)], ids=str)
def test_what_an_operator_cancelled_stays_terminated(control: JobControl, status: int) -> None:
    decision = decide(JobOutcome(status, status_reason="Operator cancelled"), control)
    assert (decision.message, decision.control) == (MessageType.TERMINATED, control)


def test_memory_is_looked_at_first() -> None:
    cancelled_for_memory = JobOutcome(32, "CannotInspectContainer", "Operator cancelled")
    assert decide(cancelled_for_memory, JobControl()).control == JobControl(memory_retries=1)


def test_limits_can_be_set() -> None:
    limits = RetryLimits(memory_retries=1, retries=0)
    assert decide(JobOutcome(32), JobControl(), limits).message is MessageType.RESCUE
    assert decide(JobOutcome(32), JobControl(memory_retries=1), limits).message is MessageType.ERROR
    assert decide(DOCKER[0], JobControl(), limits).message is MessageType.ERROR


def test_the_reason_says_what_happened_and_what_follows() -> None:
    decision = decide(JobOutcome(32), JobControl())
    assert isinstance(decision, FailureDecision)
    assert decision.reason.startswith("out of memory, memory retry 1, other retry 0: EXIT - CALDP_MEMORY_ERROR[32]: ")
    assert decide(JobOutcome(), JobControl()).reason == "failed, no further try: Batch gives no reason."
    assert "SIGKILL" in decide(JobOutcome(137), JobControl()).reason


@pytest.mark.parametrize(
    ("detail", "outcome"),
    [
        ({}, JobOutcome()),
        ({"container": None, "statusReason": None}, JobOutcome()),
        ({"container": {"exitCode": None, "reason": None}}, JobOutcome()),
        ({"container": {}, "statusReason": "Operator cancelled"}, JobOutcome(None, "", "Operator cancelled")),
        (
            {"container": {"exitCode": 24, "reason": KILLED}, "statusReason": "Essential container in task exited"},
            JobOutcome(24, KILLED, "Essential container in task exited"),
        ),
    ],
)
def test_an_event_is_read(detail: dict[str, Any], outcome: JobOutcome) -> None:
    assert JobOutcome.from_detail(detail) == outcome


def test_control_data_are_read_and_written() -> None:
    stored = {"job_id": "fake", "memory_bin": None, "memory_retries": 2, "retries": 1, "terminated": True}
    control = JobControl.from_mapping(stored)
    assert control == JobControl(2, 1, terminated=True)
    assert stored | control.to_mapping() == stored
    assert JobControl.from_mapping({"job_id": "undefined"}) == JobControl()
    assert JobControl.from_mapping({"memory_retries": None, "retries": None, "terminated": None}) == JobControl()
    preempted = JobControl(1, 0, preemptions=3)
    assert JobControl.from_mapping(preempted.to_mapping()) == preempted
