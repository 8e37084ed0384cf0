"""``caldp demo`` as far as it needs no engine."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

import pytest

from caldp.cli.demo import Choice, complete_fault
from caldp.cli.main import main
from caldp.demo.demonstration import plain_run
from caldp.demo.faults import FAULTS
from caldp.demo.report import fault_text, places_of, success_text
from caldp.simulation import DATASETS
from caldp.simulation.comparison import Comparison, Fit

Capture = pytest.CaptureFixture[str]


def test_every_fault_is_listed_with_its_status(capsys: Capture) -> None:
    assert main(["demo", "--list-faults"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["FAULT", *FAULTS]
    assert lines[list(FAULTS).index("engine-killed") + 1].split()[1:4] == ["23", "or", "33"]


def test_an_unknown_fault_is_answered_with_the_nearest(capsys: Capture) -> None:
    assert main(["demo", "--fault", "trunkated-raw"]) == 2
    assert "There is no fault 'trunkated-raw'.\n       Did you mean truncated-raw?" in capsys.readouterr().err


def test_faults_complete() -> None:
    assert complete_fault("miss") == ["missing-member", "missing-reference"]


def test_every_instrument_can_be_chosen() -> None:
    assert {*DATASETS, "all"} == set(Choice)


def test_a_missing_engine_is_a_sentence_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    if shutil.which("calacs.e", path=sysconfig.get_path("scripts")):
        pytest.skip("HSTCAL lies beside Python here: it cannot be hidden")
    assert main(["demo", "--instrument", "acs"]) == 23
    assert "ACS cannot be shown: calacs.e is not installed.\n       Install HSTCAL" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "data/cos/lsim01010/previews").mkdir(parents=True)
    (tmp_path / "data/cos/lsim01010/logs").mkdir()
    (tmp_path / "data/cos/lsim01010/previews/lsim01010_x1dsum_thumb.png").touch()
    return tmp_path


@pytest.mark.parametrize(("ratio", "verdict"), [(1.001, "agrees with"), (1.1, "DIFFERS FROM")])
def test_success_says_how_well_it_agrees_and_where_things_are(ratio: float, verdict: str, place: Path) -> None:
    run = plain_run("cos", place, {})
    preview = place / "data/cos/lsim01010/previews/lsim01010_x1dsum.png"
    preview.touch()
    fit = Fit("NUVA", 100, ratio, 0.002, 1.0, 0.1)
    text = success_text(run, Comparison(places_of(run).main_product, (fit,)))
    assert f"lsim01010_x1dsum.fits {verdict} the simulated truth:\n  {fit}\n" in text
    assert f"  preview   {preview}\n" in text


def test_what_is_not_there_is_not_listed(place: Path) -> None:
    text = fault_text(plain_run("cos", place, {}), FAULTS["truncated-raw"], 23)
    assert text == (
        f"\nThe run ended with status 23, as was expected of truncated-raw.\n  logs  {place}/data/cos/lsim01010/logs"
    )


def test_an_unexpected_status_is_said(place: Path) -> None:
    assert "with status 0, where 23 or 33 was expected." in fault_text(
        plain_run("cos", place, {}), FAULTS["engine-killed"], 0
    )
