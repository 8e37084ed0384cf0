"""``caldp report``: pages that ask nobody for anything, and in which nothing of others runs."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from caldp.cli.main import main
from caldp.domain.batch.job import Job, JobState
from caldp.domain.batch.status import BatchStatus
from caldp.domain.calibration.dummies import dummy_note
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.survey import DatasetStatus
from caldp.domain.report.again import commands_again
from caldp.domain.report.excerpts import excerpts
from caldp.domain.report.page import Curve, IndexPage, IndexRow
from caldp.domain.report.picture import Picture
from caldp.domain.run.secrets import Blotter
from caldp.domain.stale.findings import DatasetFinding, Origin, TypeFinding
from caldp.domain.stale.rungs import Rung
from caldp.views.report.charts import plots
from caldp.views.report.pages import index_page
from caldp.views.report.timeline import timeline
from tests.support.sky import cos_segment, write_image, write_spectrum
from tests.unit.cli.test_formats import HEAD
from tests.unit.cli.test_show import RECORD

Capture = pytest.CaptureFixture[str]
PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{ 7 * 7 }} \x1b[31m\x07 \u202e"
LOG = "\n".join(
    [*(f"line {number}" for number in range(20)), "2026-11-26T10:00:00Z WARN  look out </pre><script>", "after", "last"]
)


class Page(HTMLParser):
    """A page as a browser reads it: elements with their attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: dict[str, list[str]] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        self.text.setdefault(self._inside, []).append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def policy(self) -> str:
        return next(one["content"] for one in self.all("meta") if "http-equiv" in one)


def check(text: str) -> Page:
    """Check of a page that it loads nothing, and that its policy admits the one script and style of ours."""
    page = Page(text)
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes), "no handler in an attribute"
        assert "style" not in attributes
        for name in ("src", "href", "action", "data", "srcset", "poster"):
            value = attributes.get(name, "")
            assert re.fullmatch(r"|data:image/(png|jpeg);base64,[\w+/=]*|[\w.-]+\.html", value), (tag, name, value[:80])
    assert "default-src 'none'" in page.policy
    scripts = [one for one in page.all("script") if one.get("type") != "application/json"]
    assert scripts == [{}], "one script, ours"
    for tag in ("script", "style"):
        digest = b64encode(sha256(page.text[tag][-1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page.policy
    return page


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An output with a dataset whose record, log and pictures are hostile; return the dataset's directory."""
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "out" / "data" / "cos" / "ldfd01010"
    (home / "logs").mkdir(parents=True)
    (home / "previews").mkdir()
    for name in ("ldfd01010_x1dsum.png", "ldfd01010_x1dsum_thumb.png", "ldfd01vnq_x1d.png"):
        (home / "previews" / name).write_bytes(PNG)
    (home / "previews" / "ldfd01vpq_x1d.png").write_text("<svg onload=alert(3)>")
    rows = [cos_segment("FUVA", 1300, 1450), cos_segment("FUVB", 1150, 1290)]
    write_spectrum(home / "ldfd01010_x1dsum.fits", rows, OPT_ELEM="G130M", CENWAVE=1291, TARGNAME="<script>alert(4)")
    selection = {"ldfd01vnq_rawtag_a.fits": {"DETECTOR": "FUV", "OPT_ELEM": HOSTILE, "DATE-OBS": "2017-06-30"}}
    record = evolve(RECORD, selection=selection, notes=(HOSTILE, "password=hunter22 and more"), input=HOSTILE)
    (home / "logs" / "record.json").write_text(record.to_json())
    (home / "logs" / "process.txt").write_text(LOG)
    message = tmp_path / "out" / "messages" / "datasets-processed" / "ldfd01010"
    message.parent.mkdir(parents=True)
    message.touch()
    return home


def test_a_page_needs_nothing_but_itself_and_runs_nothing_of_others(home: Path, capsys: Capture) -> None:
    assert main(["report", "out", "ldfd01010", "-o", "page.html"]) == 0
    assert capsys.readouterr().out == "page.html\n"
    text = Path("page.html").read_text(encoding="utf-8")
    page = check(text)
    assert "&lt;script&gt;alert(1)" in text
    assert "<dt>target</dt><dd>&lt;script&gt;alert(4)</dd>" in text
    assert "{{ 7 * 7 }}" in text, "a template in a header is text"
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "hunter22" not in text
    assert len([one for one in page.all("img") if one["src"].startswith("data:image/png")]) == 2, "no file in disguise"
    assert len(text.encode()) < 2_000_000
    assert "caldp process ldfd01010" in text
    assert "<mark>2026-11-26T10:00:00Z WARN  look out &lt;/pre&gt;&lt;script&gt;</mark>" in text


def test_samples_under_the_pointer_are_the_files_own(home: Path) -> None:
    assert main(["report", "out", "ldfd01010", "-o", "page.html"]) == 0
    text = Path("page.html").read_text(encoding="utf-8")
    found = json.loads(re.findall(r'<script type="application/json" id="samples">(.*?)</script>', text)[0])
    assert [one["label"] for one in found] == ["FUVB", "FUVA"]
    from astropy.io import fits

    with fits.open(home / "ldfd01010_x1dsum.fits") as hdus:
        rows = hdus[1].data
        known = {
            f"{wavelength:.9g}": f"{flux:.8g}"
            for row in rows
            for wavelength, flux in zip(row["WAVELENGTH"], row["FLUX"], strict=True)
        }
    for one in found:
        assert len(one["samples"]) > 100
        assert all(known[f"{wavelength:.9g}"] == f"{flux:.8g}" for wavelength, flux in one["samples"])
    assert len(re.findall("<polyline", text)) >= 2


def test_flags_are_told_of_an_exposure_where_the_picture_is_of_a_drizzled_product(home: Path) -> None:
    from astropy.io import fits
    from numpy import array

    primary = fits.PrimaryHDU()
    primary.header.update(INSTRUME="ACS", DETECTOR="WFC")
    flags = fits.ImageHDU(array([[0, 16], [0, 0]], "i2"), name="DQ")
    for path in home.glob("*_x1dsum.fits"):
        path.unlink()
    fits.HDUList([primary, flags]).writeto(home / "ldfd01vnq_flt.fits")
    assert main(["report", "out", "ldfd01010", "-o", "page.html"]) == 0
    text = Path("page.html").read_text(encoding="utf-8")
    check(text)
    assert "Data quality, ldfd01vnq_flt.fits" in text
    assert '<td class="number">16</td><td>hot pixel</td><td class="number">25 %</td>' in text


def test_pictures_beyond_what_a_page_may_hold_are_named_only(home: Path) -> None:
    for name in ("ldfd01vnq_x1d.png", "ldfd01010_x1dsum.png"):
        (home / "previews" / name).write_bytes(PNG + bytes(700_000))
    assert main(["report", "out", "ldfd01010", "-o", "page.html"]) == 0
    text = Path("page.html").read_text(encoding="utf-8")
    assert len(check(text).all("img")) == 1
    assert f"{home}/previews/ldfd01vnq_x1d.png" in text
    assert len(text.encode()) < 2_000_000


def test_a_list_has_states_pictures_causes_and_links(home: Path, capsys: Capture) -> None:
    failed = home.parent / "ldfd02010" / "logs"
    failed.mkdir(parents=True)
    record = json.loads(RECORD.to_json()) | {"dataset": "ldfd02010", "status": int(ExitCode.STAGE1_ERROR)}
    record["failures"] = [{"status": 23, "message": HOSTILE, "advice": "", "step": "calibrate"}]
    (failed / "record.json").write_text(json.dumps(record))
    for name, state in (("ldfd02010", "error"), ("ldfd03010", "error"), ("ldfd04010", "processing")):
        path = home.parents[2] / "messages" / f"datasets-{state}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert main(["report", "out", "-o", "pages", "--pages"]) == 0
    assert capsys.readouterr().out == "pages/index.html\n"
    text = Path("pages/index.html").read_text(encoding="utf-8")
    page = check(text)
    assert {one["href"] for one in page.all("a")} == {f"ldfd0{number}010.html" for number in (1, 2, 3, 4)}
    assert [one["data-state"] for one in page.all("tr") if "data-state" in one] == [
        "processed", "error", "error", "processing",
    ]  # fmt: skip
    assert len(page.all("img")) == 1
    assert text.count("&lt;script&gt;alert(1)") == 2, "once among the causes, once in its row"
    for name in ("ldfd01010", "ldfd02010", "ldfd03010", "ldfd04010"):
        check(Path(f"pages/{name}.html").read_text(encoding="utf-8"))


def test_many_datasets_are_listed_in_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "out" / "messages" / "datasets-processed"
    place.mkdir(parents=True)
    for number in range(2100):
        (place / f"j{number:04}1010").touch()
    assert main(["report", "out"]) == 0
    assert sorted(path.name for path in Path("report").iterdir()) == ["index-2.html", "index-3.html", "index.html"]
    last = check(Path("report/index-3.html").read_text(encoding="utf-8"))
    assert sum("data-state" in one for one in last.all("tr")) == 100
    assert {one["href"] for one in last.all("a")} == {"index.html", "index-2.html"}


def test_a_report_that_is_here_is_what_opens(home: Path, capsys: Capture) -> None:
    words = ["open", "ldfd01010", "out", "--print"]
    assert main(words) == 0
    assert capsys.readouterr().out == f"{home}/previews/ldfd01010_x1dsum.png\n"
    assert main(["report", "out", "--pages"]) == 0
    assert main(words) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "report/ldfd01010.html"


def test_a_batch_is_listed_with_its_progress_and_causes(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    jobs = [Job("ldfd01010", JobState.DONE), Job("ldfd02010", JobState.FAILED, cause=HOSTILE, status=23)]
    asked: list[str | None] = []

    def status(_output: str, batch: str | None, **_more: str) -> BatchStatus:
        asked.append(batch)
        return BatchStatus(HEAD, "file:/out", [*jobs, Job("ldfd03010"), Job("ldfd04010")])

    monkeypatch.setattr("caldp.batches.outputs.batch_status", status)
    for name in ("latest", "3f2a91c4d0e7"):
        assert main(["report", "out", "--batch", name, "--pages"]) == 0
    assert asked == [None, "3f2a91c4d0e7"]
    text = Path("report/index.html").read_text(encoding="utf-8")
    check(text)
    assert "4 datasets: 2 <span" in text
    assert re.findall(r'data-state="(\w+)"', text) == ["done", "failed", "waiting", "waiting"]
    assert "50 %" in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_page_is_written_after_a_run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("caldp.cli.process._process", lambda *_, **__: 23)
    assert main(["process", "ldfd01010", "in", "out", "--report"]) == 23
    assert "The report is ldfd01010.html." in capsys.readouterr().err
    check(Path("ldfd01010.html").read_text(encoding="utf-8"))
    assert main(["process", "ldfd01010", "in", "none", "--report"]) == 23
    assert "There is no report: none holds nothing." in capsys.readouterr().err


def test_a_batch_shows_how_much_is_settled() -> None:
    rows = (IndexRow(DatasetStatus("j8cb010b0", "waiting"), "", Picture("a.png", PNG), ""),)
    text = index_page(IndexPage("out", rows, 1, {"waiting": 1}, progress=0.25), {1: "index.html"}, Blotter())
    check(text)
    assert "25 %" in text


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["report", "nowhere"], 1, "There is no output directory"),
        (["report", "out", "ldfd09010"], 2, "has nothing of ldfd09010"),
        (["report", "out", "-o", "out/messages/datasets-processed/ldfd01010/x"], 2, "is no directory that can be"),
        (["report", "out", "ldfd01010", "-o", "nowhere/x.html"], 2, "cannot be written"),
    ],
)  # fmt: skip
def test_mistakes_are_told(words: list[str], status: int, sentence: str, home: Path, capsys: Capture) -> None:
    assert main(words) == status
    assert sentence in capsys.readouterr().err


def test_a_record_of_another_schema_gives_a_page_that_says_so(home: Path) -> None:
    (home / "logs" / "record.json").write_text('{"schema": 99}')
    assert main(["report", "out", "ldfd01010", "-o", "page.html"]) == 0
    text = Path("page.html").read_text(encoding="utf-8")
    check(text)
    assert "schema is 99; expected 1 or 2" in text


def test_lines_around_warnings_are_cut_out_and_those_that_touch_are_one() -> None:
    (only,) = excerpts(LOG)
    assert (only.first, only.lines[0], only.lines[-1], set(only.marked)) == (18, "line 17", "last", {21})
    many = "\n".join("warning: x" if number % 50 == 0 else "y" for number in range(5000))
    assert len(excerpts(many)) == 12
    assert len(excerpts("warning\nerror\nWarning: z\n")) == 1
    assert excerpts("") == ()


def test_a_spectrum_of_many_orders_stays_small_and_gaps_stay_gaps() -> None:
    wavelength = tuple(float(number) for number in range(10_000))
    flux = tuple(None if 4000 < number < 6000 else 1e-15 * number for number in range(10_000))
    found = list(plots([Curve(f"order {number}", "u", wavelength, flux) for number in range(80)]))
    assert len(found) == 80
    assert all(len(one.lines) == 2 for one in found)
    assert sum(len(one.samples) for one in found) < 20_000
    assert list(plots([Curve("a", "u", (1.0,), (1.0,)), Curve("b", "u", (1.0, 2.0), (None, None))])) == []


def test_a_log_of_warnings_without_end_gives_a_few_lines() -> None:
    found = excerpts("\n".join(["warning: " + 500 * "x"] * 50_000))
    assert len(found) == 12
    assert max(len(one.lines) for one in found) == 40
    assert max(len(line) for one in found for line in one.lines) == 300


def test_an_image_fits_into_a_page_beside_pictures(home: Path) -> None:
    (home / "ldfd01010_x1dsum.fits").unlink()
    for path in (home / "previews").glob("*x1d*"):
        path.unlink()
    noise = np.random.default_rng(1).normal(size=(1800, 2200)).astype("f4")
    write_image(home / "ldfd01010_drz.fits", {"SCI": noise})
    for name in ("ldfd01010_drz.jpg", "ldfd01vnq_flt.jpg", "ldfd01vpq_flt.jpg"):
        (home / "previews" / name).write_bytes(b"\xff\xd8\xff" + bytes(400_000))
    assert main(["report", "out", "ldfd01010", "-o", "page.html"]) == 0
    text = Path("page.html").read_text(encoding="utf-8")
    page = check(text)
    assert 1_000_000 < len(text) < 2_000_000
    assert len(page.all("image")) == 1
    data = json.loads(re.findall(r'<script type="application/json" id="values">(.*?)</script>', text)[0])
    assert np.array_equal(np.frombuffer(b64decode(data["values"]), "<f4").reshape(180, 220), noise[5::10, 5::10])
    assert f"{home}/previews/ldfd01vpq_flt.jpg" in text


def test_references_are_told_by_what_is_unusual_about_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = evolve(RECORD, notes=(dummy_note("FLATFILE", "f.fits"),))
    (home / "logs" / "record.json").write_text(record.to_json())
    types = (
        TypeFinding("FLATFILE", "f.fits", "g.fits", Rung.CHANGED, is_withdrawn=True),
        TypeFinding("OTHERTAB", "f.fits", "f.fits", Rung.UNCHANGED),
    )
    finding = DatasetFinding("ldfd01010", Origin.RECORD, new_context="hst_9999.pmap", types=types)
    monkeypatch.setattr("caldp.api.stale", lambda *_places, **_options: iter([finding]))
    assert main(["report", "out", "ldfd01010", "-o", "page.html", "--stale"]) == 0
    text = Path("page.html").read_text(encoding="utf-8")
    check(text)
    assert "By hst_9999.pmap the dataset is stale." in text
    remarks = re.findall(r'<tr><td>(\w+)</td>.*?<td class="bad">(.*?)</td></tr>', text)
    assert remarks == [
        ("BADTTAB", "your own file /home/me/mine.fits"),
        ("FLATFILE", "a dummy: its step is skipped; withdrawn since; CHANGED by g.fits"),
        ("OTHERTAB", ""),
    ]


def test_a_dataset_is_processed_again_as_it_was() -> None:
    settings = {
        "reference_overrides": {"DARKFILE": "my dark.fits"}, "switches": {"FLATCORR": "OMIT"}, "members": "a,b",
        "omitted_reads": "1-3", "drizzle": {"final_scale": "0.03"}, "table_values": {"XTRACTAB:HEIGHT": "7"},
        "astrometry": "off",
    }  # fmt: skip
    (again, *_) = commands_again("ldfd01010", "out dir", evolve(RECORD, request={"settings": settings}))
    assert again == (
        "caldp process ldfd01010 file:in file:out --profile onsite --context hst_0729.pmap "
        "--override 'DARKFILE=my dark.fits' --set FLATCORR=OMIT --set-table XTRACTAB:HEIGHT=7 "
        "--drizzle final_scale=0.03 --members a,b --omit-reads 1-3 --astrometry off"
    )
    assert commands_again("ldfd01010", "out dir", None) == (
        "caldp show ldfd01010 'out dir'", "caldp lock 'out dir' ldfd01010",
    )  # fmt: skip


def test_engines_stand_below_the_step_that_ran_them() -> None:
    bars = timeline(RECORD)
    assert [(bar.name, bar.is_engine, bar.is_ok) for bar in bars] == [
        ("fetch", False, True), ("calibrate", False, True), ("calcos", True, False),
    ]  # fmt: skip
    assert bars[1].left == bars[2].left > 0
    assert all(bar.left + bar.width <= 100.5 for bar in bars)


def test_airglow_does_not_flatten_a_spectrum() -> None:
    wavelength = tuple(1150 + 0.01 * number for number in range(14_000))
    flux = tuple(1e-12 if 1215.5 < one < 1215.8 else 3e-15 if 1238.5 < one < 1239.0 else 1e-16 for one in wavelength)
    (plot,) = plots([Curve("FUVB", "u", wavelength, flux)])
    assert 2.4e-15 < plot.high < 4e-15, "the line at 1239 is drawn, Lyman alpha is cut off"
    assert plot.low < 0
