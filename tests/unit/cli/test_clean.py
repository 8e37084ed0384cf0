"""``caldp clean``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import caldp
from caldp.app.scratch.work_directory import leave_work_directory, make_work_directory
from caldp.cli.main import main
from caldp.domain.hst.dataset import DatasetName

DATASET = DatasetName.parse("ldfd01010")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("CALDP_HOME", raising=False)


@pytest.fixture
def failed(tmp_path: Path) -> Path:
    work = make_work_directory(DATASET, tmp_path / "home", run="run-1")
    (work.data / "x_raw.fits").write_bytes(bytes(2_000_000))
    leave_work_directory(work, ok=False, keep=False)
    return work.root


def test_lists_first_and_removes_then(
    failed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALDP_HOME", str(failed.parent))
    assert main(["clean", "--dry-run"]) == 0
    listed = capsys.readouterr().out
    assert str(failed) in listed
    assert "failed" in listed
    assert listed.splitlines()[-1] == "1 would be removed, 2.0 MB; 0 left."
    assert failed.exists()
    assert main(["clean"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 removed, 2.0 MB; 0 left."
    assert not failed.exists()
    assert main(["clean"]) == 0
    assert capsys.readouterr().out == "0 removed, 0 B; 0 left.\n"


def test_a_running_one_is_listed_and_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = make_work_directory(DATASET, tmp_path / "home")
    assert main(["clean", "file:home", "--all", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["path"], one["state"], one["may_go"], one["removed"]) == (str(work.root), "running", False, False)
    assert one["dataset"] == "ldfd01010"
    assert work.root.exists()
    leave_work_directory(work, ok=True, keep=False)


@pytest.mark.parametrize(
    ("place", "reason"),
    [("s3://bucket/x", "does not exist"), ("nowhere", "does not exist"), ("file", "is not a directory"), ("", "''")],
)
def test_nonsense_is_refused(place: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").touch()
    assert main(["clean", place]) == 2
    error = capsys.readouterr().err
    assert repr(place) in error
    assert reason in error


def test_the_library_does_it_too(failed: Path) -> None:
    (cleaned,) = caldp.clean_up([str(failed.parent)])
    assert cleaned.removed
    assert cleaned.leftover.size > 2_000_000
    assert not failed.exists()
