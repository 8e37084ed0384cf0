"""The command ``caldp stale``: its words, its text, its JSON and its status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from caldp.cli.main import main
from caldp.cli.stale import parted
from caldp.domain.stale.findings import Amount, DatasetFinding, Difference, Measure, Origin, TypeFinding
from caldp.domain.stale.rungs import Rung

CURRENT = DatasetFinding("jbz504010", Origin.RECORD, "out/record.json", "hst_0729.pmap", "hst_9729.pmap", (
    TypeFinding("DARKFILE", "a_drk.fits", "b_drk.fits", Rung.UNUSED, ("x_raw.fits",)),
    TypeFinding("IDCTAB", "a_idc.fits", "a_idc.fits", Rung.UNCHANGED, ("x_raw.fits",), is_withdrawn=True),
))  # fmt: skip
CHANGE = Difference("HDU 1 (LAMP), column INTENSITY", (3, 4), 2, Amount(Measure.RATIO, 1.5, 1.0, 2, 2048))
STALE = DatasetFinding("ldfd01010", Origin.HEADERS, "x_x1d.fits", "", "hst_9729.pmap", (
    TypeFinding("DISPTAB", "a_disp.fits", "b_disp.fits", Rung.UNKNOWN, ("x",), "a_disp.fits is not in the cache"),
    TypeFinding("LAMPTAB", "a_lamp.fits", "b_lamp.fits", Rung.CHANGED, ("x",), "", (CHANGE,)),
), ("engine calcos 3.2.1 -> 3.6.2",))  # fmt: skip
BROKEN = DatasetFinding("ldfd02010", Origin.RECORD, problem="its record cannot be read: It is no JSON")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let the library find what the test puts under ``found``; hold what it was asked."""
    asked: dict[str, Any] = {"found": [CURRENT]}

    def stale(places: list[str], datasets: list[str], **more: Any) -> Iterator[DatasetFinding]:
        asked.update(places=places, datasets=datasets, **more)
        return iter(asked["found"])

    monkeypatch.setattr("caldp.api.stale", stale)
    return asked


def test_words_are_places_or_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ldfd01010").mkdir()
    assert parted(["out", "j8cb010b0", "ldfd01010", "JBZ504010"]) == (["out", "ldfd01010"], ["j8cb010b0", "JBZ504010"])


def test_a_line_tells_each_dataset_and_the_last_all(asked: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    asked["found"] = [CURRENT, STALE, BROKEN]
    assert main(["stale", "out", "jbz504010", "--context", "hst_9729.pmap", "--profile", "offsite"]) == 0
    assert (asked["places"], asked["datasets"]) == (["out"], ["jbz504010"])
    assert (asked["context"], asked["profile"]) == ("hst_9729.pmap", "offsite")
    assert capsys.readouterr().out.splitlines() == [
        "jbz504010  current  hst_0729.pmap -> hst_9729.pmap",
        "  IDCTAB a_idc.fits has been withdrawn",
        "ldfd01010  stale    DISPTAB, LAMPTAB",
        "  engine calcos 3.2.1 -> 3.6.2",
        "ldfd02010  unknown",
        "  its record cannot be read: It is no JSON",
        "3 datasets: 1 current, 1 stale, 1 unknown",
    ]


def test_reasons_are_explained(asked: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    asked["found"] = [CURRENT, STALE]
    assert main(["stale", "out", "--explain"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "jbz504010  current  hst_0729.pmap -> hst_9729.pmap",
        "  DARKFILE  UNUSED  a_drk.fits -> b_drk.fits",
        "  1 type UNCHANGED, by record out/record.json",
        "  IDCTAB a_idc.fits has been withdrawn",
        "ldfd01010  stale    DISPTAB, LAMPTAB",
        "  DISPTAB  UNKNOWN  a_disp.fits -> b_disp.fits",
        "                    a_disp.fits is not in the cache",
        "  LAMPTAB  CHANGED  a_lamp.fits -> b_lamp.fits",
        "                    HDU 1 (LAMP), column INTENSITY, rows 3, 4: ratio up to 1.5, median 1; 2 of 2048 values",
        "  0 types UNCHANGED, by headers x_x1d.fits",
        "  engine calcos 3.2.1 -> 3.6.2",
        "2 datasets: 1 current, 1 stale",
    ]


@pytest.mark.parametrize(("found", "status"), [([CURRENT], 0), ([CURRENT, STALE], 1), ([BROKEN], 1), ([], 0)])
def test_the_status_tells_on_request_whether_all_is_current(
    asked: dict[str, Any], found: list[DatasetFinding], status: int
) -> None:
    asked["found"] = found
    assert main(["stale", "out"]) == 0
    assert main(["stale", "out", "--exit-code"]) == status


@pytest.mark.parametrize("found", [[], [CURRENT], [CURRENT, STALE, BROKEN]])
def test_json_has_all_of_it(
    asked: dict[str, Any], found: list[DatasetFinding], capsys: pytest.CaptureFixture[str]
) -> None:
    asked["found"] = found
    assert main(["stale", "out", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [(one["dataset"], one["verdict"], one["reason"]) for one in said] == [
        (one.dataset, one.verdict.value, one.reason) for one in found
    ]
    if STALE in found:
        (lamp,) = [one for one in said[1]["types"] if one["keyword"] == "LAMPTAB"]
        assert lamp["rung"] == "CHANGED"
        assert lamp["differences"][0]["amount"] == {
            "measure": "ratio", "largest": 1.5, "median": 1.0, "changed": 2, "compared": 2048,
        }  # fmt: skip


def test_a_long_list_of_rows_is_cut_short(asked: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    many = evolve(CHANGE, rows=tuple(range(1, 11)), row_count=40, amount=None)
    lamp = evolve(STALE.types[1], differences=(many,))
    asked["found"] = [evolve(STALE, types=(lamp,))]
    assert main(["stale", "out", "--explain"]) == 0
    assert "column INTENSITY, rows 1, 2, 3, 4, 5 and 35 more\n" in capsys.readouterr().out


def test_a_place_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stale"]) == 2
    assert main(["stale", "j8cb010b0"]) == 2
    assert "There is no place to look at" in capsys.readouterr().err
