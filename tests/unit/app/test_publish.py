"""Publishing, killed or failing at every single operation on the store."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from caldp.app.flow import DeliveredFile, Destination, ProductSet, PublishReceipt
from caldp.app.signature import signature_of
from caldp.app.steps.publish import announce, publish
from caldp.domain.dataset import DatasetName
from caldp.domain.errors import PublishError
from caldp.domain.events import Event, Note
from caldp.domain.layout import AnyLayout, CalcloudLayout, Category, TreeLayout
from caldp.domain.messages import MessageState, current_state
from tests.fakes.store import MemoryStore

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
    "outputs/lsim01010/lsim01010.tar.gz": b"lsim01010/env/lsim01010_cal_env.txt=A=B;"
    b"lsim01010/previews/lsim01010_x1dsum.png=png;lsim01010/lsim01010_x1dsum.fits=sum;",
    "outputs/lsim01010/process.txt": b"log",
}


class Killed(BaseException):
    """What a process does not survive."""


class PlainPacker:
    """Joins names and contents, so that a test can read them."""

    def pack(self, members: Sequence[tuple[str, Path]]) -> Iterator[bytes]:
        yield from (b"%s=%s;" % (name.encode(), path.read_bytes()) for name, path in members)


@pytest.fixture
def run(tmp_path: Path) -> "Run":
    return Run(tmp_path)


class Run:
    """One run's files, made anew each time that it is published."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.told: list[Event] = []

    def publish(
        self,
        store: MemoryStore,
        layout: AnyLayout,
        state: MessageState = MessageState.PROCESSED,
        x1dsum: bytes = b"sum",
    ) -> PublishReceipt:
        files = (
            self._file("lsim01010_cal_env.txt", b"A=B", Category.ENVIRONMENT),
            self._file("lsim01010_x1dsum.png", b"png", Category.PREVIEW),
            self._file("lsim01010_x1dsum.fits", x1dsum, Category.PRODUCT),
        )
        log = self._file("process.txt", b"log", Category.LOG).path
        destination = Destination(store, layout, PlainPacker())
        announce(destination, DATASET, self.told.append)
        return publish(destination, DATASET, ProductSet(files), logs=(log,), state=state, tell=self.told.append)

    def _file(self, name: str, data: bytes, category: Category) -> DeliveredFile:
        path = self._directory / name
        path.write_bytes(data)
        return DeliveredFile(path, category)


def fail_at(number: int, error: Callable[[], BaseException]) -> Callable[[str, str], None]:
    """Make trouble at one operation on a store."""
    operations = iter(range(10_000))

    def trouble(_action: str, _key: str) -> None:
        if next(operations) == number:
            raise error()

    return trouble


def states(store: MemoryStore, layout: AnyLayout) -> frozenset[MessageState]:
    return frozenset(state for state in MessageState if layout.message_key(DATASET, state) in store.objects)


@pytest.mark.parametrize(("layout", "expected"), [(TreeLayout(), TREE), (CalcloudLayout(), CALCLOUD)])
def test_everything_has_its_place(layout: AnyLayout, expected: dict[str, bytes], run: Run) -> None:
    store = MemoryStore()
    receipt = run.publish(store, layout)
    assert store.objects == expected
    assert receipt.message is MessageState.PROCESSED
    assert set(receipt.objects) == {f"memory://store/{key}" for key in expected if not key.startswith("messages")}
    assert receipt.bytes_stored == sum(len(data) for key, data in expected.items() if not key.startswith("messages"))
    assert any(address.startswith(receipt.location) for address in receipt.objects)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_order_is_products_logs_message_and_put_comes_before_delete(layout: AnyLayout, run: Run) -> None:
    store = MemoryStore()
    run.publish(store, layout)
    store.history.clear()
    run.publish(store, layout)
    processing, processed, error = (
        layout.message_key(DATASET, state)
        for state in (MessageState.PROCESSING, MessageState.PROCESSED, MessageState.ERROR)
    )
    middle = [key for action, key in store.history if action == "put" and not key.startswith("messages")]
    assert store.history[:3] == [("put", processing), ("delete", processed), ("delete", error)]
    assert store.history[-3:] == [("put", processed), ("delete", error), ("delete", processing)]
    assert middle[-1] == layout.log_key(DATASET, "process.txt")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_rerun_leaves_nothing_stale(layout: AnyLayout, run: Run) -> None:
    store = MemoryStore()
    run.publish(store, layout)
    clean = dict(store.objects)
    for name in ("old_flt.fits", "previews/old.png", "logs/old.txt"):
        store.objects[layout.prefix(DATASET) + name] = b"stale"
    neighbour = layout.prefix(DATASET).replace("lsim01010", "lsim010100") + "x.fits"
    store.objects[neighbour] = b"another dataset's"
    run.publish(store, layout)
    assert store.objects == clean | {neighbour: b"another dataset's"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_error_says_so_and_leaves_what_earlier_runs_made(layout: AnyLayout, run: Run) -> None:
    store = MemoryStore()
    run.publish(store, layout)
    store.objects[layout.prefix(DATASET) + "made_earlier.fits"] = b"precious"
    receipt = run.publish(store, layout, MessageState.ERROR)
    assert receipt.message is MessageState.ERROR
    assert states(store, layout) == {MessageState.ERROR}
    assert store.objects[layout.prefix(DATASET) + "made_earlier.fits"] == b"precious"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_error_without_any_product_publishes_the_logs(layout: AnyLayout, tmp_path: Path) -> None:
    log = tmp_path / "process.txt"
    log.write_bytes(b"log")
    store = MemoryStore()
    publish(
        Destination(store, layout, PlainPacker()), DATASET, ProductSet(),
        logs=(log,), state=MessageState.ERROR, tell=lambda _: None,
    )  # fmt: skip
    assert store.objects.keys() == {
        layout.log_key(DATASET, "process.txt"), layout.message_key(DATASET, MessageState.ERROR)
    }  # fmt: skip


@pytest.mark.parametrize("earlier", [False, True], ids=["first run", "rerun"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_killed_anywhere_a_dataset_is_never_processed_unless_it_is_whole(
    layout: AnyLayout, earlier: bool, run: Run
) -> None:
    clean = MemoryStore()
    run.publish(clean, layout)
    for number in range(10_000):
        store = MemoryStore()
        if earlier:
            run.publish(store, layout, x1dsum=b"an earlier sum")
            store.objects[layout.prefix(DATASET) + "old_flt.fits"] = b"stale"
        before = dict(store.objects)
        store.trouble = fail_at(number, Killed)
        try:
            run.publish(store, layout)
        except Killed:
            if MessageState.PROCESSED in states(store, layout):
                assert store.objects.items() >= clean.objects.items() or store.objects.items() >= before.items()
            if store.objects != before:
                assert current_state(states(store, layout)) in {MessageState.PROCESSING, MessageState.PROCESSED}
        else:
            assert number > 8
            break
        store.trouble = fail_at(-1, Killed)
        run.publish(store, layout)
        assert store.objects == clean.objects


@pytest.mark.parametrize("layout", LAYOUTS)
def test_whatever_fails_the_message_is_no_success_and_the_next_run_ends_well(layout: AnyLayout, run: Run) -> None:
    clean = MemoryStore()
    run.publish(clean, layout)
    for number in range(10_000):
        store = MemoryStore(fail_at(number, lambda: PublishError("The disk is full.")))
        try:
            run.publish(store, layout)
        except PublishError:
            if store.objects:
                assert current_state(states(store, layout)) in {MessageState.PROCESSING, MessageState.ERROR}
        else:
            assert number > 8
            break
        run.publish(store, layout)
        assert store.objects == clean.objects


def test_another_runs_end_does_not_take_the_processing_message_away(run: Run) -> None:
    layout, store = TreeLayout(), MemoryStore()
    processing = layout.message_key(DATASET, MessageState.PROCESSING)
    publish(
        Destination(store, layout, PlainPacker()), DATASET, ProductSet(),
        logs=(), state=MessageState.PROCESSED, tell=lambda _: None,
    )  # fmt: skip
    assert store.history[0] == ("put", processing)


def test_warns_where_a_downloader_or_the_archive_has_spoken(run: Run) -> None:
    layout, store = TreeLayout(), MemoryStore()
    store.objects["messages/dataset-archived/lsim01010"] = b"/archive/lsim01010_x1dsum.fits"
    run.publish(store, layout)
    warnings = [event.text for event in run.told if isinstance(event, Note) and "earlier products" in event.text]
    assert warnings == ["memory://store/messages/dataset-archived/lsim01010 speaks of earlier products of lsim01010."]
    assert store.objects["messages/dataset-archived/lsim01010"] == b"/archive/lsim01010_x1dsum.fits"


def test_nowhere_is_a_destination(tmp_path: Path) -> None:
    announce(None, DATASET, lambda _: None)
    receipt = publish(None, DATASET, ProductSet(), logs=(), state=MessageState.PROCESSED, tell=lambda _: None)
    assert receipt == PublishReceipt()


@pytest.mark.parametrize("layout", LAYOUTS, ids=["tree", "calcloud"])
@pytest.mark.parametrize("how", ["longer", "another file", "gone"])
def test_a_product_that_is_not_the_one_that_was_judged_is_not_published(
    layout: AnyLayout, how: str, tmp_path: Path
) -> None:
    path, store = tmp_path / "lsim01010_x1dsum.fits", MemoryStore()
    path.write_bytes(b"sum")
    products = ProductSet((DeliveredFile(path, Category.PRODUCT, signature_of(path)),))
    destination = Destination(store, layout, PlainPacker())

    def publish_now() -> PublishReceipt:
        announce(destination, DATASET, lambda _: None)
        return publish(
            destination, DATASET, products, logs=(), state=MessageState.PROCESSED, tell=lambda _: None
        )  # fmt: skip

    publish_now()
    path.unlink()
    if how != "gone":
        path.write_bytes(b"longer" if how == "longer" else b"sum")
    with pytest.raises(PublishError, match=r"lsim01010_x1dsum.fits was written or removed after"):
        publish_now()
    keys = [item.key for item in store.list("messages/")]
    assert keys == [layout.message_key(DATASET, MessageState.ERROR)]
