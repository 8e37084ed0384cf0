"""What an output holds, told from its keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from caldp.app.survey_output import survey_output
from caldp.cli.main import main
from caldp.domain.dataset import DatasetName
from caldp.domain.layout import CalcloudLayout, Category, LayoutKind, TreeLayout, layout_of
from caldp.domain.messages import MessageState
from caldp.domain.survey import NO_MESSAGE, DatasetStatus, count_states, survey
from tests.fakes.store import MemoryStore

DATASETS = [DatasetName.parse(name) for name in ("j8cb010b0", "ldfd01010", "acs_8ph_01", "skycell-p2381x06y09")]


@pytest.fixture
def tree() -> MemoryStore:
    """Four datasets in four states, and objects that are nobody's."""
    store, layout = MemoryStore(), TreeLayout()
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
        DatasetStatus(name, state, products=1, product_bytes=5, previews=1, logs=1)
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
    store, layout = MemoryStore(), layout_of(kind)
    for number in range(50):
        store.put_bytes(layout.message_key(DatasetName.parse(f"j8cb{number:02}010"), MessageState.PROCESSED), b"")
    wanted = [DatasetName.parse(name) for name in ("J8CB01010", "j8cb99010")]
    found = survey_output(store, wanted)
    assert [(one.name, one.state) for one in found] == [("j8cb01010", "processed"), ("j8cb99010", NO_MESSAGE)]


def test_of_several_messages_the_most_cautious_counts() -> None:
    keys = ["messages/datasets-processed/j8cb010b0", "messages/datasets-processing/j8cb010b0"]
    assert [one.state for one in survey((key, 0) for key in keys)] == ["processing"]


def test_what_does_not_fit_together_is_remarked() -> None:
    (empty,) = survey([("messages/datasets-processed/j8cb010b0", 0)])
    (silent,) = survey([("data/acs/j8cb010b0/j8cb010b0_drz.fits", 5)])
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
    assert lines[1].split() == ["j8cb010b0", "processed", "1", "2", "B", "0", "0"]
    assert lines[-1] == "2 datasets: 1 error, 1 processed"
    assert main(["status", f"file:{tmp_path}", "--state", "error", "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["ldfd01010"]


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["file:nowhere"], 1, "There is no output directory 'nowhere'."),
        (["none"], 2, "none holds nothing."),
        (["outputs"], 2, "Did you mean file:outputs"),
        (["file:.", "j8"], 2, "is not the name of an HST dataset"),
    ],
)
def test_what_cannot_be_looked_at_is_said_to_be_so(
    words: list[str], status: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", *words]) == status
    assert sentence in capsys.readouterr().err
