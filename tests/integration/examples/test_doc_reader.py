"""Examples that do not do what they say are noticed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.doc_blocks import Block, WronglyMarked, blocks, commands
from tests.support.doc_reader import ExampleFailed, Reader


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    directory = tmp_path / "work"
    directory.mkdir()
    return Reader(directory, {"PATH": os.environ["PATH"]}, tmp_path / "exports")


def page(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "page.md"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("console", "$ echo one\none\n$ echo a longer line\na ... line\n"),
        ("console", "$ export WORD=two; mkdir place; cd place\n$ echo $WORD \\\n  $(basename $PWD)\ntwo place\n"),
        ("python", "assert 1 + 1 == 2\n"),
        ("pycon", ">>> 1 + 1\n2\n"),
        ("sh", "false || true\ntrue\n"),
    ],
)
def test_what_is_true_is_believed(reader: Reader, language: str, text: str) -> None:
    reader.follow(Block("here", language, text))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("console", "$ echo one\ntwo\n"),
        ("console", "$ false\n$ true\n"),
        ("console", "$ false\n"),
        ("python", "assert 1 + 1 == 3\n"),
        ("pycon", ">>> 1 + 1\n3\n"),
        ("sh", "false\ntrue\n"),
    ],
)
def test_what_is_not_true_is_noticed(reader: Reader, language: str, text: str) -> None:
    with pytest.raises(ExampleFailed, match="here"):
        reader.follow(Block("here", language, text))


def test_a_page_says_which_status_is_meant(reader: Reader, tmp_path: Path) -> None:
    text = "<!-- example: status=3 -->\n```console\n$ sh ending.sh\n```\n"
    (block,) = blocks(page(tmp_path, text))
    (reader.directory / "ending.sh").write_text("exit 3")
    reader.follow(block)
    (reader.directory / "ending.sh").write_text("exit 0")
    with pytest.raises(ExampleFailed, match="status 0, and not 3"):
        reader.follow(block)


def test_a_file_is_written_with_the_text_that_is_shown(reader: Reader, tmp_path: Path) -> None:
    (block,) = blocks(
        page(tmp_path, "1. one\n\n    <!-- example: file=a/b.toml -->\n    ```toml\n    x = 1\n    ```\n")
    )
    reader.follow(block)
    assert (reader.directory / "a" / "b.toml").read_text() == "x = 1\n"


def test_output_alone_is_no_example(tmp_path: Path) -> None:
    assert not list(blocks(page(tmp_path, "```text\nout/data\n```\n\n```\nx\n```\n\n```json\n{}\n```\n")))


@pytest.mark.parametrize("language", ["toml", "shell", "py"])
@pytest.mark.parametrize("mark", ["", "<!-- example: not run: -->", "<!-- example: later -->"])
def test_what_is_not_run_says_why(tmp_path: Path, mark: str, language: str) -> None:
    with pytest.raises(WronglyMarked, match=r"page\.md:"):
        list(blocks(page(tmp_path, f"{mark}\n```{language}\nx = 1\n```\n")))


def test_the_reason_is_kept(tmp_path: Path) -> None:
    (block,) = blocks(page(tmp_path, "<!-- example: not run: needs\n a cloud -->\n```sh\nrain\n```\n"))
    assert block.not_run == "needs a cloud"


def test_a_console_block_begins_with_a_command() -> None:
    with pytest.raises(WronglyMarked):
        commands(Block("here", "console", "caldp --help\n"))
