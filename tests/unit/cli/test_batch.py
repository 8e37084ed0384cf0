"""``caldp batch``: words, mistakes, stops, and views of batches."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from attrs import evolve
from rich.console import Console

from caldp.app.batch.driver_claim import claimed
from caldp.app.process.identity import make_identity
from caldp.batches.engines import Engine
from caldp.batches.manifest import read
from caldp.batches.run import prepare
from caldp.cli.batch.options import memory_mib
from caldp.cli.batch.stops import counting_stops
from caldp.cli.main import main
from caldp.domain.batch.estimate import Basis, Estimate
from caldp.domain.batch.events import BatchBegun, BatchEvent, JobEnded, JobStarted, JobStepped
from caldp.domain.batch.files import request_of
from caldp.domain.batch.job import AttemptEnd, Job, JobState
from caldp.domain.batch.outcome import BatchOutcome
from caldp.domain.errors import BatchTaken, Stopped, UsageError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.layout import RECORD
from caldp.domain.run.events import Note
from caldp.views.batch import Progress, event_line, outcome_json, outcome_text
from caldp.views.batch_live import LiveBatch
from caldp.views.batch_plan import ReferenceCount, plan_json, plan_text
from tests.support.batches import publish


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inputs").mkdir()
    for name in ("j8f54obeq", "j8f54obgq"):
        (tmp_path / "inputs" / f"{name}_raw.fits").write_bytes(b"x" * 100)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["j8f54obeq"], "'j8f54obeq' is not MANIFEST INPUT OUTPUT."),
        (["inputs", "outputs"], "'inputs outputs' is not MANIFEST INPUT OUTPUT."),
        (["list.txt", "inputs", "outputs"], "The manifest 'list.txt' cannot be read: no such file or directory."),
        (["j8f54obeq", "j8f54obzq", "inputs", "outputs"], "the input has nothing for j8f54obzq"),
        (["--all", "j8f54obeq", "inputs", "outputs"], "is not INPUT OUTPUT."),
        (["j8f54obeq", "inputs", "none"], "A batch needs an output"),
        (["j8f54obeq", "nowhere", "outputs"], "nowhere' cannot be listed: no such file or directory."),
        (["j8f54obeq", "j8f54obgq", "ldfd01010"], "j8f54obgq is a dataset where an input location was expected."),
        (["j8f54obeq", "inputs", "outputs", "--memory", "much"], "--memory 'much' is no amount of memory."),
        (["j8f54obeq", "inputs", "outputs", "--redo", "some"], "'some' is no choice for redo."),
        (["j8f54obeq", "inputs", "outputs", "--profile", "none"], "none"),
        (["j8f54obeq", "inputs", "outputs", "--jobs", "0"], "Invalid value for '--jobs'"),
    ],
)  # fmt: skip
def test_mistakes_are_told_and_nothing_is_made(
    words: list[str], told: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["batch", "run", *words])
    assert told in capsys.readouterr().err
    assert status in (2, 21)
    assert not (here / "outputs").exists()


def test_a_scratch_directory_cannot_be_shared(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALDP_WORK_DIR", str(here / "scratch"))
    assert main(["batch", "run", "j8f54obeq", "inputs", "outputs"]) == 2
    assert "cannot share one scratch directory" in capsys.readouterr().err


def test_a_dry_run_writes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", "run", "--all", "inputs", "outputs", "--dry-run", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [run["dataset"] for run in shown["runs"]] == ["j8f54obeq", "j8f54obgq"]
    assert not (here / "outputs").exists()


def test_names_come_from_standard_input(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("j8f54obgq # one\n"))
    assert main(["batch", "run", "-", "inputs", "outputs", "--dry-run"]) == 0
    assert "1 dataset, 0 done already, 1 to run" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["status", "outputs"], ["status", "outputs", "0123456789ab"], ["cancel", "outputs"], ["retry", "outputs"]]
)
def test_a_batch_that_is_not_there_is_a_mistake(
    words: list[str], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "outputs").mkdir()
    assert main(["batch", *words]) == 2
    assert "There is no batch" in capsys.readouterr().err


def test_only_takes_statuses_and_names(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "outputs").mkdir()
    assert main(["batch", "retry", "outputs", "--only", "sometimes"]) == 2
    assert "--only 'sometimes' is no exit status." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "mib"), [("4096", 4096), ("12GB", 12288), ("1.5g", 1536), ("2 TiB", 2 << 20), ("2048k", 2), (None, None)]
)
def test_memory_is_read(text: str | None, mib: int | None) -> None:
    assert memory_mib(text) == mib


@pytest.mark.parametrize("text", ["", "x", "12 apples", "-1", "0", "1k"])
def test_no_memory_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        memory_mib(text)


def test_signals_are_counted_and_the_third_ends_all(capsys: pytest.CaptureFixture[str]) -> None:
    with counting_stops() as stops:
        os.kill(os.getpid(), signal.SIGTERM)
        assert (stops(), stops.status()) == (1, ExitCode.TERMINATED)
        os.kill(os.getpid(), signal.SIGHUP)  # batch systems send a few kinds at once
        assert stops() == 1
        os.kill(os.getpid(), signal.SIGHUP)
        assert stops() == 2
        with pytest.raises(Stopped):
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
    assert capsys.readouterr().err.count("caldp: Stopping") == 2


EVENTS: list[BatchEvent] = [
    BatchBegun("0123456789ab", "/out/batches/0123456789ab", 5, 1, 3, {"not processed yet": 2, "failed before": 1}),
    JobStarted("j8f54obeq", 1, 512),
    JobStepped("j8f54obeq", "calibrate"),
    JobStarted("j8f54obgq", 1, 512),
    JobEnded("j8f54obgq", JobState.WAITING, AttemptEnd(status=31, seconds=70), "out of memory with 512 MiB"),
    JobEnded("j8f54obeq", JobState.DONE, AttemptEnd(status=0, seconds=200)),
    JobStarted("j8f54obgq", 2, 1792),
    JobEnded("j8f54obgq", JobState.FAILED, AttemptEnd(status=23, seconds=3), "calacs.e failed."),
    Note("Something else."),
]


def test_a_pipe_gets_a_line_for_each_end() -> None:
    progress, lines = Progress(), []
    for event in EVENTS:
        progress.take(event)
        lines += [line] if (line := event_line(event, progress)) else []
    assert lines == [
        "batch 0123456789ab: 5 datasets, 1 done already, 3 to run\n    2 not processed yet\n    1 failed before",
        "[1/4] j8f54obgq again 70 s: out of memory with 512 MiB",
        "[2/4] j8f54obeq done 3 min",
        "[3/4] j8f54obgq failed 3 s: calacs.e failed.",
        "Something else.",
    ]
    assert (progress.left, progress.remaining(100.0)) == (1, 50.0)


def test_a_terminal_shows_counts_what_runs_and_what_failed() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with LiveBatch(console) as live:
        for event in EVENTS[:5]:
            live(event)
        drawn = Console(file=io.StringIO(), width=100)
        drawn.print(live._draw())
    shown = drawn.file.getvalue()  # type: ignore[attr-defined]
    assert "1 done, 0 failed, 1 running, 2 waiting" in shown
    assert "j8f54obeq" in shown
    assert "calibrate" in shown
    assert "j8f54obgq again: out of memory" in shown


JOBS = [
    Job("j8f54obeq", JobState.DONE, seconds=5.0),
    *(Job(f"j8f54o{n}eq", JobState.FAILED, status=27, cause="No server.", advice="Wait.") for n in "123456"),
]  # fmt: skip


def test_the_end_is_a_table_of_failures_by_cause() -> None:
    text = outcome_text(BatchOutcome("0123456789ab", "/out", JOBS, seconds=61.0))
    assert text.splitlines()[0] == "batch 0123456789ab: 1 done, 6 failed after 61 s"
    assert "6       27 BESTREFS_ERROR  No server." in text
    assert "Wait." in text
    assert "j8f54o5eq and 1 more" not in text.splitlines()[0]
    assert "and 1 more" in text
    stopped = BatchOutcome("0123456789ab", "/out", JOBS, ExitCode.TERMINATED)
    assert outcome_text(stopped).endswith("Stopped. Repeat the command to resume.")
    assert json.loads(outcome_json(stopped))["status"] == 143


def test_a_plan_has_reasons_and_needs() -> None:
    reasons, estimates = {0: "failed before"}, {0: Estimate(1000.0, 7200.0, 2, 3_000_000_000, Basis.HEADERS)}
    assert plan_text("0123456789ab", JOBS, reasons, estimates).splitlines() == [
        "batch 0123456789ab: 7 datasets, 6 done already, 1 to run",
        "    1 failed before",
        "2 raw files or tarballs, 3.0 GB",
        "about 2 h of work on one core, at most 1.0 GB a dataset",
        "    1 estimated by headers of inputs",
    ]
    assert json.loads(plan_json("b", JOBS, reasons, estimates))["runs"] == [
        {
            "dataset": "j8f54obeq", "reason": "failed before", "memory_mib": 1000, "seconds": 7200,
            "input_files": 2, "input_bytes": 3_000_000_000, "basis": "headers",
        }
    ]  # fmt: skip
    count = ReferenceCount(3, 5_000_000, 4, 2_000_000, 1, 0)
    assert str(count) == "3 reference files in the cache, 5.0 MB; 4 missing, 2.0 MB to fetch and 1 of unknown size"


def test_another_operational_context_is_a_change(here: Path) -> None:
    """Only where nobody has named a context; the record tells which one was operational then."""
    config = here / "cache/config/hst"
    config.mkdir(parents=True)
    (config / "server_config").write_text("{'operational_context': 'hst_0730.pmap'}")
    (here / "cache/mappings/hst").mkdir(parents=True)
    (here / "cache/mappings/hst/hst_0729.pmap").touch()
    environment = {"HOME": str(here), "CRDS_PATH": str(here / "cache"), "PATH": os.environ["PATH"]}

    def reasons(**overrides: str) -> set[str]:
        prepared = prepare(
            read(["j8f54obeq"]), "inputs", "outputs", environment=environment, redo="changed", overrides=overrides
        )
        use_case = prepared.use_case
        request = request_of(use_case.common, use_case.entries[0])
        record = publish(use_case.files.store, request)
        key = use_case.layout.log_key(request.dataset, RECORD)
        use_case.files.store.put_bytes(key, evolve(record, context="hst_0729.pmap").to_json().encode())
        return set(use_case.plan(prepared.options).reasons.values())

    assert reasons() == {"context hst_0729.pmap -> hst_0730.pmap"}
    assert reasons(crds_context="hst_0729.pmap") == set()


@pytest.mark.skipif(sys.platform != "linux", reason="jobs are warm on Linux only")
@pytest.mark.parametrize("options", [(), ("--partition=long",)])
def test_of_a_batch_that_another_driver_has_no_server_is_left(options: tuple[str, ...], here: Path) -> None:
    engine = Engine("local", options)
    environment = {"HOME": str(here), "CRDS_PATH": str(here), "CRDS_READONLY_CACHE": "1", "PATH": os.environ["PATH"]}
    names = read(["j8f54obeq", "j8f54obgq"])
    prepared = prepare(names, "inputs", "outputs", environment=environment, engine=engine)
    use_case = prepared.use_case
    assert prepared.warm is not None
    other = claimed(use_case.files.store, use_case.place, make_identity({}), lambda _event: None)
    with other, pytest.raises(BatchTaken):
        prepared.run(engine, jobs=1)
    assert prepared.warm._pool._warm == []
