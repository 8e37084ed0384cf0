"""Claims on a dataset: those that live, that are left behind, and that are lost."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from caldp.app.process.identity import is_alive, make_identity
from caldp.app.publication.claim import DatasetClaim
from caldp.domain.errors import ConditionsUnknown, DatasetTaken, PublishError
from caldp.domain.output.lease import Lease, RunIdentity
from caldp.domain.run.events import Event, Note
from tests.fakes.object_store import MemoryStore

KEY = "messages/datasets-processing/lsim01010"
ME = RunIdentity("mine", host="here", pid=1, job="job-1")
OTHER = RunIdentity("other", host="there", pid=2, job="job-2", started="2026-11-25T20:00:00+00:00")
LEASE = 60.0


class Clock:
    """A clock that moves while somebody waits; `then` says what else happens meanwhile."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.then: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.then()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock=clock)


def claim(
    store: MemoryStore, clock: Clock, told: list[Event] | None = None, alive: bool | None = None, seconds: float = LEASE
) -> DatasetClaim:
    tell = (lambda _: None) if told is None else told.append
    return DatasetClaim(store, KEY, ME, seconds, tell, alive=lambda _: alive, pause=clock.pause)


def owner(store: MemoryStore) -> str:
    lease = Lease.parse(store.objects[KEY])
    assert lease is not None
    return lease.owner.run


def test_a_free_dataset_is_taken_and_given_back(store: MemoryStore, clock: Clock) -> None:
    mine = claim(store, clock)
    mine.take()
    assert owner(store) == "mine"
    assert not mine.took_over
    mine.release()
    assert store.objects == {}


def test_a_living_run_on_this_machine_is_left_alone_at_once(store: MemoryStore, clock: Clock) -> None:
    store.put_bytes(KEY, Lease(OTHER, LEASE).to_bytes())
    clock.now += 20
    with pytest.raises(DatasetTaken) as caught:
        claim(store, clock, alive=True).take()
    assert caught.value.message == (
        "The dataset is being processed by run other (pid 2 on there, Batch job job-2, since "
        "2026-11-25T20:00:00+00:00); its claim was renewed 20 s ago and holds for 40 s more."
    )
    assert caught.value.advice
    assert caught.value.exit_code != 0
    assert owner(store) == "other"
    assert clock.now == 1020


@pytest.mark.parametrize(
    ("body", "age", "alive", "why"),
    [
        (Lease(OTHER, LEASE).to_bytes(), 1, False, "has ended without a final message"),
        (Lease(OTHER, LEASE).to_bytes(), 61, None, "has not been heard of for 61 s"),
        (Lease(OTHER, LEASE).to_bytes(), 61, True, "has not been heard of for 61 s"),
        (Lease(RunIdentity("first", job="job-1"), LEASE).to_bytes(), 1, None, "was an earlier attempt"),
        (b"", 1, None, "names no run"),
        (b"processing-lsim01010\n", 1, None, "names no run"),
        (b'{"run": 3}', 1, None, "names no run"),
        (b"[" * 100_000, 1, None, "names no run"),
        (b"\xff\xfe", 1, None, "names no run"),
        (b'{"run": "x", "lease": "forever"}', 1, None, "has not been heard of for 1 s"),
    ],
)  # fmt: skip
def test_what_a_run_that_is_gone_has_left_is_taken_over(
    body: bytes, age: float, alive: bool | None, why: str, store: MemoryStore, clock: Clock
) -> None:
    store.put_bytes(KEY, body)
    clock.now += age
    before, told = clock.now, list[Event]()
    mine = claim(store, clock, told, alive)
    mine.take()
    mine.stop()
    assert owner(store) == "mine"
    assert mine.took_over
    assert [event.text for event in told if isinstance(event, Note) and why in event.text]
    assert clock.now == before


def test_a_run_elsewhere_is_watched_and_left_alone_when_it_renews(store: MemoryStore, clock: Clock) -> None:
    body = Lease(OTHER, LEASE).to_bytes()
    store.put_bytes(KEY, body)
    clock.now += 10
    clock.then = lambda: store.put_bytes(KEY, body) if 1020 < clock.now < 1025 else None
    with pytest.raises(DatasetTaken, match="is being processed by run other"):
        claim(store, clock).take()
    assert clock.now < 1025
    assert owner(store) == "other"


def test_a_run_elsewhere_is_watched_and_taken_over_when_it_does_not(store: MemoryStore, clock: Clock) -> None:
    store.put_bytes(KEY, Lease(OTHER, LEASE).to_bytes())
    clock.now += 10
    told: list[Event] = []
    mine = claim(store, clock, told)
    mine.take()
    mine.stop()
    assert mine.predecessor == "other"
    assert 1060 <= clock.now < 1063
    assert sum("waiting" in event.text for event in told if isinstance(event, Note)) == 1


def test_a_run_that_ends_while_it_is_watched_leaves_a_free_dataset(store: MemoryStore, clock: Clock) -> None:
    store.put_bytes(KEY, Lease(OTHER, LEASE).to_bytes())
    clock.then = lambda: store.delete(KEY)
    mine = claim(store, clock)
    mine.take()
    mine.stop()
    assert not mine.took_over
    assert owner(store) == "mine"


def test_a_claim_is_renewed_while_the_run_lives() -> None:
    store = MemoryStore()
    mine = DatasetClaim(store, KEY, ME, 0.4, lambda _: None)
    mine.take()
    time.sleep(1.2)
    found = store.read(KEY)
    assert found is not None
    assert found.age < 0.4
    mine.check()
    mine.release()


def test_a_claim_that_was_taken_over_is_lost_and_left_alone(store: MemoryStore, clock: Clock) -> None:
    mine = claim(store, clock)
    mine.take()
    store.put_bytes(KEY, Lease(OTHER, LEASE).to_bytes())
    for _ in range(2):
        with pytest.raises(DatasetTaken, match="has been taken over by run other"):
            mine.confirm()
    with pytest.raises(DatasetTaken):
        mine.check()
    mine.release()
    assert owner(store) == "other"


def test_a_store_that_does_not_answer_is_no_loss(store: MemoryStore, clock: Clock) -> None:
    mine = claim(store, clock)
    mine.take()

    def trouble(_action: str, _key: str) -> None:
        raise PublishError("S3 is not available.")

    store.trouble = trouble
    with pytest.raises(PublishError, match="not available"):
        mine.confirm()
    store.trouble = lambda _action, _key: None
    mine.confirm()
    mine.release()
    assert store.objects == {}


class Unconditional(MemoryStore):
    """A store without conditional requests."""

    def put_if(self, key: str, data: bytes, version: str | None) -> str:
        raise ConditionsUnknown("The store knows no conditional requests.")


def test_a_store_without_conditions_is_said_to_be_so_and_read_again(clock: Clock) -> None:
    store, told = Unconditional(clock=clock), list[Event]()
    mine = claim(store, clock, told)
    mine.take()
    mine.confirm()
    assert owner(store) == "mine"
    assert sum("no conditional requests" in event.text for event in told if isinstance(event, Note)) == 1
    store.put_bytes(KEY, Lease(OTHER, LEASE).to_bytes())
    with pytest.raises(DatasetTaken):
        mine.confirm()
    mine.stop()
    with pytest.raises(DatasetTaken):
        claim(store, clock, alive=True).take()


def test_this_process_lives_and_none_that_began_at_another_time() -> None:
    me = make_identity({"AWS_BATCH_JOB_ID": "job"})
    assert (me.job, is_alive(me)) == ("job", True)
    scope, _, start = me.process.rpartition("/")
    others = {
        RunIdentity("x", pid=me.pid, process=f"{scope}/{int(start) + 1}"): False,  # its number was given out again
        RunIdentity("x", pid=2**22 + 5, process=me.process): False,
        RunIdentity("x", pid=me.pid, process=f"another boot/{start}"): None,
        RunIdentity("x", pid=me.pid): None,
        RunIdentity("x"): None,
    }
    assert {other: is_alive(other) for other in others} == others


def test_a_lease_is_read_as_it_was_written() -> None:
    lease = Lease(make_identity({}), 120.0)
    assert Lease.parse(lease.to_bytes()) == lease
