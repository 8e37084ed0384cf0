"""Jobs of a cluster: submitted in arrays, written down before, found again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from attrs import evolve

from caldp.app.batch.follow import FollowBatch
from caldp.app.batch.plan import BatchOptions
from caldp.app.batch.run_batch import RunBatch
from caldp.domain.batch.done import Redo
from caldp.domain.batch.files import request_of
from caldp.domain.batch.job import AttemptEnd, EndKind, Job, JobState, Limits
from caldp.domain.batch.launches import Launch, grouped
from caldp.domain.batch.outcome import BatchOutcome
from caldp.domain.errors import InvalidRecord, LaunchError
from caldp.domain.exit_codes import ExitCode
from tests.fakes.launcher import HANGS, FakeLauncher
from tests.fakes.object_store import MemoryStore
from tests.support.batches import LAYOUT, NAMES, batch_in, publish
from tests.unit.app.batch.test_run_batch import Work, good

UNKNOWN = AttemptEnd()
"""End of a job of which the cluster has forgotten how it ended."""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caldp.app.batch.run_away._GATHER", 0.0)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def use_case(store: MemoryStore) -> RunBatch:
    return batch_in(store)


def drive(
    use_case: RunBatch,
    launcher: FakeLauncher,
    options: BatchOptions | None = None,
    *,
    only_submit: bool = False,
    stops: int = 0,
) -> BatchOutcome:
    options = options or BatchOptions()
    return use_case.run(
        use_case.plan(options), options, launcher, None, lambda: stops, lambda _event: None,
        stopped=lambda: ExitCode.INTERRUPTED, only_submit=only_submit,
    )  # fmt: skip


def cluster(work: Work, most_together: int = 3) -> FakeLauncher:
    return FakeLauncher(work, most_together)


def states(use_case: RunBatch) -> dict[str, JobState]:
    return {job.dataset: job.state for job in FollowBatch(use_case.files, LAYOUT, use_case.head).status().jobs}


def test_arrays_are_split_and_named(store: MemoryStore, use_case: RunBatch) -> None:
    launcher = cluster(good(store, use_case))
    assert drive(use_case, launcher).ok
    batch = use_case.head.batch
    assert launcher.started == [
        Launch(f"caldp-{batch}-00000", (0, 1, 2), 1792), Launch(f"caldp-{batch}-00001", (3,), 1792),
    ]  # fmt: skip


def test_a_launch_is_written_down_before_it_is_submitted(store: MemoryStore, use_case: RunBatch) -> None:
    launcher = cluster(good(store, use_case), 10)
    begun = launcher.start

    def start(launch: Launch) -> None:
        assert use_case.files.launch(use_case.head.batch, launch.name) == launch
        begun(launch)

    launcher.start = start  # type: ignore[method-assign]
    assert drive(use_case, launcher).ok


def test_jobs_that_lacked_memory_go_into_an_array_of_the_next_rung(store: MemoryStore, use_case: RunBatch) -> None:
    done = good(store, use_case)

    def work(number: int, memory_mib: int) -> AttemptEnd:
        lacks = number < 2 and memory_mib < 7168
        return AttemptEnd(EndKind.OUT_OF_MEMORY) if lacks else done(number, memory_mib)

    launcher = cluster(work, 10)
    assert drive(use_case, launcher).ok
    launched = [(launch.numbers, launch.memory_mib) for launch in launcher.started]
    assert launched == [((0, 1, 2, 3), 1792), ((0, 1), 7168)]


def test_without_accounting_messages_and_records_tell(store: MemoryStore, use_case: RunBatch) -> None:
    def work(number: int, _memory: int) -> AttemptEnd:
        status = ExitCode.STAGE1_ERROR if number == 0 else ExitCode.SUCCESS
        if number != 1:
            publish(store, request_of(use_case.common, use_case.entries[number]), status)
        return UNKNOWN

    outcome = drive(use_case, cluster(work))
    assert outcome.failed == NAMES[:2]
    assert [(group.status, group.cause) for group in outcome.failures] == [
        (23, "calacs.e failed."), (None, "ended without a word"),
    ]  # fmt: skip


def test_what_was_done_before_proves_nothing_when_all_is_redone(store: MemoryStore, use_case: RunBatch) -> None:
    assert drive(use_case, cluster(good(store, use_case))).ok
    assert drive(use_case, cluster(lambda _number, _memory: UNKNOWN), BatchOptions(redo=Redo.ALL)).failed == NAMES


@pytest.mark.parametrize("kind", [EndKind.OUT_OF_MEMORY, EndKind.TIMED_OUT, EndKind.LOST])
def test_a_job_that_was_done_when_it_was_ended_is_done(store: MemoryStore, use_case: RunBatch, kind: EndKind) -> None:
    done = good(store, use_case)
    assert drive(use_case, cluster(lambda number, memory: evolve(done(number, memory), kind=kind))).ok


def test_submit_returns_at_once_and_the_next_driver_adopts(store: MemoryStore, use_case: RunBatch) -> None:
    first = cluster(lambda _number, _memory: HANGS, 10)
    drive(use_case, first, only_submit=True)
    assert states(use_case) == dict.fromkeys(NAMES, JobState.SUBMITTED)
    done = good(store, use_case)
    done(0, 0)  # one has ended meanwhile
    second = cluster(done, 10)
    second.known = {launch.name: evolve(launch, numbers=(1, 2)) for launch in first.started}
    assert drive(use_case, second).ok
    assert [launch.numbers for launch in second.started] == [(3,)]
    assert second.started[0].name != first.started[0].name


def test_a_launch_that_was_never_submitted_is_submitted_again(store: MemoryStore, use_case: RunBatch) -> None:
    """The driver was killed between writing it down and submitting it."""
    broken = cluster(lambda _number, _memory: HANGS, 10)
    broken.trouble = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        drive(use_case, broken)
    launcher = cluster(good(store, use_case), 10)
    assert drive(use_case, launcher).ok
    assert [launch.numbers for launch in launcher.started] == [(0, 1, 2, 3)]


def test_a_cluster_that_takes_no_jobs_for_long_is_an_error(
    store: MemoryStore, use_case: RunBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caldp.app.batch.run_away._PATIENCE", -1.0)
    launcher = cluster(lambda _number, _memory: HANGS)
    launcher.trouble = LaunchError("Slurm does not take it.")
    with pytest.raises(LaunchError):
        drive(use_case, launcher)
    assert states(use_case) == dict.fromkeys(NAMES, JobState.WAITING)
    assert {job.attempts for job in FollowBatch(use_case.files, LAYOUT, use_case.head).status().jobs} == {0}


def test_a_dataset_that_another_run_holds_is_tried_again_after_a_while(
    store: MemoryStore, use_case: RunBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _Clock()
    monkeypatch.setattr("caldp.app.batch.run_away._GATHER", 10.0)
    monkeypatch.setattr("caldp.app.batch.run_away.time", clock)
    done, tries = good(store, use_case), []

    def work(number: int, memory_mib: int) -> AttemptEnd:
        if number == 0:
            tries.append(clock.now)
        return AttemptEnd(EndKind.BUSY) if number == 0 and len(tries) < 3 else done(number, memory_mib)

    assert drive(use_case, cluster(work, 10)).ok
    assert [later - sooner >= 20 for sooner, later in pairwise(tries)] == [True, True]


class _Clock:
    """A clock in the place of the module `time`, on which only sleep takes time."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_stop_lets_jobs_end(store: MemoryStore, use_case: RunBatch) -> None:
    launcher = cluster(lambda _number, _memory: HANGS, 10)
    assert drive(use_case, launcher, stops=2).stopped is ExitCode.INTERRUPTED
    assert launcher.started == []


def test_a_job_that_somebody_cancels_stays_so(store: MemoryStore, use_case: RunBatch) -> None:
    done = good(store, use_case)

    def work(number: int, memory_mib: int) -> AttemptEnd:
        return AttemptEnd(EndKind.CANCELLED, 143) if number == 1 else done(number, memory_mib)

    outcome = drive(use_case, cluster(work))
    assert outcome.counts == {JobState.DONE: 3, JobState.CANCELLED: 1}


def test_jobs_are_grouped_by_memory_the_largest_first() -> None:
    jobs = [Job(name) for name in NAMES]
    waiting = {0: 1792, 1: 7168, 2: 1792, 3: 1792}
    assert list(grouped(jobs, waiting, 2)) == [(7168, [1]), (1792, [0, 2]), (1792, [3])]
    assert Limits().rung(1800) == 7168


@pytest.mark.parametrize(
    "text", ["{}", '{"name": "x", "memory_mib": 1, "numbers": [0]}', '{"name": "caldp-0123456789ab-00000"', "[]",
             '{"name": "caldp-0123456789ab-00000", "memory_mib": 1, "numbers": []}']
)  # fmt: skip
def test_other_files_are_no_launches(text: str) -> None:
    with pytest.raises(InvalidRecord):
        Launch.from_json(text)


def test_jobs_without_a_driver_are_cancelled(store: MemoryStore, use_case: RunBatch) -> None:
    launcher = cluster(lambda *_: HANGS)
    drive(use_case, launcher, only_submit=True)
    key = use_case.place.launches + "damaged.json"
    store.put_bytes(key, b"{")
    again = cluster(lambda *_: HANGS)
    again.known = {launch.name: launch for launch in launcher.started}
    follow = FollowBatch(use_case.files, LAYOUT, use_case.head)
    assert follow.cancel() is False
    assert follow.cancel_jobs(again) == len(NAMES)
    assert again._is_stopped


def test_where_the_cluster_has_no_job_none_is_cancelled(use_case: RunBatch) -> None:
    assert FollowBatch(use_case.files, LAYOUT, use_case.head).cancel_jobs(cluster(lambda *_: HANGS)) == 0
