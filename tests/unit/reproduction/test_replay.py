"""Replays: the request that a lock makes, and what is refused before anything runs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

import caldp
from caldp.adapters.fits.digest import file_digest
from caldp.domain.calibration.astrometry import Astrometry
from caldp.domain.comparison.agreement import Agreement
from caldp.domain.errors import InvalidLock, UsageError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.lock.entries import LockedProduct
from caldp.domain.lock.make import make_lock
from caldp.domain.run.outcome import Outcome, PublishReceipt
from caldp.domain.run.record import FileRecord, RunRecord
from caldp.reproduction.replay import _locked
from tests.support.locked import RECORDED

LOCK = make_lock(RECORDED)


@pytest.mark.parametrize(("locked", "use"), [("auto", Astrometry.ON), ("on", Astrometry.ON), ("off", Astrometry.OFF)])
def test_a_request_gets_what_the_lock_says_and_asks_nobody(locked: str, use: Astrometry, tmp_path: Path) -> None:
    request = caldp.make_request(
        "lsim01010", tmp_path, "none", overrides={"crds_context": "hst_9999.pmap", "timeout": 7.0, "csys_ver": "9"},
        environment={},
    )  # fmt: skip
    settings = _locked(request, evolve(LOCK, settings={**LOCK.settings, "astrometry": locked})).settings
    assert (settings.crds_context, settings.astrometry, settings.csys_ver) == ("hst_0001.pmap", use, "1")
    assert settings.engine_environment == LOCK.variables
    assert settings.timeout == 7.0


def test_a_lock_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.lock.json"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(InvalidLock, match="It has 1073741824 bytes"):
        caldp.replay(path, tmp_path, "none")


def test_a_verification_has_two_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="verify is 'nearly'") as caught:
        caldp.replay(LOCK, tmp_path, "none", verify="nearly")
    assert caught.value.advice == "Expected exact or tolerance."


def test_a_file_that_would_not_take_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="used no file of the user's own as FLATFILE"):
        caldp.replay(LOCK, tmp_path, "none", overrides={"reference_overrides": {"flatfile": str(tmp_path / "x.fits")}})


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot be read: no such file"), (b"\xff", "is no text"), (b"{}", "It is no lock of schema 1")],
)
def test_a_lock_that_is_none_is_named(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.lock.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidLock, match=rf"x\.lock\.json'.*{message}"):
        caldp.replay(path, tmp_path, "none")


def test_variables_of_the_caller_and_of_a_script_do_not_steer_engines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "mine.sh"
    script.write_text("export OMP_NUM_THREADS=7 AWS_REGION=us-east-1\n")
    seen: list[dict[str, str]] = []

    def pipeline(_lock: object, _request: object, environment: dict[str, str], _own: object) -> object:
        seen.append(environment)
        raise InterruptedError

    monkeypatch.setattr("caldp.reproduction.replay._pipeline", pipeline)
    with pytest.raises(InterruptedError):
        caldp.replay(
            LOCK, tmp_path, "none", profile=str(script),
            environment={"PATH": os.environ["PATH"], "ASTROMETRY_APPLY_APRIORI": "on", "MALLOC_ARENA_MAX": "1"},
        )  # fmt: skip
    assert seen[0]["AWS_REGION"] == "us-east-1"
    assert not seen[0].keys() & {"OMP_NUM_THREADS", "ASTROMETRY_APPLY_APRIORI", "MALLOC_ARENA_MAX"}


def made(directory: Path, value: float) -> FileRecord:
    """Put a product into an output, and describe it as a record does."""
    path = directory / "data" / "cos" / "lsim01010" / "lsim01010_x1dsum.fits"
    path.parent.mkdir(parents=True)
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.full(5, value), name="SCI")]).writeto(path)
    digest = file_digest(path)
    return FileRecord(path.name, digest.size, sha256=digest.sha256, hdus=digest.hdus)


@pytest.mark.parametrize(
    ("value", "against", "agreement", "ok"),
    [
        (1.0, "", Agreement.EXACT, True),
        (1.0 + 1e-9, "locked", Agreement.WITHIN, True),
        (1.0 + 1e-9, "", Agreement.DIFFERENT, False),
        (2.0, "locked", Agreement.DIFFERENT, False),
    ],
)
def test_products_of_the_locked_run_tell_how_much_differs(
    value: float, against: str, agreement: Agreement, ok: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, again = made(tmp_path / "locked", 1.0), made(tmp_path / "again", value)
    lock = evolve(LOCK, products=(LockedProduct(locked.name, locked.hdus),))
    record = RunRecord(
        "run", DatasetName.parse("lsim01010"), ExitCode.SUCCESS, datetime(2026, 11, 26, tzinfo=UTC), "file:in",
        f"file:{tmp_path / 'again'}", "onsite", "tree", products=(again,), programs=RECORDED.programs,
    )  # fmt: skip
    outcome = Outcome(ExitCode.SUCCESS, record, PublishReceipt(str(tmp_path / "again")))
    monkeypatch.setattr("caldp.reproduction.replay._pipeline", lambda *_parts: lambda _listener: outcome)
    place = str(tmp_path / against) if against else ""
    found = caldp.replay(lock, tmp_path, tmp_path / "again", verify="tolerance", against=place, environment={})
    assert (found.agreement, found.ok) == (agreement, ok)
    if against:
        (difference,) = found.products[0].hdus[0].values
        assert difference.ratio == pytest.approx(value)
