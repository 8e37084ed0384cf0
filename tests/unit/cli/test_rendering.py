"""Views of a run: lines, JSON, the live view, and the closing summary."""

from __future__ import annotations

import io
import json
import re
import threading
from datetime import UTC, datetime

import pytest
from rich.console import Console

from caldp.cli.lines import LineRenderer
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category
from caldp.domain.output.messages import MessageState
from caldp.domain.run.events import (
    EngineLine,
    Event,
    InputsRead,
    Level,
    Note,
    RunEnded,
    RunStarted,
    Step,
    StepEnded,
    StepStarted,
    Transfer,
    log_line,
)
from caldp.domain.run.outcome import Outcome, PublishReceipt
from caldp.domain.run.record import Failure, FileRecord, ReferenceRecord, RunRecord, StepRecord
from caldp.domain.run.usage import ResourceUsage
from caldp.views.columns import columns
from caldp.views.json import EventLines, outcome_json
from caldp.views.live import LiveRenderer
from caldp.views.summary import summary
from caldp.views.units import size_text
from caldp.views.verbosity import Verbosity

Capture = pytest.CaptureFixture[str]

RUN: tuple[Event, ...] = (
    StepStarted(Step.FETCH),
    Transfer("ldfd01vnq_rawtag_a.fits", 500_000, 1_000_000),
    Note("a detail", Level.DETAIL),
    StepEnded(Step.FETCH, 1.25, ok=True),
    StepStarted(Step.CALIBRATE),
    EngineLine("calcos", "CALCOS version 3.6.2"),
    Note("look out", Level.WARNING),
    StepEnded(Step.CALIBRATE, 2.0, ok=False),
)
BEGUN = RunStarted("ldfd01010", "20261126T000000Z-01234567", "file:/data/in", "file:/out")
READ = InputsRead(("ldfd01vnq", "ldfd01vpq", "ldfd01vrq", "ldfd01vtq"), 16, 16_000_000)
OVER = RunEnded("ldfd01010", BEGUN.run, ExitCode.STAGE1_ERROR, 42.3, "/out/data/cos/ldfd01010")


@pytest.mark.parametrize(
    ("verbosity", "shown", "hidden"),
    [
        (Verbosity.QUIET, ["look out"], ["CALCOS", "fetch", "a detail"]),
        (Verbosity.NORMAL, ["look out", "CALCOS", "fetch done after 1.2 s", "calibrate FAILED"], ["a detail"]),
        (Verbosity.VERBOSE, ["look out", "CALCOS", "fetch", "a detail"], []),
    ],
)
def test_plain_lines_are_as_many_as_asked_for_and_have_the_time_in_front(
    verbosity: Verbosity, shown: list[str], hidden: list[str], capsys: Capture
) -> None:
    renderer = LineRenderer(log_line, verbosity)
    for event in RUN:
        renderer(event)
    output = capsys.readouterr()
    assert output.out == ""
    assert all(text in output.err for text in shown)
    assert not any(text in output.err for text in hidden)
    lines = [line for line in output.err.splitlines() if "CALCOS" not in line]
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line) for line in lines)


def test_json_lines_can_be_read_back(capsys: Capture) -> None:
    renderer = LineRenderer(EventLines(), Verbosity.VERBOSE)
    for event in (BEGUN, *RUN, OVER):
        renderer(event)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["RunStarted", *(type(event).__name__ for event in RUN), "RunEnded"]
    assert lines[2] == {
        "time": lines[2]["time"], "event": "Transfer", "dataset": "ldfd01010", "name": "ldfd01vnq_rawtag_a.fits",
        "done": 500_000, "total": 1_000_000,
    }  # fmt: skip
    assert lines[4]["step"] == "fetch"
    assert {line["dataset"] for line in lines} == {"ldfd01010"}
    assert (lines[-1]["status"], lines[-1]["location"]) == (23, "/out/data/cos/ldfd01010")
    assert datetime.fromisoformat(lines[0]["time"]).tzinfo == UTC


def screen(*events: Event, no_color: bool = False, width: int = 80) -> str:
    """Draw what a terminal shows after these events, escape sequences included."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=width, height=20, no_color=no_color)
    with LiveRenderer(console) as live:
        for event in events:
            live(event)
    return stream.getvalue()


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def last_frame(text: str) -> list[str]:
    return [line.rstrip() for line in plain(text).replace("\r", "\n").splitlines() if line.strip()]


def test_the_live_view_shows_steps_and_transfers() -> None:
    frame = plain(screen(*RUN[:2]))
    assert "fetch" in frame
    assert "ldfd01vnq_rawtag_a.fits" in frame
    assert "0.5/1.0 MB" in frame
    done = last_frame(screen(*RUN))
    assert any(line.split() == ["done", "fetch", "1.2", "s"] for line in done)
    assert any(line.startswith("FAILED") and "calibrate" in line for line in done)
    assert any(line.strip() == "look out" for line in done), "a warning stays on the screen"


def test_the_live_view_names_dataset_locations_and_time() -> None:
    frame = last_frame(screen(BEGUN, *RUN[:1], READ))
    assert any(re.fullmatch(r"ldfd01010  4 exposures  \d+ s", line) for line in frame)
    assert "  from file:/data/in" in frame
    assert "  to   file:/out" in frame
    over = last_frame(screen(BEGUN, READ, *RUN, OVER))
    assert "ldfd01010  4 exposures  42 s" in over, "the time stands still at the end"


def test_the_live_view_says_in_words_what_an_engine_is_at() -> None:
    lines = [
        EngineLine("calcos", "TIME-TAG calibration -- 26-Nov-2026 10:00:00 UTC"),
        EngineLine("calcos", "Input     ldfd01vnq_rawtag_a.fits"),
        EngineLine("calcos", "    imset 1, HELCORR  PERFORM"),
        EngineLine("calcos", "Input     ldfd01vpq_rawtag_a.fits"),
    ]
    frame = plain(screen(BEGUN, READ, StepStarted(Step.CALIBRATE), *lines))
    assert "calcos: exposure 2 of 4, time-tag events" in frame
    assert "HELCORR" not in frame


def test_a_failure_is_told_once_on_a_terminal_and_closes_a_log(capsys: Capture) -> None:
    failed = outcome(ExitCode.STAGE1_ERROR)
    message = failed.record.failures[0].message
    told = (BEGUN, *RUN[:-1], Note(message, Level.ERROR), RUN[-1], OVER)
    assert message not in plain(screen(*told)), "the summary says it"
    assert summary(failed).count(message) == 1
    renderer = LineRenderer(log_line, Verbosity.NORMAL)
    for event in told:
        renderer(event)
    assert capsys.readouterr().err.count(message) == 1


def test_a_server_that_is_silent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caldp.views.transfers._SILENCE", -1.0)
    moved = [Transfer("a_raw.fits", 1, 2), Transfer("b_raw.fits", 0, 2), Transfer("c_raw.fits", 2, 2)]
    frame = plain(screen(StepStarted(Step.FETCH), *moved))
    assert "waiting for a_raw.fits and 1 more: nothing has come for 0 s" in frame


LONG = "The CRDS cache at /a/very/long/path/to/a/cache/of/references does not have the file that was assigned here."


@pytest.mark.parametrize("width", [80, 60])
def test_nothing_breaks_inside_words(width: int) -> None:
    frame = last_frame(screen(BEGUN, READ, Note(LONG, Level.WARNING), *RUN, OVER, width=width))
    words = {word for line in frame for word in line.split()}
    assert set(LONG.split()) <= words
    text = summary(outcome(ExitCode.STAGE1_ERROR), width)
    assert set(summary(outcome(ExitCode.STAGE1_ERROR)).split()) == set(text.split())
    assert all(len(line) <= width for line in text.splitlines() if "/" not in line)


def test_what_has_been_moved_is_counted() -> None:
    transfers = [Transfer(f"file{number}", 2_000_000, 2_000_000) for number in range(3)]
    frame = plain(screen(StepStarted(Step.PUBLISH), *transfers, Transfer("last", 1_000_000, 2_000_000)))
    assert re.search(r"3 of 4 files .* 7\.0/8\.0 MB ", frame)
    assert "file0 " not in frame, "what is done has no bar"
    assert "1.0/2.0 MB" in frame
    ended = plain(screen(StepStarted(Step.FETCH), *transfers, StepEnded(Step.FETCH, 1, ok=True))).rpartition("publish")[
        2
    ]
    assert "files" not in ended


def test_one_bar_has_the_total_of_all_that_was_announced() -> None:
    announced = [Transfer(f"file{number}", 0, 1_000_000) for number in range(20)]
    frame = plain(screen(StepStarted(Step.REFERENCES), *announced, Transfer("file7", 500_000, 1_000_000)))
    last = frame.rpartition("preview")[2]
    assert re.search(r"0 of 20 files .* 0\.5/20\.0 MB ", last)
    assert {f"file{number}" for number in range(20) if f"file{number} " in last} == {"file7"}
    unknown = plain(
        screen(StepStarted(Step.FETCH), Transfer("a", 1_000_000, None), Transfer("b", 2_000_000, 4_000_000))
    )
    assert re.search(r"0 of 2 files .* 3\.0/\? MB", unknown)


def test_colours_are_left_out_where_they_are_not_wanted() -> None:
    assert re.search(r"\x1b\[[0-9;]*3[0-9]m", screen(*RUN))
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", screen(*RUN, no_color=True))


def test_many_transfers_do_not_fill_the_screen() -> None:
    transfers = [Transfer(f"file{number}", 1, 2) for number in range(50)]
    frame = plain(screen(StepStarted(Step.PUBLISH), *transfers)).rpartition("publish")[2]
    assert "file49" in frame
    assert "file3 " not in frame


STARTED = datetime(2026, 1, 1, tzinfo=UTC)


def outcome(status: ExitCode = ExitCode.SUCCESS, **changes: object) -> Outcome:
    record = RunRecord(
        run="20261125T000000Z-0123abcd",
        dataset=DatasetName.parse("ldfd01010"),
        status=status,
        started=STARTED,
        input="file:in", output="file:out", profile="onsite", layout="tree", context="hst_0729.pmap",
        products=(
            FileRecord("ldfd01vnq_x1d.fits", 1_000_000, switches={"FLATCORR": "COMPLETE", "X1DCORR": "COMPLETE"}),
            FileRecord("ldfd01vnq_flt_a.fits", 500_000, switches={"X1DCORR": "PERFORM", "BRSTCORR": "OMIT"}),
            FileRecord("ldfd01vnq.tra", 10),
            FileRecord("ldfd01vnq_x1d.png", 2_000, Category.PREVIEW),
        ),
        prepared=(FileRecord("ldfd01vnq_rawtag_a.fits", 200_000), FileRecord("ldfd01010_asn.fits", 20_000)),
        references=(
            ReferenceRecord("FLATFILE", "f.fits", ("a",)),
            ReferenceRecord("OTHERTAB", "f.fits", ("a",)),
            ReferenceRecord("BADTTAB", "mine.fits", ("a",), "/home/me/mine.fits"),
        ),
        steps=(
            StepRecord(Step.FETCH, STARTED, ResourceUsage(1.5), ExitCode.SUCCESS),
            StepRecord(Step.CALIBRATE, STARTED, ResourceUsage(40, 1, 1, 1_300_000_000), status),
        ),
        failures=()
        if status is ExitCode.SUCCESS
        else (Failure(status, "ldfd01010_x1dsum.fits was not made.", "See process.txt.", Step.CALIBRATE),),
    )  # fmt: skip
    place = "/out/data/cos/ldfd01010"
    objects = tuple(
        f"{place}/{name}" for name in ("ldfd01vnq_x1d.fits", "previews/ldfd01vnq_x1d.png", "logs/process.txt")
    )
    return Outcome(status, record, PublishReceipt(place, objects, MessageState.PROCESSED), "/w")


def test_the_summary_says_what_was_made_where_and_what_it_took() -> None:
    lines = summary(outcome()).splitlines()
    assert lines[0].startswith("ldfd01010: EXIT - SUCCESS[0]")
    rows = [tuple(re.split(r"\s{2,}", line.strip(), maxsplit=1)) for line in lines[1:]]
    assert rows == [
        ("products", "3 files, 1.5 MB: 1 x1d, 1 flt_a, 1 other"),
        ("raw files", "2 files, 220.0 kB: 1 rawtag_a, 1 asn"),
        ("previews", "1 file, 2.0 kB"),
        ("switches", "COMPLETE: FLATCORR X1DCORR"),
        ("switches", "OMIT: BRSTCORR"),
        ("references", "1 by hst_0729.pmap"),
        ("override", "BADTTAB mine.fits, by /home/me/mine.fits"),
        ("where", "/out/data/cos/ldfd01010"),
        ("scratch", "kept in /w"),
        ("pictures", "ldfd01vnq_x1d.png in /out/data/cos/ldfd01010/previews"),
        ("log", "/out/data/cos/ldfd01010/logs/process.txt"),
        ("time", "41.5 s (fetch 1.5, calibrate 40.0)"),
        ("memory", "1.3 GB at most"),
    ]


def test_the_summary_of_a_failure_says_why_and_what_to_do() -> None:
    text = summary(outcome(ExitCode.STAGE1_ERROR))
    assert "STAGE1_ERROR[23]" in text
    assert "ldfd01010_x1dsum.fits was not made." in text
    assert "See process.txt." in text


def test_the_outcome_as_json_has_the_status_the_place_and_the_record() -> None:
    document = json.loads(outcome_json(outcome(ExitCode.STAGE1_ERROR)))
    assert (document["status"], document["dataset"]) == (23, "ldfd01010")
    assert document["location"] == "/out/data/cos/ldfd01010"
    assert document["message"] == "processed"
    assert document["record"]["failures"][0]["message"] == "ldfd01010_x1dsum.fits was not made."


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_400_000_000, "1.4 GB"), (2e15, "2000.0 TB")]
)
def test_sizes_are_written_in_decimal_units(size: float, text: str) -> None:
    assert size_text(size) == text


def test_columns_are_aligned_and_have_no_blanks_at_their_ends() -> None:
    assert columns([("a", "b"), ("long", "")], ("X", "Y")) == "X     Y\na     b\nlong"
    assert columns([]) == ""


def test_long_lines_are_broken_below_their_column() -> None:
    assert columns([("a", "one two three /a/long/path-of-no-blanks")], width=12) == (
        "a  one two\n   three\n   /a/long/path-of-no-blanks"
    )


def test_warnings_while_the_view_is_redrawn_do_not_lock_it_up() -> None:
    """Printing waits for the redrawing, and the redrawing for the state: neither may hold what the other needs."""
    renderer = LiveRenderer(Console(file=io.StringIO(), force_terminal=True, width=80))

    def warn() -> None:
        for number in range(200):
            renderer(Note(f"warning {number}", Level.WARNING))

    def redraw() -> None:
        for _ in range(200):
            renderer._live.refresh()

    with renderer:
        threads = [threading.Thread(target=work, daemon=True) for work in (warn, redraw)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=300)  # a lock-up never ends, a busy machine does
        stuck = any(thread.is_alive() for thread in threads)
        if stuck:  # leaving the view would wait for ever
            pytest.fail("the live view is locked up")
