"""A batch is run by messages and records, whatever its jobs say of themselves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from attrs import evolve

from caldp.app.batch.follow import FollowBatch
from caldp.app.batch.plan import BatchOptions
from caldp.app.batch.run_batch import RunBatch
from caldp.app.ports.launcher import Report
from caldp.app.process.identity import make_identity
from caldp.domain.batch.done import Redo
from caldp.domain.batch.events import BatchEvent, JobEnded
from caldp.domain.batch.files import request_of
from caldp.domain.batch.job import AttemptEnd, EndKind, JobState, Limits
from caldp.domain.batch.manifest import Entry
from caldp.domain.batch.outcome import BatchOutcome
from caldp.domain.batch.queue import Machine
from caldp.domain.errors import BatchTaken
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.layout import RECORD
from caldp.domain.output.lease import Lease, RunIdentity
from caldp.domain.output.messages import MessageState
from tests.fakes.launcher import HANGS, FakeLauncher, exits
from tests.fakes.object_store import MemoryStore
from tests.support.batches import LAYOUT, NAMES, batch_in, publish, request_for

Work = Callable[[int, int], AttemptEnd]


def good(store: MemoryStore, use_case: RunBatch) -> Work:
    """Return work that publishes its dataset and succeeds."""

    def work(number: int, _memory_mib: int) -> AttemptEnd:
        publish(store, request_of(use_case.common, use_case.entries[number]))
        return exits(0)

    return work


def run(
    use_case: RunBatch,
    work: Work,
    options: BatchOptions | None = None,
    *,
    stops: Callable[[], int] = lambda: 0,
    machine: Machine | None = None,
    tell: Callable[[BatchEvent], None] = lambda _event: None,
) -> tuple[BatchOutcome, FakeLauncher]:
    options = options or BatchOptions()
    launcher = FakeLauncher(work)
    outcome = use_case.run(
        use_case.plan(options), options, launcher, machine or Machine(4096, 2), stops, tell,
        stopped=lambda: ExitCode.INTERRUPTED,
    )  # fmt: skip
    return outcome, launcher


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def use_case(store: MemoryStore) -> RunBatch:
    return batch_in(store)


def reasons(use_case: RunBatch, redo: Redo = Redo.FAILED) -> dict[str, str]:
    plan = use_case.plan(BatchOptions(redo=redo))
    return {plan.jobs[number].dataset: reason for number, reason in plan.reasons.items()}


def test_all_datasets_run_once_and_no_more_than_have_room(store: MemoryStore, use_case: RunBatch) -> None:
    outcome, launcher = run(use_case, good(store, use_case), machine=Machine(64_000, 3))
    assert (outcome.status, outcome.counts) == (ExitCode.SUCCESS, {JobState.DONE: 4})
    assert sorted(launch.numbers for launch in launcher.started) == [(0,), (1,), (2,), (3,)]
    assert launcher.together == 3


def test_memory_bounds_how_many_run_at_once(store: MemoryStore, use_case: RunBatch) -> None:
    _, launcher = run(use_case, good(store, use_case), machine=Machine(2000, 8))  # 1280 MiB each, as nothing is known
    assert launcher.together == 1


def test_a_second_run_finds_everything_done_and_reads_no_record(store: MemoryStore, use_case: RunBatch) -> None:
    run(use_case, good(store, use_case))
    asked: list[str] = []
    store.trouble = lambda action, key: asked.append(key) if action == "get" else None
    outcome, launcher = run(use_case, good(store, use_case))
    assert (outcome.ok, launcher.started) == (True, [])
    assert [key for key in asked if key.endswith(RECORD)] == []


def test_without_journals_records_tell_what_is_done(store: MemoryStore, use_case: RunBatch) -> None:
    run(use_case, good(store, use_case))
    for key in [key for key in store.objects if "/journal/" in key]:
        store.delete(key)
    assert reasons(use_case) == {}


def test_each_dataset_that_runs_again_has_a_reason(store: MemoryStore, use_case: RunBatch) -> None:
    ib8t, j8cb, ldfd, obes = NAMES
    publish(store, request_for(ib8t))
    publish(store, request_for(j8cb, crds_context="hst_0700.pmap"))
    publish(store, request_for(ldfd), ExitCode.STAGE1_ERROR)
    assert reasons(use_case) == {
        j8cb: "crds_context 'hst_0700.pmap' -> 'hst_0729.pmap'",
        ldfd: "failed before",
        obes: "not processed yet",
    }
    assert set(reasons(use_case, Redo.ALL).values()) == {"asked for"}


def test_a_message_without_its_record_is_not_done(store: MemoryStore, use_case: RunBatch) -> None:
    dataset = publish(store, request_for(NAMES[0])).dataset
    store.put_bytes(LAYOUT.log_key(dataset, RECORD), b'{"schema": 2')
    publish(store, request_for(NAMES[1]))
    store.delete(LAYOUT.log_key(request_for(NAMES[1]).dataset, RECORD))
    found = reasons(use_case)
    assert (found[NAMES[0]], found[NAMES[1]]) == ("its record cannot be read", "its record is missing")


def test_a_status_of_0_is_not_believed(store: MemoryStore, use_case: RunBatch) -> None:
    outcome, _ = run(use_case, lambda _number, _memory: exits(0))
    assert outcome.counts == {JobState.FAILED: 4}
    assert "does not say that it is processed" in outcome.failures[0].cause


def test_a_lack_of_memory_climbs_the_ladder_and_nothing_else_does(store: MemoryStore, use_case: RunBatch) -> None:
    done = good(store, use_case)

    def work(number: int, memory_mib: int) -> AttemptEnd:
        if number == 0 and memory_mib < 7168:
            return exits([31, -9][memory_mib > 1792])
        return exits(23, "calacs.e failed.") if number == 1 else done(number, memory_mib)

    outcome, launcher = run(use_case, work, BatchOptions(limits=Limits(retries=1)))
    assert outcome.failed == (NAMES[1],)
    sizes = [(number, launch.memory_mib) for launch in launcher.started for number in launch.numbers if number < 2]
    assert sorted(sizes) == [(0, 1280), (0, 1792), (0, 7168), (1, 1280), (1, 1280)]


@pytest.mark.parametrize(
    ("end", "attempts"),
    [
        (exits(2, "No such profile."), 1),
        (exits(23), 1),
        (exits(22), 3),
        (AttemptEnd(EndKind.LOST, -9), 11),
        (AttemptEnd(EndKind.TIMED_OUT), 1),
    ],
)
def test_failures_are_tried_again_as_often_as_makes_sense(
    store: MemoryStore, use_case: RunBatch, end: AttemptEnd, attempts: int
) -> None:
    _, launcher = run(use_case, lambda _number, _memory: end)
    assert set(Counter(launch.numbers for launch in launcher.started).values()) == {attempts}


def test_a_usage_error_is_never_tried_again(store: MemoryStore, use_case: RunBatch) -> None:
    _, launcher = run(use_case, lambda _number, _memory: exits(2), BatchOptions(limits=Limits(retries=5)))
    assert len(launcher.started) == len(NAMES)


def test_after_the_first_stop_none_begins_and_those_that_run_end(store: MemoryStore, use_case: RunBatch) -> None:
    done, asked = good(store, use_case), 0

    def work(number: int, memory_mib: int) -> AttemptEnd:
        nonlocal asked
        asked = 1
        return done(number, memory_mib)

    outcome, launcher = run(use_case, work, stops=lambda: asked)
    assert (outcome.status, len(launcher.started)) == (ExitCode.INTERRUPTED, 2)
    assert outcome.counts == {JobState.WAITING: 2, JobState.DONE: 2}
    assert run(use_case, done)[0].ok


def test_the_second_stop_is_handed_on_and_nothing_counts_as_failed(store: MemoryStore, use_case: RunBatch) -> None:
    looks = iter([0, 0, 0, 0, 0, 0, 1, 1, 2])
    outcome, launcher = run(use_case, lambda _number, _memory: HANGS, stops=lambda: next(looks, 2))
    assert launcher.started
    assert outcome.counts == {JobState.WAITING: 4}
    assert run(use_case, good(store, use_case))[0].ok


def test_a_batch_that_is_cancelled_ends(
    store: MemoryStore, use_case: RunBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caldp.app.batch.run_batch._LOOKS", 0.0)
    follow = FollowBatch(use_case.files, LAYOUT, use_case.head)

    def work(_number: int, _memory_mib: int) -> AttemptEnd:
        assert follow.cancel()
        return HANGS

    outcome, _ = run(use_case, work)
    assert (outcome.counts, outcome.status) == ({JobState.CANCELLED: 4}, ExitCode.GENERIC_ERROR)
    assert follow.status().is_cancelled
    assert run(use_case, good(store, use_case))[0].ok
    assert not follow.status().is_cancelled


def test_of_two_drivers_one_is_refused(store: MemoryStore, use_case: RunBatch) -> None:
    first, second = evolve(use_case, owner=make_identity({})), evolve(use_case, owner=make_identity({}))

    def work(number: int, memory_mib: int) -> AttemptEnd:
        with pytest.raises(BatchTaken, match=f"is being run by another driver: run {first.owner.run}"):
            run(second, good(store, second))
        return good(store, first)(number, memory_mib)

    assert run(first, work)[0].ok
    assert run(second, good(store, second))[0].ok


def test_a_dataset_that_another_run_holds_is_tried_later(
    store: MemoryStore, use_case: RunBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caldp.app.batch.run_here._BUSY", 0.01)
    done, tries = good(store, use_case), Counter[int]()
    key = LAYOUT.message_key(request_for(NAMES[0]).dataset, MessageState.PROCESSING)
    store.put_bytes(key, Lease(RunIdentity("another"), 60.0).to_bytes())

    def work(number: int, memory_mib: int) -> AttemptEnd:
        tries[number] += 1
        if number == 0 and tries[0] < 3:
            return exits(1, "The dataset is being processed by another run.")
        if number == 0:
            store.delete(key)
        return done(number, memory_mib)

    outcome, _ = run(use_case, work, machine=Machine(64_000, 1))
    assert outcome.ok
    assert tries == {0: 3, 1: 1, 2: 1, 3: 1}


def test_a_dataset_that_another_run_holds_for_long_is_tried_again_after_longer_and_longer(
    store: MemoryStore, use_case: RunBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, began = _Clock(), list[float]()
    monkeypatch.setattr("caldp.app.batch.run_here.time", clock)
    done = good(store, use_case)

    def work(number: int, memory_mib: int) -> AttemptEnd:
        clock.now += 0.25  # a look takes so long
        if number == 0:
            began.append(clock.now)
        return AttemptEnd(EndKind.BUSY) if number == 0 else done(number, memory_mib)

    class Waiting(FakeLauncher):
        def poll(self, seconds: float) -> Sequence[Report]:
            clock.now += seconds
            return super().poll(seconds)

    options = BatchOptions()
    outcome = use_case.run(
        use_case.plan(options), options, Waiting(work), Machine(64_000, 1), lambda: 0, lambda _event: None,
        stopped=lambda: ExitCode.SUCCESS,
    )  # fmt: skip
    assert (outcome.counts, len(began)) == ({JobState.DONE: 3, JobState.FAILED: 1}, 11)
    pauses = [round(later - sooner) for sooner, later in pairwise(began)]
    assert pauses == sorted(pauses)
    assert 5 <= pauses[0] <= 7
    assert 300 <= pauses[-1] <= 302


class _Clock:
    """A clock in the place of the module `time`."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


def test_retry_runs_only_what_failed_with_a_code(store: MemoryStore, use_case: RunBatch) -> None:
    statuses = {0: 22, 1: 23, 2: 0}

    def work(number: int, memory_mib: int) -> AttemptEnd:
        return good(store, use_case)(number, memory_mib) if number in (2, 3) else exits(statuses[number])

    run(use_case, work, BatchOptions(limits=Limits(retries=0)))
    outcome, launcher = run(use_case, good(store, use_case), BatchOptions(failed_only=True, only=frozenset({22})))
    assert [launch.numbers for launch in launcher.started] == [(0,)]
    assert outcome.failed == (NAMES[1],)


def test_the_journal_is_lines_of_json_that_a_person_can_read(store: MemoryStore, use_case: RunBatch) -> None:
    run(use_case, good(store, use_case))
    (body,) = [body for key, body in store.objects.items() if "/journal/" in key]
    lines = [json.loads(line) for line in body.splitlines()]
    assert Counter(line["event"] for line in lines) == {"begun": 1, "started": 4, "ended": 4, "finished": 1}


def test_settings_of_one_dataset_are_its_own(store: MemoryStore, use_case: RunBatch) -> None:
    entry = Entry(NAMES[0], settings={"previews": "no"})
    publish(store, request_of(use_case.common, entry))
    own = evolve(use_case, entries=[entry, *use_case.entries[1:]])
    assert NAMES[0] not in reasons(own)
    assert reasons(use_case)[NAMES[0]] == "previews False -> True"


def test_events_tell_the_end_of_each_dataset(store: MemoryStore, use_case: RunBatch) -> None:
    told: list[BatchEvent] = []
    run(use_case, good(store, use_case), tell=told.append)
    assert {event.dataset: event.state for event in told if isinstance(event, JobEnded)} == dict.fromkeys(
        NAMES, JobState.DONE
    )
