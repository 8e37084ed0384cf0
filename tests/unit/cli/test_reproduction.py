"""``caldp lock``, ``replay`` and ``capsule``: files written, and answers to what is no lock, record or capsule."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from caldp.cli.main import main
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.lock.lock import Lock
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.record import FileRecord, RunRecord
from tests.support.locked import HDUS


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an output of one dataset, beside which the user works."""
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "out" / "data" / "cos" / "lsim01010"
    (home / "logs").mkdir(parents=True)
    (home / "lsim01010_x1dsum.fits").write_bytes(b"SIMPLE")
    record = RunRecord(
        "run", DatasetName.parse("lsim01010"), ExitCode.SUCCESS, datetime(2026, 11, 26, tzinfo=UTC), "file:in",
        "file:out", "onsite", "tree", context="hst_0001.pmap",
        inputs=(FileRecord("lsim01010_asn.fits", 6, sha256="1" * 64),),
        products=(FileRecord("lsim01010_x1dsum.fits", 6, sha256="2" * 64, hdus=HDUS),),
        programs=(EngineIdentity("calcos", "/bin/calcos", "3.6.2", "abc"),),
    )  # fmt: skip
    (home / "logs" / "record.json").write_text(record.to_json())
    return tmp_path


def test_a_lock_is_printed_or_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lock", "out"]) == 0
    printed = capsys.readouterr().out
    assert main(["lock", "out", "lsim01010", "-o", "x.lock.json"]) == 0
    assert (here / "x.lock.json").read_text() == printed
    assert Lock.from_json(printed).context == "hst_0001.pmap"
    assert {path.name for path in here.iterdir()} == {"out", "x.lock.json"}


def edited(record: Path, **changes: object) -> None:
    record.write_text(json.dumps(json.loads(record.read_text()) | changes))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lock", "gone"], "There is no"),
        (["lock", "out", "ldfd01010"], "does not hold ldfd01010"),
        (["lock", "out", "-o", "no/such/place.json"], "cannot be written: no such file or directory"),
        (["lock", "failed.json"], "ended with status 23"),
        (["lock", "old.json"], "lacks digests of lsim01010_x1dsum.fits"),
        (["replay", "gone.json", "in", "none"], "'gone.json' cannot be read"),
        (["replay", "out", "in", "none"], "cannot be read: is a directory"),
        (["replay", "failed.json", "in", "none"], "It is no lock of schema 1"),
        (["replay", "x.json", "in", "none", "-q", "-v"], "contradict each other"),
        (["capsule", "verify", "gone.zip"], "'gone.zip' cannot be read: no such file"),
        (["capsule", "verify", "out"], "cannot be read"),
        (["capsule", "run", "failed.json", "none"], "'failed.json' is no capsule, or damaged"),
        (["capsule", "create", "out", "lsim01010", "-o", "x.zip"], "does not have the mapping hst_0001.pmap"),
    ],
)
def test_what_cannot_be_used_is_named(
    words: list[str], message: str, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRDS_PATH", str(here / "cache"))
    record = here / "out" / "data" / "cos" / "lsim01010" / "logs" / "record.json"
    for name in ("failed.json", "old.json"):
        (here / name).write_text(record.read_text())
    edited(here / "failed.json", status=23)
    old = json.loads(record.read_text())["products"]
    edited(here / "old.json", products=[{**file, "hdus": [], "sha256": ""} for file in old])
    assert main(words) in (2, 27)
    error = capsys.readouterr().err
    assert message in error
    assert "bug" not in error
