"""Publishing, killed or failing at every single operation on the store."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from caldp.app.calibration.signature import signature_of
from caldp.app.ports.object_store import StoredObject
from caldp.app.process.flow import DeliveredFile, Destination, ProductSet
from caldp.app.process.steps.announce import Announcement, announce, withdraw
from caldp.app.process.steps.publish import publish
from caldp.calcloud.layout import CalcloudLayout
from caldp.domain.errors import DatasetTaken, PublishError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category, Layout, TreeLayout
from caldp.domain.output.lease import Lease, RunIdentity
from caldp.domain.output.messages import MessageState, current_state
from caldp.domain.run.events import Event, Note
from caldp.domain.run.outcome import PublishReceipt
from tests.fakes.object_store import MemoryStore
from tests.fakes.packer import FakePacker
from tests.support.tarballs import contents

DATASET = DatasetName.parse("lsim01010")
LAYOUTS = [TreeLayout(), CalcloudLayout()]
TREE = {
    "messages/datasets-processed/lsim01010": b"",
    "data/cos/lsim01010/env/lsim01010_cal_env.txt": b"A=B",
    "data/cos/lsim01010/previews/lsim01010_x1dsum.png": b"png",
    "data/cos/lsim01010/lsim01010_x1dsum.fits": b"sum",
    "data/cos/lsim01010/logs/process.txt": b"log",
}
CALCLOUD = {
    "messages/processed-lsim01010.trigger": b"memory://store/outputs/lsim01010/lsim01010.tar.gz",
    "outputs/lsim01010/lsim01010.tar.gz": {
        "lsim01010/env/lsim01010_cal_env.txt": b"A=B",
        "lsim01010/previews/lsim01010_x1dsum.png": b"png",
        "lsim01010/lsim01010_x1dsum.fits": b"sum",
    },
    "outputs/lsim01010/process.txt": b"log",
}
RECORDS = {TreeLayout(): "data/cos/lsim01010/logs/record.json", CalcloudLayout(): "outputs/lsim01010/record.json"}
GOOD, BAD = MessageState.PROCESSED, MessageState.ERROR


class Killed(BaseException):
    """Error that a process does not survive."""


@pytest.fixture
def run(tmp_path: Path) -> "Run":
    return Run(tmp_path)


class Run:
    """One run's files, made anew each time that it is published. All are attempts of one Batch job."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.told: list[Event] = []

    def announce(self, store: MemoryStore, layout: Layout, name: str = "first") -> Announcement | None:
        owner = RunIdentity(name, job="job")
        return announce(Destination(store, layout, FakePacker()), DATASET, owner, 60.0, self.told.append)

    def publish(
        self,
        store: MemoryStore,
        layout: Layout,
        state: MessageState = GOOD,
        name: str = "first",
        x1dsum: bytes = b"sum",
    ) -> PublishReceipt:
        return self.store(self.announce(store, layout, name), state, x1dsum)

    def store(
        self,
        announcement: Announcement | None,
        state: MessageState = GOOD,
        x1dsum: bytes = b"sum",
        *,
        files: bool = True,
    ) -> PublishReceipt:
        name = announcement.claim.owner.run if announcement else ""
        made = (
            self._file("lsim01010_cal_env.txt", b"A=B", Category.ENVIRONMENT),
            self._file("lsim01010_x1dsum.png", b"png", Category.PREVIEW),
            self._file("lsim01010_x1dsum.fits", x1dsum, Category.PRODUCT),
        )

        def record(stored: Sequence[StoredObject], keys: Mapping[str, str]) -> bytes:
            objects = {item.key: item.size for item in stored}
            status = 0 if state is GOOD else 24
            return json.dumps({"run": name, "status": status, "objects": objects, "keys": dict(keys)}).encode()

        return publish(
            announcement,
            ProductSet(made if files else ()),
            logs=(self._file("process.txt", b"log", Category.LOG).path,),
            record=record,
            state=state,
            tell=self.told.append,
        )

    def _file(self, name: str, data: bytes, category: Category) -> DeliveredFile:
        path = self._directory / name
        path.write_bytes(data)
        return DeliveredFile(path, category)


def fail_at(number: int, error: Callable[[], BaseException], *, for_good: bool = False) -> Callable[[str, str], None]:
    """Make trouble at one operation on a store, or from it on."""
    operations = iter(range(10_000))

    def trouble(_action: str, _key: str) -> None:
        now = next(operations)
        if now == number or (for_good and now > number):
            raise error()

    return trouble


def states(store: MemoryStore, layout: Layout) -> frozenset[MessageState]:
    return frozenset(state for state in MessageState if layout.message_key(DATASET, state) in store.objects)


def home(store: MemoryStore, layout: Layout) -> dict[str, bytes]:
    return {key: data for key, data in store.objects.items() if key.startswith(layout.prefix(DATASET))}


def is_one_whole_run(store: MemoryStore, layout: Layout) -> str:
    """Check that the record names exactly what lies there, and return which run's it is."""
    objects = {key: len(data) for key, data in home(store, layout).items()}
    del objects[RECORDS[layout]]
    record = json.loads(store.objects[RECORDS[layout]])
    assert record["objects"] == objects
    if not layout.archive_key(DATASET):
        assert set(record["keys"].values()) == objects.keys() - {layout.log_key(DATASET, "process.txt")}
    assert record["status"] == 0
    assert isinstance(record["run"], str)
    return record["run"]


@pytest.mark.parametrize(("layout", "expected"), [(TreeLayout(), TREE), (CalcloudLayout(), CALCLOUD)])
def test_everything_has_its_place(layout: Layout, expected: dict[str, bytes | dict[str, bytes]], run: Run) -> None:
    store = MemoryStore()
    receipt = run.publish(store, layout)
    assert store.objects.keys() == expected.keys() | {RECORDS[layout]}
    found = {key: contents(data) if key.endswith(".tar.gz") else data for key, data in store.objects.items()}
    assert {key: found[key] for key in expected} == expected
    assert is_one_whole_run(store, layout) == "first"
    assert receipt.message is GOOD
    assert set(receipt.objects) == {f"memory://store/{key}" for key in expected if not key.startswith("messages")}
    assert receipt.bytes_stored == sum(len(store.objects[key]) for key in expected if not key.startswith("messages"))
    assert any(address.startswith(receipt.location) for address in receipt.objects)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_order_is_products_logs_record_message_and_put_comes_before_delete(layout: Layout, run: Run) -> None:
    store = MemoryStore()
    run.publish(store, layout)
    processing, processed, error = (
        layout.message_key(DATASET, state) for state in (MessageState.PROCESSING, GOOD, BAD)
    )
    assert store.history[0] == ("put", processing)
    assert store.history[-3:] == [("put", processed), ("delete", error), ("delete", processing)]
    stored = [key for action, key in store.history if action == "put" and not key.startswith("messages")]
    assert stored[-2:] == [layout.log_key(DATASET, "process.txt"), RECORDS[layout]]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_rerun_leaves_nothing_stale(layout: Layout, run: Run) -> None:
    store = MemoryStore()
    for name in ("old_flt.fits", "previews/old.png", "logs/old.txt"):
        store.objects[layout.prefix(DATASET) + name] = b"stale"
    neighbour = layout.prefix(DATASET).replace("lsim01010", "lsim010100") + "x.fits"
    store.objects[neighbour] = b"another dataset's"
    run.publish(store, layout)
    assert is_one_whole_run(store, layout) == "first"
    store.objects[layout.prefix(DATASET) + "old_flt.fits"] = b"stale"
    run.publish(store, layout, name="second")
    assert is_one_whole_run(store, layout) == "second"
    assert states(store, layout) == {GOOD}
    others = {key for key in store.objects if not key.startswith(("messages", layout.prefix(DATASET)))}
    assert others == {neighbour}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_failed_rerun_leaves_a_good_dataset_as_it_is(layout: Layout, run: Run) -> None:
    store = MemoryStore()
    run.publish(store, layout)
    before = dict(store.objects)
    receipt = run.publish(store, layout, BAD, "second", b"half a sum")
    assert receipt.message is None
    assert receipt.location == "memory://store/attempts/lsim01010/second/"
    assert store.objects.items() >= before.items()
    aside = store.objects.keys() - before.keys()
    assert aside == {key.replace(layout.prefix(DATASET), "attempts/lsim01010/second/") for key in home(store, layout)}
    run.publish(store, layout, name="third")
    assert is_one_whole_run(store, layout) == "third"
    assert store.objects.keys() == before.keys()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("said", [MessageState.SYNCED, MessageState.ARCHIVED])
def test_what_a_downloader_or_the_archive_has_taken_is_a_good_dataset_too(
    layout: Layout, said: MessageState, run: Run
) -> None:
    store = MemoryStore()
    run.publish(store, layout)
    store.objects[layout.message_key(DATASET, said)] = store.objects.pop(layout.message_key(DATASET, GOOD))
    before = dict(store.objects)
    run.publish(store, layout, BAD, "second")
    assert store.objects.items() >= before.items()
    assert states(store, layout) == {said}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_first_run_that_fails_says_so_and_what_another_made_is_left(layout: Layout, run: Run) -> None:
    store = MemoryStore()
    run.publish(store, layout, BAD)
    store.objects[layout.prefix(DATASET) + "made_earlier.fits"] = b"precious"
    receipt = run.publish(store, layout, BAD, "second")
    assert receipt.message is BAD
    assert states(store, layout) == {BAD}
    assert store.objects[layout.prefix(DATASET) + "made_earlier.fits"] == b"precious"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_error_without_any_product_publishes_the_logs(layout: Layout, run: Run) -> None:
    store = MemoryStore()
    run.store(run.announce(store, layout), BAD, files=False)
    assert store.objects.keys() == {
        layout.log_key(DATASET, "process.txt"), RECORDS[layout], layout.message_key(DATASET, BAD)
    }  # fmt: skip


@pytest.mark.parametrize("state", [GOOD, BAD], ids=["good", "failed"])
@pytest.mark.parametrize("earlier", [None, GOOD, BAD], ids=["first run", "rerun", "rerun of a failed one"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_killed_anywhere_a_dataset_is_never_processed_unless_it_is_whole(
    layout: Layout, earlier: MessageState | None, state: MessageState, run: Run
) -> None:
    for number in range(10_000):
        store = MemoryStore()
        if earlier is not None:
            run.publish(store, layout, earlier, "earlier", x1dsum=b"an earlier sum")
        before = dict(store.objects)
        store.trouble = fail_at(number, Killed, for_good=True)
        try:
            run.publish(store, layout, state, "killed")
        except Killed:
            pass
        else:
            assert number > 8
            break
        store.trouble = fail_at(-1, Killed)
        if GOOD in states(store, layout):
            assert is_one_whole_run(store, layout) in {"earlier", "killed"}
        if store.objects != before:
            assert MessageState.PROCESSING in states(store, layout) or current_state(states(store, layout)) in {
                GOOD, state
            }  # fmt: skip
        if earlier is GOOD:  # neither is lost: the next run fails, and one of them is there
            copy = MemoryStore()
            copy.objects = dict(store.objects)
            run.publish(copy, layout, BAD, "next")
            assert states(copy, layout) == {GOOD}
            assert is_one_whole_run(copy, layout) in {"earlier", "killed"}
        run.publish(store, layout, GOOD, "last")
        assert is_one_whole_run(store, layout) == "last"
        assert states(store, layout) == {GOOD}
        assert [key for key in store.objects if "/." in key or key.startswith("attempts")] == []


@pytest.mark.parametrize("earlier", [False, True], ids=["first run", "rerun"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_whatever_fails_the_message_is_no_success_of_it_and_the_next_run_ends_well(
    layout: Layout, earlier: bool, run: Run
) -> None:
    for number in range(10_000):
        store = MemoryStore()
        if earlier:
            run.publish(store, layout, GOOD, "earlier", x1dsum=b"an earlier sum")
        before = dict(store.objects)
        store.trouble = fail_at(number, lambda: PublishError("The disk is full."))
        try:
            run.publish(store, layout, name="failed")
        except PublishError:
            present = states(store, layout)
            if GOOD in present:
                assert is_one_whole_run(store, layout) in {"earlier", "failed"}
            if not earlier and store.objects:
                assert current_state(present) in {MessageState.PROCESSING, BAD}
        else:
            if number > 40:
                break
            assert is_one_whole_run(store, layout) == "failed" or store.objects.items() >= before.items()
        store.trouble = fail_at(-1, Killed)
        run.publish(store, layout, name="last")
        assert is_one_whole_run(store, layout) == "last"
        assert states(store, layout) == {GOOD}
        assert [key for key in store.objects if "/." in key or key.startswith("attempts")] == []


@pytest.mark.parametrize("moment", ["before", "while"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_run_that_was_taken_over_writes_nothing_any_more(layout: Layout, moment: str, run: Run) -> None:
    store = MemoryStore()
    run.publish(store, layout, name="earlier")
    announcement = run.announce(store, layout, "slow")
    processing = layout.message_key(DATASET, MessageState.PROCESSING)
    other = Lease(RunIdentity("other", host="elsewhere", pid=7), 60.0).to_bytes()

    def take_over(action: str, key: str) -> None:
        if moment == "before" or (action == "put" and not key.startswith("messages")):
            store.objects[processing] = other

    store.trouble = take_over
    with pytest.raises(DatasetTaken, match=r"taken over by run other \(pid 7 on elsewhere"):
        run.store(announcement, x1dsum=b"late")
    withdraw(announcement)
    assert store.objects[processing] == other
    assert is_one_whole_run(store, layout) == "earlier"
    assert states(store, layout) == {GOOD, MessageState.PROCESSING}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_another_run_has_put_over_ones_own_is_found_before_it_is_shown(layout: Layout, run: Run) -> None:
    store = MemoryStore()

    def overwrite(action: str, key: str) -> None:
        if action == "list" and key == layout.prefix(DATASET):
            store.objects[layout.log_key(DATASET, "process.txt")] = b"another run's log"

    announcement = run.announce(store, layout)
    store.trouble = overwrite
    with pytest.raises(PublishError, match=r"process\.txt has been overwritten"):
        run.store(announcement)
    assert states(store, layout) == {BAD}


@pytest.mark.parametrize("earlier", [False, True], ids=["first run", "rerun"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_run_that_goes_without_a_last_word_is_an_error_unless_a_good_dataset_is_there(
    layout: Layout, earlier: bool, run: Run
) -> None:
    store = MemoryStore()
    if earlier:
        run.publish(store, layout)
    before = dict(store.objects)
    withdraw(run.announce(store, layout, "second"))
    assert states(store, layout) == ({GOOD} if earlier else {BAD})
    if earlier:
        assert store.objects == before


def test_a_message_that_somebody_deleted_is_put_again(run: Run) -> None:
    layout, store = TreeLayout(), MemoryStore()
    announcement = run.announce(store, layout)
    del store.objects[layout.message_key(DATASET, MessageState.PROCESSING)]
    run.store(announcement)
    assert is_one_whole_run(store, layout) == "first"


def test_warns_where_a_downloader_or_the_archive_has_spoken(run: Run) -> None:
    layout, store = TreeLayout(), MemoryStore()
    store.objects["messages/dataset-archived/lsim01010"] = b"/archive/lsim01010_x1dsum.fits"
    run.publish(store, layout)
    warnings = [event.text for event in run.told if isinstance(event, Note) and "earlier products" in event.text]
    assert warnings == ["memory://store/messages/dataset-archived/lsim01010 is about earlier products of lsim01010."]
    assert store.objects["messages/dataset-archived/lsim01010"] == b"/archive/lsim01010_x1dsum.fits"


def test_nowhere_is_a_destination(run: Run) -> None:
    owner = RunIdentity("first")
    assert announce(None, DATASET, owner, 60.0, run.told.append) is None
    assert run.store(None) == PublishReceipt()
    withdraw(None)


@pytest.mark.parametrize("layout", LAYOUTS, ids=["tree", "calcloud"])
@pytest.mark.parametrize("how", ["longer", "another file", "gone"])
def test_a_product_that_is_not_the_one_that_was_judged_is_not_published(
    layout: Layout, how: str, tmp_path: Path, run: Run
) -> None:
    path, store = tmp_path / "lsim01010_x1dsum.fits", MemoryStore()
    path.write_bytes(b"sum")
    products = ProductSet((DeliveredFile(path, Category.PRODUCT, signature_of(path)),))

    def publish_now(name: str) -> PublishReceipt:
        record = json.dumps({"run": name, "status": 0, "objects": {}}).encode()
        announcement = run.announce(store, layout, name)
        return publish(
            announcement, products, logs=(), record=lambda *_: record, state=GOOD, tell=lambda _: None
        )  # fmt: skip

    publish_now("first")
    before = home(store, layout)
    path.unlink()
    if how != "gone":
        path.write_bytes(b"longer" if how == "longer" else b"sum")
    with pytest.raises(PublishError, match=r"lsim01010_x1dsum.fits was written or removed after"):
        publish_now("second")
    assert home(store, layout) == before
    assert states(store, layout) == {GOOD}
