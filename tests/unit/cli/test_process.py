"""``caldp process``: what a user sees of a run that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.cli.main import main


@pytest.mark.parametrize(
    ("options", "traceback"), [([], False), (["--verbose"], True), (["--debug"], True), (["--debug", "--quiet"], False)]
)
def test_a_failure_is_a_sentence_and_its_traceback_is_shown_on_demand(
    options: list[str],
    traceback: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CALDP_HOME", str(tmp_path / "home"))
    words = ["process", "ldfd01010", f"file:{tmp_path / 'nowhere'}", f"file:{tmp_path / 'out'}", *options]
    assert main(words) == 21
    shown = capsys.readouterr().err
    assert f"There is no input directory {str(tmp_path / 'nowhere')!r}." in shown
    assert ("Traceback" in shown) is traceback
    assert "Traceback" in next(tmp_path.glob("out/data/cos/ldfd01010/logs/process.txt")).read_text()
