"""A batch is followed by its files and by messages."""

from __future__ import annotations

import pytest
from attrs import evolve
from pytest_mock import MockerFixture

from caldp.app.batch.clock import now_text
from caldp.app.batch.follow import FollowBatch
from caldp.app.batch.journal_writer import JournalWriter
from caldp.app.batch.run_batch import RunBatch
from caldp.app.process.identity import make_identity
from caldp.domain.batch.job import AttemptEnd, Job, JobState
from caldp.domain.batch.journal import ended_line, started_line
from caldp.domain.errors import KeyTaken, PublishError, UsageError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.lease import Lease, RunIdentity
from caldp.domain.output.messages import MessageState
from tests.fakes.object_store import MemoryStore
from tests.support.batches import LAYOUT, NAMES, batch_in, publish, request_for


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def use_case(store: MemoryStore) -> RunBatch:
    return batch_in(store)


@pytest.fixture
def follow(use_case: RunBatch) -> FollowBatch:
    return FollowBatch(use_case.files, LAYOUT, use_case.head)


def states(follow: FollowBatch) -> dict[str, JobState]:
    return {job.dataset: job.state for job in follow.status().jobs}


def begin(store: MemoryStore, use_case: RunBatch, *names: str) -> JournalWriter:
    """Write the journal of a driver that has started datasets."""
    journal = JournalWriter(store, use_case.place, "20261126T000000Z-00000001")
    for name in names:
        journal.add(started_line(now_text(), Job(name, attempts=1, memory_mib=512)))
    journal.flush()
    return journal


def test_before_a_driver_all_wait_but_those_with_messages(store: MemoryStore, follow: FollowBatch) -> None:
    publish(store, request_for(NAMES[1]))
    assert states(follow) == {name: JobState.DONE if name == NAMES[1] else JobState.WAITING for name in NAMES}
    assert follow.status().driver is None


def test_a_living_driver_and_what_runs_are_shown(store: MemoryStore, use_case: RunBatch, follow: FollowBatch) -> None:
    begin(store, use_case, NAMES[0])
    store.put_bytes(use_case.place.driver, Lease(make_identity({}), 60.0).to_bytes())
    status = follow.status()
    assert [job.dataset for job in status.running] == [NAMES[0]]
    assert status.driver is not None
    assert not status.is_done


def test_what_a_dead_driver_ran_waits(store: MemoryStore, use_case: RunBatch, follow: FollowBatch) -> None:
    begin(store, use_case, *NAMES[:2])
    dead = evolve(make_identity({}), pid=2**22 - 1)
    store.put_bytes(use_case.place.driver, Lease(dead, 60.0).to_bytes())
    publish(store, request_for(NAMES[0]))
    publish(store, request_for(NAMES[1]), ExitCode.STAGE1_ERROR)
    status = follow.status()
    assert (status.driver, status.running) == (None, ())
    assert [(group.status, group.cause) for group in status.failures] == [(23, "calacs.e failed.")]
    assert states(follow) == {
        NAMES[0]: JobState.DONE, NAMES[1]: JobState.FAILED, NAMES[2]: JobState.WAITING, NAMES[3]: JobState.WAITING,
    }  # fmt: skip


def test_jobs_of_a_cluster_run_without_a_driver(store: MemoryStore, use_case: RunBatch, follow: FollowBatch) -> None:
    journal = begin(store, use_case)
    for name in NAMES[:2]:
        journal.add(started_line(now_text(), Job(name, JobState.SUBMITTED, attempts=1, memory_mib=1792)))
    journal.add(started_line(now_text(), Job(NAMES[2], JobState.RUNNING, attempts=1, memory_mib=1792)))  # yet silent
    journal.flush()
    key = LAYOUT.message_key(request_for(NAMES[0]).dataset, MessageState.PROCESSING)
    store.put_bytes(key, Lease(RunIdentity("a job"), 60.0).to_bytes())
    found = evolve(follow, head=evolve(use_case.head, engine="slurm"))
    expected = (JobState.RUNNING, JobState.SUBMITTED, JobState.SUBMITTED, JobState.WAITING)
    assert states(found) == dict(zip(NAMES, expected, strict=True))
    assert [(job.dataset, job.seconds) for job in found.status().running] == [(NAMES[0], None)]


def test_when_all_have_ended_no_message_is_asked_for(
    store: MemoryStore, use_case: RunBatch, follow: FollowBatch
) -> None:
    journal = begin(store, use_case)
    for name in NAMES:
        journal.add(ended_line(now_text(), Job(name, JobState.DONE, attempts=1), AttemptEnd(status=0)))
    journal.flush()
    asked: list[str] = []
    store.trouble = lambda _action, key: asked.append(key)
    assert follow.status().is_done
    assert [key for key in asked if key.startswith("messages/")] == []


def test_a_batch_is_found_by_its_id_or_as_the_latest(store: MemoryStore, use_case: RunBatch) -> None:
    files = use_case.files
    later = batch_in(store, NAMES[:1])
    store.put_bytes(later.place.head, evolve(later.head, created="2999-01-01T00:00:00+00:00").to_json().encode())
    assert files.latest().batch == later.head.batch
    assert files.open(use_case.head.batch) == use_case.head
    assert [head.batch for head in files.heads()] == [use_case.head.batch, later.head.batch]
    for wrong in ("nothing", "../x", ""):
        with pytest.raises(UsageError, match="There is no batch"):
            files.open(wrong)


def test_a_damaged_description_is_named(store: MemoryStore, use_case: RunBatch) -> None:
    store.put_bytes(use_case.place.head, b"{")
    with pytest.raises(PublishError, match=r"batch.json cannot be read: It is no JSON"):
        use_case.files.open(use_case.head.batch)
    assert use_case.files.heads() == ()


def test_lines_of_the_manifest_are_found_by_number(use_case: RunBatch) -> None:
    files, batch = use_case.files, use_case.head.batch
    assert [files.entry(batch, number).dataset for number in range(4)] == list(NAMES)
    for number in (4, 10_000, -1):
        with pytest.raises(UsageError, match=f"has no dataset number {number}"):
            files.entry(batch, number)


def test_a_manifest_is_read_without_a_listing_and_a_missing_part_is_named(
    store: MemoryStore, use_case: RunBatch, mocker: MockerFixture
) -> None:
    listing = mocker.spy(MemoryStore, "list")
    assert use_case.files.entries(use_case.head) == tuple(use_case.entries)
    assert listing.call_count == 0
    key = use_case.place.part(0)
    store.delete(key)
    with pytest.raises(PublishError, match=f"{key} is missing"):
        use_case.files.entries(use_case.head)


def test_a_journal_is_written_in_parts(store: MemoryStore, use_case: RunBatch) -> None:
    journal = JournalWriter(store, use_case.place, RunIdentity("20261126T000000Z-00000001").run)
    for _ in range(4000):
        journal.add(started_line(now_text(), Job(NAMES[0], attempts=1, memory_mib=512)))
    journal.flush()
    parts = [body for key, body in sorted(store.objects.items()) if "/journal/" in key]
    assert len(parts) > 1
    assert sum(body.count(b"\n") for body in parts) == 4000
    assert all(body.endswith(b"\n") for body in parts)


def test_journals_of_all_drivers_are_found_without_a_listing(
    store: MemoryStore, use_case: RunBatch, follow: FollowBatch
) -> None:
    def no_listing(action: str, key: str) -> None:
        assert (action, key.startswith("batches/")) != ("list", True)

    begin(store, use_case, NAMES[0])
    later = JournalWriter(store, use_case.place, "20261126T000001Z-00000002")
    for _ in range(4000):
        later.add(started_line(now_text(), Job(NAMES[1], attempts=7, memory_mib=512)))
    for name in NAMES:
        later.add(ended_line(now_text(), Job(name, JobState.DONE, attempts=9), AttemptEnd(status=0)))
    later.flush()
    store.put_bytes(use_case.place.drivers, store.objects[use_case.place.drivers] + b"\xff ../../x nobody\n")
    store.trouble = no_listing
    assert {(job.state, job.attempts) for job in follow.status().jobs} == {(JobState.DONE, 9)}


def test_two_drivers_that_begin_at_once_are_both_listed(store: MemoryStore, use_case: RunBatch) -> None:
    def other(action: str, key: str) -> None:
        if (action, key) == ("put", use_case.place.drivers):
            store.trouble = lambda _action, _key: None
            begin(store, use_case, NAMES[0])

    store.trouble = other
    late = JournalWriter(store, use_case.place, "20261126T000001Z-00000002")
    late.add(started_line(now_text(), Job(NAMES[1], attempts=1, memory_mib=512)))
    late.flush()
    assert len(store.objects[use_case.place.drivers].split()) == 2


def test_an_output_in_which_nothing_can_be_made_is_said_to_be_so() -> None:
    class Refusing(MemoryStore):
        def put_if(self, key: str, data: bytes, version: str | None) -> str:
            raise KeyTaken(f"{key} has been changed by another.")

    with pytest.raises(PublishError, match=r"batch\.json cannot be made"):
        batch_in(Refusing())


def test_a_batch_is_made_once(store: MemoryStore, use_case: RunBatch) -> None:
    before = dict(store.objects)
    assert batch_in(store).head == use_case.head
    assert store.objects == before
