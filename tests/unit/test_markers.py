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


def collected(repository: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "ignore", *arguments],
        cwd=repository, env={**os.environ, **environ}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_founding_readmes_command_means_all_tests(repository: Path) -> None:
    done = collected(repository, "caldp", "--capture=tee-sys", "--collect-only", "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len([line for line in done.stdout.splitlines() if "::" in line]) == 3


def test_a_sourced_configuration_changes_no_test(repository: Path) -> None:
    (repository / "tests" / "test_one.py").write_text(
        "import os\nassert not {'CRDS_PATH', 'jref', 'CALDP_PROFILE_ENV'} & os.environ.keys()\ndef test_it(): pass\n"
    )
    sourced = {"CRDS_PATH": "/c", "jref": "/c/references/hst/acs/", "CALDP_PROFILE_ENV": "offsite"}
    done = collected(repository, "--collect-only", "tests/test_one.py", **sourced)
    assert done.returncode == 0, done.stdout


def test_options_of_the_founding_readmes_command_are_understood(tmp_path: Path) -> None:
    """``--markers`` reads the whole command line and runs nothing.

    It begins a measurement all the same, which deletes the data of an earlier one, such as the one that measures this.
    """
    root = CONFTEST.parents[1]
    words = ("caldp", "--cov=caldp", "--cov-fail-under", "80", "--capture=tee-sys", "--markers")
    done = collected(root, *words, COVERAGE_FILE=str(tmp_path / "coverage"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "@pytest.mark.shared_data" in done.stdout
