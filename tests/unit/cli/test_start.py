"""Start of the command."""

from __future__ import annotations

import pytest

from caldp.cli.start import is_run


@pytest.mark.parametrize(
    "words", ["process ldfd01010", "--debug process ldfd01010 inputs out", "process ldfd01010 . none --dry-run"]
)
def test_commands_that_process(words: str) -> None:
    assert is_run(words.split())


@pytest.mark.parametrize("words", ["", "--help", "process --help", "process -h", "status out process", "explain 23"])
def test_commands_that_do_not(words: str) -> None:
    assert not is_run(words.split())
