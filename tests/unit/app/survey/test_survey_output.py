"""Survey of an output from its keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from caldp.app.layouts import LAYOUTS
from caldp.app.survey.survey_output import survey_output
from caldp.calcloud.layout import CalcloudLayout
from caldp.cli.main import main
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category, LayoutKind, TreeLayout
from caldp.domain.output.lease import Lease, RunIdentity
from caldp.domain.output.messages import MessageState
from caldp.domain.output.survey import NO_MESSAGE, DatasetStatus, count_states, survey
from tests.fakes.object_store import MemoryStore

DATASETS = [DatasetName.parse(name) for name in ("j8cb010b0", "ldfd01010", "acs_8ph_01", "skycell-p2381x06y09")]


@pytest.fixture
def tree() -> MemoryStore:
    """Four datasets in four states, and objects that are nobody's."""
    store, layout = MemoryStore(clock=lambda: 0.0), TreeLayout()
    states = (MessageState.PROCESSED, MessageState.ERROR, MessageState.PROCESSING, MessageState.ARCHIVED)
    for dataset, state in zip(DATASETS, states, strict=True):
        store.put_bytes(layout.message_key(dataset, state), b"")
        store.put_bytes(layout.file_key(dataset, Category.PRODUCT, f"{dataset}_drz.fits"), b"12345")
        store.put_bytes(layout.file_key(dataset, Category.PREVIEW, f"{dataset}_drz.jpg"), b"1")
        store.put_bytes(layout.file_key(dataset, Category.ENVIRONMENT, f"{dataset}_cal_env.txt"), b"A=1")
        store.put_bytes(layout.log_key(dataset, "process.txt"), b"log")
    for key in (
        "data/readme.txt",
        "messages/x",
        "data/acs/notes/a.txt",
        "other/j8cb010b0",
        "messages/datasets-processed/",
    ):
        store.put_bytes(key, b"?")
    return store


def test_a_tree_tells_states_and_files(tree: MemoryStore) -> None:
    assert survey_output(tree) == tuple(
        DatasetStatus(
            name, state, products=1, product_bytes=5, previews=1, logs=1, age=0.0 if state == "processing" else None
        )
        for name, state in [
            ("acs_8ph_01", "processing"),
            ("j8cb010b0", "processed"),
            ("ldfd01010", "error"),
            ("skycell-p2381x06y09", "archived"),
        ]
    )


def test_calclouds_layout_tells_the_same_and_calclouds_own_messages() -> None:
    store, layout = MemoryStore(), CalcloudLayout()
    first, second, *_ = DATASETS
    store.put_bytes(layout.message_key(first, MessageState.PROCESSED), b"s3://...")
    store.put_bytes(layout.archive_key(first), b"0" * 100)
    store.put_bytes(layout.log_key(first, "process.txt"), b"log")
    store.put_bytes(f"messages/submit-{second.name}", b"")
    store.put_bytes("messages/cancel-all", b"")
    assert survey_output(store) == (
        DatasetStatus("j8cb010b0", "processed", products=1, product_bytes=100, logs=1),
        DatasetStatus("ldfd01010", "submit"),
    )


@pytest.mark.parametrize("kind", LayoutKind)
def test_single_datasets_are_asked_for_by_their_own_keys(kind: LayoutKind) -> None:
    store, layout = MemoryStore(), LAYOUTS[kind]
    for number in range(50):
        store.put_bytes(layout.message_key(DatasetName.parse(f"j8cb{number:02}010"), MessageState.PROCESSED), b"")
    wanted = [DatasetName.parse(name) for name in ("J8CB01010", "j8cb99010")]
    found = survey_output(store, wanted)
    assert [(one.name, one.state) for one in found] == [("j8cb01010", "processed"), ("j8cb99010", NO_MESSAGE)]


def test_of_several_messages_the_most_cautious_counts() -> None:
    keys = ["messages/datasets-processed/j8cb010b0", "messages/datasets-processing/j8cb010b0"]
    assert [one.state for one in survey([(key, 0) for key in keys], LAYOUTS.values())] == ["processing"]


OWNER = RunIdentity("20261125T200000Z-0a1b2c3d", host="node7", pid=42, started="2026-11-25T20:00:00+00:00")


@pytest.mark.parametrize("kind", LayoutKind)
@pytest.mark.parametrize("asked_for", [False, True], ids=["all", "one"])
@pytest.mark.parametrize(
    ("age", "state", "heard"), [(5.0, "processing", "5 s"), (119.0, "processing", "119 s"), (7300.0, "lost", "2 h")]
)
def test_who_is_at_work_and_who_is_lost(kind: LayoutKind, asked_for: bool, age: float, state: str, heard: str) -> None:
    now, layout, dataset = [0.0], LAYOUTS[kind], DATASETS[0]
    store = MemoryStore(clock=lambda: now[0])
    store.put_bytes(layout.message_key(dataset, MessageState.PROCESSING), Lease(OWNER, 120.0).to_bytes())
    store.put_bytes(layout.message_key(dataset, MessageState.PROCESSED), b"")
    store.put_bytes(f"{layout.prefix(dataset)}j8cb010b0.tar.gz", b"earlier")
    now[0] = age
    (one,) = survey_output(store, [dataset] if asked_for else [])
    assert (one.state, one.earlier, one.age) == (state, "processed", age)
    assert one.claim is not None
    assert one.claim.owner == OWNER
    assert one.remark == (
        "run 20261125T200000Z-0a1b2c3d (pid 42 on node7, since 2026-11-25T20:00:00+00:00), "
        f"heard of {heard} ago; an earlier run's products are in place (processed)"
    )


@pytest.mark.parametrize("body", [b"", b"processing-j8cb010b0\n", b"\xff", b"[" * 10_000])
def test_a_message_that_names_no_run_has_an_age_only(body: bytes) -> None:
    store = MemoryStore(clock=lambda: 0.0)
    store.put_bytes("messages/processing-j8cb010b0", body)
    (one,) = survey_output(store)
    assert (one.state, one.claim, one.remark) == ("processing", None, "by a run that is not named, begun 0 s ago")


@pytest.mark.parametrize("kind", LayoutKind)
@pytest.mark.parametrize(
    ("record", "words"),
    [(b'{"status": 23}', " with status 23"), (b"{", ""), (b"[]", ""), (b'{"status": "?"}', ""), (None, "")],
)
def test_the_last_of_the_failed_attempts_is_shown(kind: LayoutKind, record: bytes | None, words: str) -> None:
    store, layout, dataset = MemoryStore(), LAYOUTS[kind], DATASETS[0]
    store.put_bytes(layout.message_key(dataset, MessageState.PROCESSED), b"")
    store.put_bytes(f"{layout.prefix(dataset)}j8cb010b0.tar.gz", b"good")
    for run in ("20261124T000000Z-ffffffff", "20261125T000000Z-00000000"):
        log = layout.log_key(dataset, "process.txt").removeprefix(layout.prefix(dataset))
        store.put_bytes(f"attempts/j8cb010b0/{run}/{log}", b"log")
        if record is not None:
            store.put_bytes(f"attempts/j8cb010b0/{run}/{log.replace('process.txt', 'record.json')}", record)
    (one,) = survey_output(store)
    assert (one.state, one.products, one.logs) == ("processed", 1, 0)
    assert one.remark == f"last attempt failed{words}, see attempts/j8cb010b0/20261125T000000Z-00000000"


def test_what_does_not_fit_together_is_remarked() -> None:
    (empty,) = survey([("messages/datasets-processed/j8cb010b0", 0)], LAYOUTS.values())
    (silent,) = survey([("data/acs/j8cb010b0/j8cb010b0_drz.fits", 5)], LAYOUTS.values())
    assert empty.remark == "processed, but nothing is there"
    assert silent.remark == "products without a message"


def test_states_are_counted_the_most_frequent_first() -> None:
    statuses = [DatasetStatus("a", "error"), DatasetStatus("b", "processed"), DatasetStatus("c", "processed")]
    assert list(count_states(statuses).items()) == [("processed", 2), ("error", 1)]


def test_the_command_prints_a_table_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for key in (
        "messages/datasets-processed/j8cb010b0",
        "messages/datasets-error/ldfd01010",
        "data/acs/j8cb010b0/a.fits",
    ):
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(b"12")
    assert main(["status", f"file:{tmp_path}"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["j8cb010b0", "processed", "1", "2", "B", "0", "0", "0"]
    assert lines[-1] == "2 datasets: 1 error, 1 processed"
    assert main(["status", f"file:{tmp_path}", "--state", "error", "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["ldfd01010"]


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["file:nowhere"], 1, "There is no output directory 'nowhere'."),
        (["none"], 2, "none holds nothing."),
        (["outputs"], 1, "There is no output directory 'outputs'."),
        (["file:.", "j8"], 2, "is not the name of an HST dataset"),
    ],
)
def test_what_cannot_be_looked_at_is_said_to_be_so(
    words: list[str], status: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", *words]) == status
    assert sentence in capsys.readouterr().err
