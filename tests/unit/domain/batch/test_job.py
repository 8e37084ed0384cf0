"""Decisions after attempts, as a table."""

from __future__ import annotations

import pytest

from caldp.domain.batch.job import AttemptEnd, EndKind, Job, JobState, Limits, decide, settle

MEMORY = [
    AttemptEnd(status=31), AttemptEnd(status=32), AttemptEnd(status=33), AttemptEnd(status=34), AttemptEnd(status=137),
    AttemptEnd(status=-9), AttemptEnd(EndKind.OUT_OF_MEMORY, 125),
]  # fmt: skip
OTHERS = [
    AttemptEnd(status=1), AttemptEnd(status=2), AttemptEnd(status=21), AttemptEnd(status=22), AttemptEnd(status=23),
    AttemptEnd(status=143), AttemptEnd(status=-11), AttemptEnd(EndKind.PREEMPTED, 137), AttemptEnd(EndKind.LOST),
    AttemptEnd(EndKind.TIMED_OUT), AttemptEnd(EndKind.STOPPED, -9), AttemptEnd(EndKind.BUSY, 1),
]  # fmt: skip


@pytest.mark.parametrize("end", MEMORY, ids=lambda end: f"{end.kind.name}-{end.status}")
@pytest.mark.parametrize(("memory", "more"), [(512, 1792), (1792, 7168), (7168, 14336), (14336, 57344)])
def test_a_lack_of_memory_leads_to_the_next_rung(end: AttemptEnd, memory: int, more: int) -> None:
    following = decide(Job("x", memory_mib=memory), end, Limits())
    assert (following.state, following.memory_mib) == (JobState.WAITING, more)


@pytest.mark.parametrize("end", OTHERS, ids=lambda end: f"{end.kind.name}-{end.status}")
def test_nothing_else_does(end: AttemptEnd) -> None:
    assert decide(Job("x", memory_mib=1792), end, Limits(retries=3)).memory_mib == 1792


def test_above_the_last_rung_there_is_no_more() -> None:
    following = decide(Job("x", memory_mib=57344), AttemptEnd(status=31), Limits())
    assert (following.state, following.reason) == (
        JobState.FAILED, "out of memory with 57344 MiB, and there is no more to give",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("memory", "most", "more"),
    [(1792, 4096, 4096), (4096, 4096, None), (512, 1000, 1000), (1792, 7168, 7168), (9000, 4096, None)],
)
def test_a_machine_gives_no_more_than_it_has(memory: int, most: int, more: int | None) -> None:
    assert Limits(most_mib=most).above(memory) == more


@pytest.mark.parametrize(("need", "rung"), [(1, 1792), (1792, 1792), (1793, 7168), (60_000, 57344)])
def test_a_need_is_rounded_up_to_a_rung(need: int, rung: int) -> None:
    assert Limits().rung(need) == rung


@pytest.mark.parametrize(
    ("status", "retries", "allowed"),
    [(2, None, 0), (2, 9, 0), (22, None, 2), (25, None, 2), (26, None, 2), (27, None, 2), (23, None, 0), (23, 4, 4),
     (22, 0, 0), (None, None, 0), (None, 1, 1)],
)  # fmt: skip
def test_servers_recover_and_calibration_fails_again(status: int | None, retries: int | None, allowed: int) -> None:
    assert Limits(retries=retries).retries_after(status) == allowed


def test_counts_are_kept_apart() -> None:
    job, limits = Job("x", memory_mib=1792), Limits(retries=1, preemptions=2)
    for end in (
        AttemptEnd(EndKind.PREEMPTED), AttemptEnd(status=22), AttemptEnd(status=31), AttemptEnd(EndKind.LOST)
    ):  # fmt: skip
        assert settle(job, end, limits).state is JobState.WAITING
    assert (job.preemptions, job.retries, job.memory_tries, job.memory_mib) == (2, 1, 1, 7168)
    assert settle(job, AttemptEnd(EndKind.PREEMPTED), limits).state is JobState.FAILED


def test_a_failure_keeps_cause_and_advice() -> None:
    job = Job("x", memory_mib=1792)
    settle(job, AttemptEnd(status=23, cause="calacs.e failed.", advice="Look.", seconds=3.0, peak_mib=9), Limits())
    assert (job.state, job.status, job.cause, job.advice) == (JobState.FAILED, 23, "calacs.e failed.", "Look.")
    assert (job.seconds, job.peak_mib) == (3.0, 9)


def test_an_end_without_words_is_explained() -> None:
    assert "SIGSEGV" in AttemptEnd(status=-11).words
    assert AttemptEnd(status=None).words == "ended without a word"
    assert AttemptEnd(EndKind.TIMED_OUT).words == "out of time"
