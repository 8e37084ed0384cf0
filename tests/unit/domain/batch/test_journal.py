"""Journals are replayed whatever has happened to them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from caldp.domain.batch.job import AttemptEnd, EndKind, Job, JobState
from caldp.domain.batch.journal import Replay, driver_line, ended_line, found_line, started_line

TIME = "2026-11-26T00:00:00+00:00"


def lines() -> list[str]:
    """Return the lines of one dataset that ran out of memory and then succeeded."""
    job = Job("j8cb010b0", JobState.RUNNING, memory_mib=512, attempts=1)
    told = [driver_line(TIME, "begun", pid=1), started_line(TIME, job)]
    job.state, job.memory_mib, job.memory_tries, job.cause = JobState.WAITING, 1792, 1, "out of memory"
    told.append(ended_line(TIME, job, AttemptEnd(EndKind.EXITED, 31, seconds=5.0, peak_mib=600)))
    job.attempts, job.state = 2, JobState.RUNNING
    told.append(started_line(TIME, job))
    job.state, job.cause, job.digest = JobState.DONE, "", "d" * 64
    told.append(ended_line(TIME, job, AttemptEnd(status=0, seconds=7.0, peak_mib=900)))
    return told


def replayed(told: list[str]) -> tuple[Job, Replay]:
    job = Job("j8cb010b0")
    replay = Replay({"j8cb010b0": job})
    replay.take(told)
    return job, replay


def test_a_replay_restores_the_job() -> None:
    job, replay = replayed(lines())
    assert (job.state, job.attempts, job.memory_mib, job.memory_tries) == (JobState.DONE, 2, 1792, 1)
    assert (job.status, job.seconds, job.peak_mib, job.digest) == (0, 7.0, 900, "d" * 64)
    assert (replay.torn, replay.began) == (0, {})


def test_an_attempt_without_an_end_runs() -> None:
    job, replay = replayed(lines()[:-1])
    assert job.state is JobState.RUNNING
    assert replay.began == {"j8cb010b0": TIME}


@given(cut=st.integers(min_value=1, max_value=100))
def test_a_torn_last_line_costs_only_itself(cut: int) -> None:
    *whole, last = lines()
    job, replay = replayed([*whole, last[:-cut]])
    assert (job.state, replay.torn) == (JobState.RUNNING, 1)


@given(noise=st.lists(st.text(max_size=60), max_size=5))
def test_whatever_else_stands_there_is_passed_over(noise: list[str]) -> None:
    hostile = ["null", "[]", '{"time": 1}', '{"event": "ended", "time": "", "dataset": "j8cb010b0", "state": "gone"}',
               '{"event": [], "time": "", "dataset": {}}', "[" * 100_000]  # fmt: skip
    job, _ = replayed([*noise, *hostile, *lines(), *hostile])
    assert job.state is JobState.DONE


def test_datasets_of_another_batch_are_passed_over() -> None:
    job, replay = replayed([found_line(TIME, Job("ldfd01010", JobState.DONE))])
    assert (job.state, replay.torn) == (JobState.WAITING, 0)
