"""Results as CSV, ECSV, JSON and tables of astropy: read back by astropy, and equal to what the library returns."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from astropy import units
from astropy.table import Table
from numpy.ma import masked

import caldp
from caldp.cli.main import main
from caldp.domain.batch.files import BatchHead
from caldp.domain.batch.job import Job, JobState
from caldp.domain.batch.outcome import BatchOutcome
from caldp.domain.batch.status import BatchStatus
from caldp.domain.output.survey import DatasetStatus
from caldp.domain.tables.results import Result, table_of
from caldp.views.tables import csv_lines, ecsv_lines
from tests.unit.cli.test_diff import here as here  # noqa: PLC0414  a fixture
from tests.unit.cli.test_rendering import outcome
from tests.unit.cli.test_stale import BROKEN, CURRENT, STALE

Capture = pytest.CaptureFixture[str]
HOSTILE = 'a "quoted", #comment\nwith <script> and \N{GREEK SMALL LETTER ALPHA}'
STATUSES = [
    DatasetStatus("j8cb010b0", "processed", 7, 1_400_000_000, 4, 3),
    DatasetStatus("ldfd01010", "processing", age=3.5, earlier="processed"),
    DatasetStatus("ldfd02010", "error", failed_attempt=HOSTILE, failed_status=23),
]
JOBS = [Job("j8cb010b0", JobState.DONE, 1792, 1, seconds=3.5, status=0), Job("ldfd01010", cause=HOSTILE)]
HEAD = BatchHead("3f2a91c4d0e7", "2026-11-26T00:00:00Z", {"source": "file:/in, and more"}, 2)


def written(results: Result | list[Any]) -> Table:
    """Write results as ECSV and read them with astropy."""
    found = Table.read("\n".join(ecsv_lines(table_of(results))), format="ascii.ecsv")
    assert isinstance(found, Table)
    return found


@pytest.mark.parametrize(
    "results",
    [STATUSES, JOBS, [HEAD], [CURRENT, STALE, BROKEN], [outcome().record]],
    ids=["states", "jobs", "batches", "staleness", "files"],
)
def test_astropy_reads_what_the_library_returns(results: list[Any]) -> None:
    there, back = caldp.table(results), written(results)
    assert there.colnames == back.colnames
    for name in there.colnames:
        assert there[name].dtype.kind == back[name].dtype.kind
        assert there[name].unit == back[name].unit
        assert there[name].description == back[name].description
        read = ["" if cell is masked and there[name].dtype.kind == "U" else str(cell) for cell in back[name]]
        assert [" ".join(str(cell).split()) for cell in there[name]] == read, "an empty text is read as a missing one"
    rows = list(csv.reader(io.StringIO("\n".join(csv_lines(table_of(results))))))
    assert rows[0] == there.colnames
    assert len(rows) == len(there) + 1


def test_units_and_missing_values_are_kept() -> None:
    found = written(STATUSES)
    assert found["product_bytes"].unit == units.byte
    assert found["age"].unit == units.s
    assert found["age"].mask.tolist() == [True, False, True]
    assert caldp.table(STATUSES)["failed_status"].mask.tolist() == [True, True, False]
    assert found["failed_status"][2] == 23
    assert caldp.table(JOBS)["memory_mib"].unit == units.Unit("Mibyte")


def test_a_batch_carries_its_name() -> None:
    status = BatchStatus(HEAD, "file:/out", JOBS)
    assert written(status).meta == {"batch": "3f2a91c4d0e7", "created": HEAD.created, "place": "file:/out"}
    ended = BatchOutcome("3f2a91c4d0e7", "file:/out", tuple(JOBS), seconds=3.0)
    assert list(caldp.table(ended)["dataset"]) == ["j8cb010b0", "ldfd01010"]


def test_staleness_has_a_row_for_each_type_and_one_for_a_dataset_without_any() -> None:
    found = caldp.table([CURRENT, STALE, BROKEN])
    assert list(found["type"]) == ["DARKFILE", "IDCTAB", "DISPTAB", "LAMPTAB", ""]
    assert list(found["verdict"]) == ["current", "current", "stale", "stale", "unknown"]
    assert found["detail"][4] == BROKEN.problem
    assert found["withdrawn"].mask.tolist() == [False, False, False, False, True]


def test_a_comparison_is_written_with_its_numbers(here: Path, capsys: Capture) -> None:
    assert main(["diff", "a", "b", "--format", "ecsv"]) == 0
    found = Table.read(capsys.readouterr().out, format="ascii.ecsv")
    assert found.meta["agreement"] == "different"
    sci = found[found["hdu"] == "SCI,1"][0]
    assert (sci["differing"], sci["samples"], sci["largest"], sci["absolute"]) == (1, 20, 0.5, 1.0)
    assert set(found["file"]) == {"j8cb01u2q_flt.fits", "j8cb01u2q_raw.fits"}
    assert caldp.table(caldp.diff("a", "b"))["differing"].tolist() == found["differing"].tolist()


@pytest.fixture
def output(tmp_path: Path) -> str:
    for state, name in (("processed", "j8cb010b0"), ("error", "ldfd01010")):
        path = tmp_path / "messages" / f"datasets-{state}" / name
        path.parent.mkdir(parents=True)
        path.touch()
    return str(tmp_path)


def test_status_has_every_format(output: str, capsys: Capture) -> None:
    shown = {}
    for form in ("", "table", "json", "JSON", "csv", "ecsv"):
        assert main(["status", output, *(["--format", form] if form else [])]) == 0
        shown[form] = capsys.readouterr().out
    assert main(["status", output, "--json"]) == 0
    assert shown["json"] == shown["JSON"] == capsys.readouterr().out
    assert shown["table"] == shown[""]
    assert [row["state"] for row in csv.DictReader(io.StringIO(shown["csv"]))] == ["processed", "error"]
    assert list(Table.read(shown["ecsv"], format="ascii.ecsv")["dataset"]) == ["j8cb010b0", "ldfd01010"]
    assert list(caldp.table(caldp.survey(output))["state"]) == ["processed", "error"]


@pytest.mark.parametrize("words", [["status", "."], ["batch", "list", "."], ["stale", "."], ["diff", "a", "b"]])
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--format", "fits"], "--format 'fits' is no format.\n       Expected table, json, csv, ecsv."),
        (["--json", "--format", "csv"], "--json and --format csv contradict each other."),
    ],
)
def test_formats_that_there_are_not_are_refused(
    words: list[str], options: list[str], sentence: str, capsys: Capture
) -> None:
    assert main([*words, *options]) == 2
    assert sentence in capsys.readouterr().err


def test_staleness_and_batches_have_formats(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture) -> None:
    monkeypatch.setattr("caldp.api.stale", lambda *_, **__: iter([CURRENT, STALE]))
    assert main(["stale", "out", "--format", "csv", "--exit-code"]) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["rung"] for row in rows] == ["UNUSED", "UNCHANGED", "UNKNOWN", "CHANGED"]
    assert main(["batch", "list", str(tmp_path), "--format", "csv"]) == 0
    assert capsys.readouterr().out == "batch,created,datasets,input,engine\n"
    monkeypatch.setattr("caldp.batches.outputs.follow", lambda *_, **__: Followed())
    assert main(["batch", "status", "out", "--format", "csv"]) == 1
    assert [row["state"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))] == ["done", "waiting"]
    assert main(["batch", "status", "out", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["counts"] == {"done": 1, "waiting": 1}


class Followed:
    """A batch that is followed."""

    def status(self) -> BatchStatus:
        return BatchStatus(HEAD, "file:/out", JOBS)


def test_other_things_have_no_table() -> None:
    with pytest.raises(TypeError, match="There is no table of int"):
        caldp.table(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="There is no table of str"):
        caldp.table(["a"])  # type: ignore[list-item]
    assert len(caldp.table([])) == 0


def test_no_format_imports_astropy(tmp_path: Path) -> None:
    place = tmp_path / "messages" / "datasets-processed"
    place.mkdir(parents=True)
    (place / "j8cb010b0").touch()
    code = (
        "import sys; from caldp.cli.main import main; main(['status', sys.argv[1], '--format', 'ecsv']); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("# %ECSV 1.0\n")
    assert not {"astropy", "numpy", "rich", "pydantic"} & set(done.stderr.split())
