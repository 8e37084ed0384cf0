"""``caldp show`` and ``caldp open``: a dataset of an output for people, whoever wrote its record."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from attrs import evolve

import caldp
from caldp.cli.main import main
from caldp.domain.calibration.plan import Stage
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.pictures import main_picture, thumbnail_of
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.record import EngineRecord
from caldp.domain.run.usage import ResourceUsage
from tests.unit.cli.test_rendering import outcome

Capture = pytest.CaptureFixture[str]
RECORD = evolve(
    outcome().record,
    selection={
        "ldfd01vnq_rawtag_a.fits": {
            "META.INSTRUMENT.DETECTOR": "FUV", "OPT_ELEM": "G140L", "CENWAVE": "1105", "DATE-OBS": "2017-06-30",
        },
        "ldfd01vpq_rawtag_a.fits": {"DETECTOR": "FUV", "OPT_ELEM": "G140L", "DATE-OBS": "2017-07-01"},
    },
    programs=(EngineIdentity("calcos", "/bin/calcos", "3.6.2"),),
    engines=(EngineRecord(Stage.STAGE1, ("calcos", "x"), 0, None, ResourceUsage(40.0, max_rss_bytes=10**9), ("odd",)),),
    notes=("a note with \x1b[31mcolour\x07 and <script>",),
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An output with one dataset; return the dataset's directory."""
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "out dir" / "data" / "cos" / "ldfd01010"
    for name in ("logs/record.json", "logs/process.txt", "previews/ldfd01010_x1dsum.png", "ldfd01010_x1dsum.fits"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).touch()
    (home / "previews" / "ldfd01vnq_x1d.png").touch()
    (home / "previews" / "ldfd01010_x1dsum_thumb.png").touch()
    message = tmp_path / "out dir" / "messages" / "datasets-processed" / "ldfd01010"
    message.parent.mkdir(parents=True)
    message.touch()
    (home / "logs" / "record.json").write_text(RECORD.to_json())
    return home


def test_a_record_is_shown_in_the_fields_words(home: Path, capsys: Capture) -> None:
    assert main(["show", " LDFD01010", "out dir"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0].startswith("ldfd01010: processed; EXIT - SUCCESS[0]")
    for line in (
        "instrument COS",
        "mode FUV G140L 1105",
        "observed 2017-06-30 to 2017-07-01",
        "exposures 2",
        "switches COMPLETE: FLATCORR X1DCORR",
        "reference BADTTAB mine.fits, your own file /home/me/mine.fits",
        "engine calcos 3.6.2 status 0, 40.0 s, 1.0 GB",
        f"picture {home}/previews/ldfd01010_x1dsum.png",
        f"log {home}/logs/process.txt",
        "note a note with colour\N{REPLACEMENT CHARACTER} and <script>",
    ):
        assert line in lines
    assert not any("_thumb" in line for line in lines)


@pytest.mark.parametrize("width", [80, 60])
def test_no_word_is_broken(width: int, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    main(["show", "ldfd01010", "out dir"])
    words = set(capsys.readouterr().out.split())
    monkeypatch.setattr("caldp.cli.show.width_of", lambda _stream: width)
    main(["show", "ldfd01010", "out dir"])
    shown = capsys.readouterr().out
    assert set(shown.split()) == words
    assert all(len(line) <= width for line in shown.splitlines() if "/" not in line)


def test_machines_get_the_record_and_the_files(home: Path, capsys: Capture) -> None:
    assert main(["show", "ldfd01010", "out dir", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["record"] == json.loads(RECORD.to_json())
    assert document["files"]["process.txt"] == f"{home}/logs/process.txt"
    assert main(["show", "ldfd01010", "out dir", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["role"] for row in rows].count("reference") == 3
    assert list(caldp.table(caldp.show("ldfd01010", "out dir"))["file"]) == [row["file"] for row in rows]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"schema": 99}', "record.json cannot be read: schema is 99; expected 1 or 2"),
        ("{", "record.json cannot be read"),
        ("\x00\xff", "record.json cannot be read"),
        (None, "there is no record of its run"),
    ],
)
def test_a_record_that_cannot_be_read_is_no_obstacle(
    text: str | None, problem: str, home: Path, capsys: Capture
) -> None:
    record = home / "logs" / "record.json"
    record.unlink() if text is None else record.write_text(text)
    for form in ("table", "json", "csv", "ecsv"):
        assert main(["show", "ldfd01010", "out dir", "--format", form]) == 0
        shown = capsys.readouterr().out
        assert form in ("csv", "ecsv") or problem in shown
    assert caldp.show("ldfd01010", "out dir").record is None


def test_a_record_of_schema_1_is_shown(home: Path, capsys: Capture) -> None:
    old = json.loads(RECORD.to_json()) | {"schema": 1}
    for key in ("request", "selection", "prepared", "scratch", "programs", "objects"):
        del old[key]
    (home / "logs" / "record.json").write_text(json.dumps(old))
    assert main(["show", "ldfd01010", "out dir"]) == 0
    assert "hst_0729.pmap" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["show", "ldfd02010", "out dir"], 2, "has nothing of ldfd02010"),
        (["show", "ldfd02010", "."], 1, "is not an output of caldp"),
        (["show", "ldfd01010", "nowhere"], 1, "There is no output directory"),
        (["show", "ldfd01010", "none"], 2, "holds nothing"),
        (["show", "<script>", "out dir"], 2, "'<script>' is not the name of an HST dataset"),
        (["open", "ldfd02010", "out dir"], 2, "has nothing of ldfd02010"),
    ],
)
def test_mistakes_are_told(words: list[str], status: int, sentence: str, home: Path, capsys: Capture) -> None:
    assert main(words) == status
    assert sentence in capsys.readouterr().err


def test_the_main_picture_is_opened(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    opened: list[str] = []

    def show(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", show)
    picture = home / "previews" / "ldfd01010_x1dsum.png"
    assert main(["open", "ldfd01010", "out dir", "--print"]) == 0
    assert capsys.readouterr().out == f"{picture}\n"
    assert opened == []
    assert main(["open", "ldfd01010", "out dir"]) == 0
    assert opened == [picture.as_uri()]
    monkeypatch.setattr("webbrowser.open", lambda _address: False)
    assert main(["open", "ldfd01010", "out dir"]) == ExitCode.GENERIC_ERROR
    assert "There is no program here that shows" in capsys.readouterr().err
    for path in (home / "previews").iterdir():
        path.unlink()
    assert main(["open", "ldfd01010", "out dir"]) == 2
    assert "caldp preview FILE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("dataset", "names", "expected"),
    [
        ("ldfd01010", ["ldfd01vnq_x1d.png", "ldfd01010_x1dsum1.png", "ldfd01010_x1dsum.png"], "ldfd01010_x1dsum.png"),
        ("j8cb010b0", ["j8cb01u2q_raw.jpg", "j8cb010b1_drz.jpg", "j8cb010b1_crj.jpg"], "j8cb010b1_drz.jpg"),
        ("ib8t01010", ["ib8t01010_drz.jpg", "a.jpg", "ib8t01010_drz_thumb.jpg"], "ib8t01010_drz.jpg"),
        ("acs_8ph_01", ["hst_1_01_acs_wfc_f606w_j8ph01_drc.jpg", "hst_1_01_acs_wfc_total_j8ph01.jpg"],
         "hst_1_01_acs_wfc_total_j8ph01.jpg"),
        ("ldfd01010", ["process.txt", "ldfd01010_x1dsum_thumb.png"], ""),
    ],
)  # fmt: skip
def test_the_main_picture_shows_most_of_a_dataset(dataset: str, names: list[str], expected: str) -> None:
    assert main_picture(dataset, names) == expected
    assert thumbnail_of("a_drz.jpg", ["a_drz_thumb.jpg", "a_drz.jpg"]) == "a_drz_thumb.jpg"
    assert thumbnail_of("a_drz.jpg", ["a_drz.jpg"]) == ""
