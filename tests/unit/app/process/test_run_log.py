"""Logs hold what a run told, in the file it belongs to, as soon as it was told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from caldp.app.process.run_log import RunLog
from caldp.domain.run.events import EngineLine, Level, Note, Step, StepEnded, StepStarted, Transfer


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RunLog]:
    log = RunLog(tmp_path)
    yield log
    log.close()


def test_engine_lines_are_kept_as_they_are_and_on_disk_at_once(log: RunLog, tmp_path: Path) -> None:
    log(StepStarted(Step.CALIBRATE))
    log(EngineLine("calcos", "  FLATCORR  PERFORM"))
    assert "\n  FLATCORR  PERFORM\n" in (tmp_path / "process.txt").read_text()


def test_lines_of_several_engines_at_once_say_their_exposure(log: RunLog, tmp_path: Path) -> None:
    log(EngineLine("calcos", "  FLATCORR  OMIT", "ldfd01vnq"))
    assert (tmp_path / "process.txt").read_text() == "[ldfd01vnq]   FLATCORR  OMIT\n"


def test_the_preview_step_has_a_log_of_its_own(log: RunLog, tmp_path: Path) -> None:
    for event in (
        Note("before"),
        StepStarted(Step.PREVIEW),
        Note("drawn: x.jpg"),
        StepEnded(Step.PREVIEW, 1.0, ok=True),
        StepStarted(Step.PUBLISH),
        Note("after"),
    ):
        log(event)
    process, preview = ((tmp_path / name).read_text() for name in ("process.txt", "preview.txt"))
    assert "drawn: x.jpg" in preview
    assert "preview done after 1.0 s" in preview
    assert "before" in process
    assert "after" in process
    assert "drawn" not in process


def test_failed_steps_and_levels_can_be_searched_for(log: RunLog, tmp_path: Path) -> None:
    log(Note("x1d is missing", Level.ERROR))
    log(StepEnded(Step.CALIBRATE, 2.04, ok=False))
    lines = (tmp_path / "process.txt").read_text().splitlines()
    assert lines[0].endswith("ERROR x1d is missing")
    assert lines[1].endswith("calibrate FAILED after 2.0 s")


def test_transfers_are_not_logged(log: RunLog, tmp_path: Path) -> None:
    log(Transfer("x.fits", 10, 20))
    assert not (tmp_path / "process.txt").exists()


def test_text_that_is_not_unicode_is_logged_all_the_same(log: RunLog, tmp_path: Path) -> None:
    log(EngineLine("calacs.e", "caf\udce9"))
    assert "caf?" in (tmp_path / "process.txt").read_text()
