"""``caldp constraints`` in-process."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from caldp.cli.main import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def file(capsys: Capture) -> Path:
    assert main(["constraints", "--path"]) == 0
    return Path(capsys.readouterr().out.rstrip("\n"))


def test_the_lines_are_those_of_the_file(file: Path, capsys: Capture) -> None:
    """The name secretstorage looks like that of a credential, and its version must be there all the same."""
    assert main(["constraints"]) == 0
    assert capsys.readouterr().out == file.read_text(encoding="utf-8")


def test_every_line_says_which_version(file: Path) -> None:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    assert "secretstorage" in {Requirement(line).name for line in lines}
    assert [line for line in lines if not str(Requirement(line).specifier).startswith("==")] == []
