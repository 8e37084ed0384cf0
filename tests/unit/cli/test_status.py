"""``caldp status`` in-process: words that cannot be meant are refused, and what is there is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.cli.main import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An output with a dataset that is processed and one that failed."""
    monkeypatch.chdir(tmp_path)
    messages = tmp_path / "out" / "messages"
    for state, name in (("processed", "j8cb010b0"), ("error", "ldfd01010")):
        (messages / f"datasets-{state}").mkdir(parents=True)
        (messages / f"datasets-{state}" / name).touch()
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("words", "sentences"),
    [
        (["--state", "foo"], ["'foo' is not a state of a dataset.", "States are processing, processed, error"]),
        (["--state", "Eror"], ["Did you mean 'error'?"]),
        (["--state", "submit+eror"], ["'eror' is not a state"]),
    ],
)
def test_a_state_that_is_none_is_refused(words: list[str], sentences: list[str], output: Path, capsys: Capture) -> None:
    assert main(["status", str(output), *words]) == 2
    assert all(sentence in capsys.readouterr().err for sentence in sentences[:1])


def test_a_state_is_the_only_one_that_is_shown(output: Path, capsys: Capture) -> None:
    assert main(["status", str(output), "--state", "error"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 dataset: 1 error"
    assert main(["status", str(output), "--state", "archived"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 datasets"


@pytest.mark.parametrize("words", [[], ["j8cb010b0"]])
def test_a_directory_that_is_no_output_is_refused(words: list[str], tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "data" / "notes").mkdir(parents=True)
    (tmp_path / "data" / "notes" / "a.txt").touch()
    assert main(["status", str(tmp_path), *words]) == 1
    assert f"'{tmp_path}' is not an output of caldp" in capsys.readouterr().err


def test_an_output_with_nothing_but_a_batch_is_one(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "batches" / "3f2a91c4d0e7").mkdir(parents=True)
    (tmp_path / "batches" / "3f2a91c4d0e7" / "batch.json").touch()
    assert main(["status", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 datasets"


def test_blanks_around_a_name_are_no_part_of_it(output: Path, capsys: Capture) -> None:
    assert main(["status", str(output), " J8CB010B0\n"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 dataset: 1 processed"
