"""Tests that need what is missing are skipped, but in CI they fail: no green run has quietly left them out.

And tests have the same names whenever they are collected, so that workers can share them out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with no data beside it, and a test for each marker."""
    tests = tmp_path / "repository" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(CONFTEST, tests)
    for marker in ("shared_data", "hstcal", "s3_bucket"):
        (tests / f"test_{marker}.py").write_text(f"import pytest\n@pytest.mark.{marker}\ndef test_it():\n    pass\n")
    return tests.parent


@pytest.mark.parametrize(
    ("marker", "ci", "outcome"),
    [
        ("shared_data", "", "1 skipped"),
        ("shared_data", "true", "1 error"),
        ("hstcal", "true", "1 skipped"),
        ("s3_bucket", "true", "1 skipped"),
    ],
)
def test_a_need_that_is_not_met(repository: Path, marker: str, ci: str, outcome: str) -> None:
    environment = {"PATH": os.defpath, "CI": ci}
    arguments = ["-p", "no:cacheprovider", "-W", "ignore", f"tests/test_{marker}.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=repository, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome in done.stdout.splitlines()[-1], done.stdout


def test_bytes_that_hold_the_time_are_in_no_name(repository: Path) -> None:
    (repository / "tests" / "test_bytes.py").write_text(
        "import gzip, pytest\n@pytest.mark.parametrize('head', [gzip.compress(b''), b'SIMPLE'])\n"
        "def test_it(head):\n    pass\n"
    )
    arguments = ["-p", "no:cacheprovider", "--collect-only", "-q", "tests/test_bytes.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], cwd=repository, capture_output=True, text=True, check=False
    )
    names = [line.partition("::")[2] for line in done.stdout.splitlines() if "::" in line]
    assert names == ["test_it[head]", "test_it[SIMPLE]"]
