"""Bringing finished datasets of an output into a directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.adapters.store.directory import DirectoryStore
from caldp.app.survey.survey_output import survey_output
from caldp.app.sync.sync_output import SyncOutput
from caldp.domain.errors import DownloadError, PublishError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import LayoutKind
from caldp.domain.output.messages import MessageState
from caldp.domain.output.sync import SyncedDataset, SyncOutcome
from tests.fakes.object_store import MemoryStore
from tests.support.published import FILES, publish_dataset

ONE, TWO = "lsim01010", "j8cb010b0"
HOME = f"data/cos/{ONE}/"
RECORD = f"{HOME}logs/record.json"
PROCESSED, SYNCED, ARCHIVED = (
    f"messages/{place}/{ONE}" for place in ("datasets-processed", "dataset-synced", "dataset-archived")
)
LATER = "20261126T060000Z-00000002"


@pytest.fixture
def source() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def target(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "batch")


def sync(source: MemoryStore, target: DirectoryStore, *names: str, again: bool = False) -> dict[str, SyncedDataset]:
    found = SyncOutput(source, target, 2)(
        [DatasetName.parse(name) for name in names], again=again, tell=lambda _event: None
    )
    return {one.name: one for one in found}


def files(target: DirectoryStore) -> dict[str, bytes]:
    return {
        path.relative_to(target.root).as_posix(): path.read_bytes() for path in target.root.rglob("*") if path.is_file()
    }


def test_what_is_processed_arrives_with_its_messages(source: MemoryStore, target: DirectoryStore) -> None:
    objects = publish_dataset(source, ONE) | publish_dataset(source, TWO)
    publish_dataset(source, "ldfd01010", state=MessageState.ERROR)
    publish_dataset(source, "ldfd02010", state=MessageState.PROCESSING)
    before = dict(source.objects)
    found = sync(source, target)
    assert {name: one.outcome for name, one in found.items()} == dict.fromkeys((ONE, TWO), SyncOutcome.SYNCED)
    arrived = files(target)
    assert {key: arrived[key] for key in objects} == objects
    messages = {key for key in arrived if key.startswith("messages/")}
    assert arrived.keys() - messages == objects.keys()
    assert messages == {
        f"messages/{place}/{name}" for place in ("datasets-processed", "dataset-synced") for name in (ONE, TWO)
    }
    lines = arrived[SYNCED].decode().splitlines(keepends=True)
    assert lines == [f"{target.root / key}\n" for key in sorted(objects) if key.startswith(HOME)]
    assert all(Path(line.rstrip("\n")).is_file() and line.startswith("/") for line in lines)
    assert found[ONE].files == tuple(line.rstrip("\n") for line in lines)
    assert found[ONE].fetched_bytes == sum(len(data) for key, data in objects.items() if key.startswith(HOME))
    assert source.objects == before, "the source is only read"
    assert {one.name: one.state for one in survey_output(target)} == {ONE: "synced", TWO: "synced"}


def test_a_second_time_there_is_nothing_to_do(source: MemoryStore, target: DirectoryStore) -> None:
    publish_dataset(source, ONE)
    sync(source, target)
    before = {path: path.stat().st_mtime_ns for path in target.root.rglob("*")}
    found = sync(source, target)
    assert (found[ONE].outcome, found[ONE].fetched) == (SyncOutcome.THERE, 0)
    assert found[ONE].files
    assert {path: path.stat().st_mtime_ns for path in target.root.rglob("*")} == before


def test_calclouds_layout_arrives_too(source: MemoryStore, target: DirectoryStore) -> None:
    objects = publish_dataset(source, ONE, kind=LayoutKind.CALCLOUD)
    assert sync(source, target)[ONE].outcome is SyncOutcome.SYNCED
    arrived = files(target)
    assert {key: arrived[key] for key in objects} == objects
    trigger = f"messages/processed-{ONE}.trigger"
    assert arrived[trigger] == source.objects[trigger]
    assert arrived[SYNCED].decode().splitlines() == [str(target.root / key) for key in sorted(objects)]
    (status,) = survey_output(target)
    assert (status.state, status.products) == ("synced", 1)
    assert sync(source, target)[ONE].outcome is SyncOutcome.THERE


@pytest.mark.parametrize("kind", LayoutKind)
def test_an_output_without_records_arrives_by_its_sizes(
    source: MemoryStore, target: DirectoryStore, kind: LayoutKind
) -> None:
    objects = publish_dataset(source, ONE, kind=kind, with_record=False)
    assert sync(source, target)[ONE].outcome is SyncOutcome.SYNCED
    assert {key: files(target)[key] for key in objects} == objects
    assert sync(source, target)[ONE].outcome is SyncOutcome.THERE


@pytest.mark.parametrize("state", [MessageState.ERROR, MessageState.PROCESSING])
def test_an_unfinished_dataset_that_is_named_is_refused(
    source: MemoryStore, target: DirectoryStore, state: MessageState
) -> None:
    publish_dataset(source, ONE, state=state)
    publish_dataset(source, TWO)
    found = sync(source, target, ONE, TWO, "ldfd01010")
    assert (found[ONE].outcome, found[ONE].status) == (SyncOutcome.FAILED, 26)
    assert f"its state is '{state.value}'" in found[ONE].message
    assert "its state is 'no message'" in found["ldfd01010"].message
    assert found[TWO].outcome is SyncOutcome.SYNCED
    assert not [key for key in files(target) if ONE in key]


def test_a_dataset_whose_run_is_at_work_again_waits(source: MemoryStore, target: DirectoryStore) -> None:
    publish_dataset(source, ONE)
    source.put_bytes(f"messages/datasets-processing/{ONE}", b"{}")
    assert sync(source, target) == {}
    assert sync(source, target, ONE)[ONE].outcome is SyncOutcome.FAILED


@pytest.mark.parametrize(
    ("key", "data", "message"),
    [
        (f"{HOME}{ONE}_flt.fits", None, "_flt.fits' is missing"),
        (f"{HOME}{ONE}_flt.fits", b"short", "_flt.fits' has 5 bytes, and 1600 in the record"),
        (f"{HOME}{ONE}_flt.fits", FILES["x_flt.fits"][:-1] + b"!", "its checksum differs"),
        (RECORD, b"{", "record.json is damaged"),
        (RECORD, b"\xff", "record.json is damaged"),
    ],
)
def test_what_is_not_whole_in_the_source_does_not_arrive(
    source: MemoryStore, target: DirectoryStore, key: str, data: bytes | None, message: str
) -> None:
    publish_dataset(source, ONE)
    publish_dataset(source, TWO)
    if data is None:
        del source.objects[key]
    else:
        source.objects[key] = data
    found = sync(source, target)
    assert (found[ONE].outcome, found[ONE].status) == (SyncOutcome.FAILED, 26)
    assert message in found[ONE].message
    assert found[TWO].outcome is SyncOutcome.SYNCED, "one dataset keeps no other from it"
    assert not [key for key in files(target) if ONE in key and not key.startswith("data/cos/.")]


@pytest.mark.parametrize(
    "key",
    ["data/cos/lsim01010/../../../etc/passwd", "/etc/passwd", "data/cos/lsim01020/x.fits", "data/cos/lsim01010/a\nb"],
)
def test_a_record_names_no_place_elsewhere(source: MemoryStore, target: DirectoryStore, key: str) -> None:
    publish_dataset(source, ONE)
    text = source.objects[RECORD].decode().replace(f"{HOME}{ONE}_x1d.fits", key.replace("\n", "\\n"))
    source.objects[RECORD] = text.encode()
    source.objects[key] = FILES["x_x1d.fits"]
    found = sync(source, target)
    assert "is no key of a file of this dataset" in found[ONE].message
    assert files(target) == {}


def test_objects_of_nobody_stay_where_they_are(source: MemoryStore, target: DirectoryStore) -> None:
    publish_dataset(source, ONE)
    source.put_bytes(f"{HOME}notes.txt", b"by hand")
    sync(source, target)
    assert f"{HOME}notes.txt" not in files(target)


@pytest.mark.parametrize("after", range(1, 6))
def test_what_was_interrupted_is_taken_up(source: MemoryStore, target: DirectoryStore, after: int) -> None:
    objects = publish_dataset(source, ONE)
    reads = 0

    class Killed(BaseException):
        pass

    def kill(action: str, key: str) -> None:
        nonlocal reads
        reads += action == "get" and key.startswith(HOME) and key != RECORD
        if reads == after:
            raise Killed

    source.trouble = kill
    serial = SyncOutput(source, target, 1)
    with pytest.raises(Killed):
        serial(tell=lambda _event: None)
    assert not [key for key in files(target) if key.startswith(("messages/", HOME))]
    source.trouble = lambda _action, _key: None
    found = sync(source, target)
    assert found[ONE].outcome is SyncOutcome.SYNCED
    assert found[ONE].fetched <= len(objects) - after + 1, "what is there is not fetched again"
    assert {key: files(target)[key] for key in objects} == objects
    assert not [key for key in files(target) if "/." in key]


def test_files_of_an_interrupted_sync_count_if_they_are_whole_and_of_this_version(
    source: MemoryStore, target: DirectoryStore
) -> None:
    objects = publish_dataset(source, ONE, {"x_a.fits": b"old a", "x_b.fits": b"old b"})

    class Killed(BaseException):
        pass

    def kill(action: str, key: str) -> None:
        if action == "get" and key.endswith("x1d.png"):
            raise Killed

    source.trouble = kill
    with pytest.raises(Killed):
        SyncOutput(source, target, 1)(tell=lambda _event: None)
    (staged,) = {path.parent for path in target.root.rglob(".*/*_a.fits")}
    (staged / f"{ONE}_a.fits").write_bytes(b"dam a")
    source.trouble = lambda _action, _key: None
    assert sync(source, target)[ONE].fetched == 2, "the damaged one, and the one that had not come"
    assert {key: files(target)[key] for key in objects} == objects


@pytest.mark.parametrize("with_record", [True, False])
def test_nothing_of_an_earlier_version_is_taken_up(
    source: MemoryStore, target: DirectoryStore, with_record: bool
) -> None:
    publish_dataset(source, ONE, with_record=with_record)
    stale = f"data/cos/.{ONE}.sync-00000000/"
    for key, data in tuple(source.objects.items()):
        if key.startswith(HOME):
            target.put_bytes(stale + key.removeprefix(HOME), data[::-1])
    assert sync(source, target)[ONE].outcome is SyncOutcome.SYNCED
    arrived = files(target)
    assert {key: data for key, data in arrived.items() if key.startswith("data/")} == {
        key: data for key, data in source.objects.items() if key.startswith("data/")
    }


def test_a_sync_that_was_killed_before_its_messages_says_them(source: MemoryStore, target: DirectoryStore) -> None:
    objects = publish_dataset(source, ONE)
    for key, data in objects.items():
        target.put_bytes(key, data)
    found = sync(source, target)
    assert (found[ONE].outcome, found[ONE].fetched) == (SyncOutcome.SYNCED, 0)
    target.delete(SYNCED)
    target.put_bytes(f"{HOME}{ONE}_flt.fits", FILES["x_flt.fits"][::-1])
    assert sync(source, target)[ONE].fetched == len(objects), "what was damaged meanwhile is fetched again"
    assert files(target)[f"{HOME}{ONE}_flt.fits"] == FILES["x_flt.fits"]


def test_what_was_processed_again_replaces_what_was_fetched(source: MemoryStore, target: DirectoryStore) -> None:
    publish_dataset(source, ONE)
    sync(source, target)
    new = publish_dataset(source, ONE, {"x_sum.fits": b"new"}, run=LATER)
    assert sync(source, target)[ONE].outcome is SyncOutcome.SYNCED
    assert {key: data for key, data in files(target).items() if key.startswith("data/")} == new
    assert files(target)[SYNCED].decode().splitlines() == [str(target.root / key) for key in sorted(new)]


def test_what_changes_while_it_is_fetched_does_not_arrive(source: MemoryStore, target: DirectoryStore) -> None:
    publish_dataset(source, ONE)
    new: dict[str, bytes] = {}

    def process_again(action: str, key: str) -> None:
        if action == "get" and key.endswith("_x1d.png"):
            source.trouble = lambda _action, _key: None
            new.update(publish_dataset(source, ONE, run=LATER))

    source.trouble = process_again
    found = sync(source, target)
    assert found[ONE].outcome is SyncOutcome.FAILED
    assert "has changed" in found[ONE].message or "checksum differs" in found[ONE].message
    assert not [key for key in files(target) if key.startswith(("messages/", HOME))]
    assert sync(source, target)[ONE].outcome is SyncOutcome.SYNCED
    assert {key: data for key, data in files(target).items() if key.startswith("data/")} == new


def test_what_the_archive_has_is_left_alone(source: MemoryStore, target: DirectoryStore) -> None:
    publish_dataset(source, ONE)
    sync(source, target)
    target.put_bytes(ARCHIVED, b"ingested as 17\n")
    assert sync(source, target)[ONE].outcome is SyncOutcome.THERE
    publish_dataset(source, ONE, {"x_sum.fits": b"new"}, run=LATER)
    before = files(target)
    found = sync(source, target)
    assert found[ONE].outcome is SyncOutcome.FAILED
    assert "after the archive had acknowledged" in found[ONE].message
    assert files(target) == before
    assert sync(source, target, again=True)[ONE].outcome is SyncOutcome.SYNCED
    assert files(target)[f"{HOME}{ONE}_sum.fits"] == b"new"
    assert ARCHIVED not in files(target)


def test_what_was_removed_after_it_was_synced_comes_back_on_request(
    source: MemoryStore, target: DirectoryStore
) -> None:
    objects = publish_dataset(source, ONE)
    sync(source, target)
    for key in objects:
        target.delete(key)
    assert sync(source, target)[ONE].outcome is SyncOutcome.GONE
    assert sync(source, target, again=True)[ONE].outcome is SyncOutcome.SYNCED
    assert {key: files(target)[key] for key in objects} == objects


@pytest.mark.parametrize("state", [MessageState.PROCESSED, MessageState.ERROR, MessageState.PROCESSING])
def test_what_was_made_in_the_directory_is_not_replaced(
    source: MemoryStore, target: DirectoryStore, state: MessageState
) -> None:
    publish_dataset(source, ONE)
    publish_dataset(target, ONE, {"x_own.fits": b"own"}, run=LATER, state=state)
    before = files(target)
    found = sync(source, target)
    assert (found[ONE].outcome, found[ONE].status) == (SyncOutcome.FAILED, 1)
    assert files(target) == before


def test_a_source_that_another_downloader_has_marked_is_fetched(source: MemoryStore, target: DirectoryStore) -> None:
    """Earlier downloaders moved the message of the bucket from processed to synced."""
    publish_dataset(source, ONE, state=MessageState.SYNCED)
    assert sync(source, target)[ONE].outcome is SyncOutcome.SYNCED
    assert files(target)[PROCESSED] == b""


def test_a_source_that_cannot_be_listed_is_an_error(source: MemoryStore, target: DirectoryStore) -> None:
    def refuse(action: str, key: str) -> None:
        raise PublishError("s3://bucket cannot be read: access is denied.")

    source.trouble = refuse
    with pytest.raises((PublishError, DownloadError), match="access is denied"):
        sync(source, target)


def test_a_source_that_fails_for_one_dataset_has_the_status_of_a_download(
    source: MemoryStore, target: DirectoryStore
) -> None:
    def refuse(action: str, key: str) -> None:
        if key == RECORD:
            raise PublishError("record.json cannot be read: access is denied.")

    publish_dataset(source, ONE)
    source.trouble = refuse
    assert sync(source, target)[ONE].status == 26
