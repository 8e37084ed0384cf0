"""Effects of faults on a run, on files and with a program that stands for an engine."""

from __future__ import annotations

import shlex
import signal
import subprocess
from pathlib import Path

import pytest
from attrs import evolve

from caldp.demo import breaking, demonstration
from caldp.demo.demonstration import Run, plain_run, require_engines
from caldp.demo.faults import FAULTS, broken_run
from caldp.domain.errors import EngineNotFound, Stopped, UsageError, WorkDirectoryError

PATH = "/usr/bin:/bin"
ENGINE = "#!/bin/sh\necho calibrating $1\ntouch jsim01a1q_flt.fits jsim01a1q.tra\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of ACS, whose engine is a script."""
    engine = tmp_path / "bin" / "calacs.e"
    engine.parent.mkdir()
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    caller = {"PATH": f"{engine.parent}:{PATH}", "CALDP_LAYOUT": "calcloud", "CRDS_PATH": "/grp/crds/cache"}
    return plain_run("acs", tmp_path / "demo", caller)


def engine_of(run: Run) -> subprocess.CompletedProcess[str]:
    """Run the engine as the run would find it."""
    directory = run.place / "data"
    directory.mkdir()
    return subprocess.run(
        ["sh", "-c", 'exec "$0" "$@"', "calacs.e", "jsim01010_asn.fits"],
        cwd=directory, env=dict(run.environment), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_plain_run_is_shown_without_what_goes_without_saying(run: Run) -> None:
    caller = {"PATH": run.environment["PATH"]}
    assert plain_run("cos", Path("caldp-demo"), caller).shown(caller) == "caldp process lsim01010 --profile demo"
    shown = "CALDP_HOME=elsewhere caldp process lsim01010 simulated:elsewhere file:elsewhere --profile demo"
    assert plain_run("cos", Path("elsewhere"), caller).shown(caller) == shown


def test_the_callers_settings_do_not_count(run: Run) -> None:
    assert run.environment == {"PATH": run.environment["PATH"], "CALDP_HOME": str(run.place)}


def test_variables_that_differ_are_shown_and_path_in_short(run: Run) -> None:
    shown = breaking.with_variables(run, PATH=f"/my programs:{PATH}", A="b c").shown({"PATH": PATH})
    assert "A='b c' PATH='/my programs:'$PATH caldp process jsim01010" in shown


def test_a_missing_engine_is_named_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(EngineNotFound, match=r"STIS cannot be shown: cs0\.e is not installed") as caught:
        require_engines("stis", {"PATH": str(tmp_path)})
    assert "hstcal" in caught.value.advice


def test_a_fault_has_a_directory_of_its_own(run: Run) -> None:
    broken = broken_run(FAULTS["missing-member"], run)
    assert broken.place == run.place / "fault-missing-member" / "acs"
    assert broken.environment["CRDS_PATH"] == str(broken.place / "crds_cache")
    assert sorted(path.name for path in broken.observation.inputs.glob("*_raw.fits")) == ["jsim01a1q_raw.fits"]


def test_what_was_broken_is_whole_again_for_the_next_fault(run: Run) -> None:
    sizes = [
        breaking.raw(broken_run(evolve(FAULTS[name], name="same"), run)).stat().st_size
        for name in ("truncated-raw", "missing-reference")
    ]
    assert sizes[0] == sizes[1] // 2


@pytest.mark.parametrize("name", ["truncated-reference", "truncated-mapping"])
def test_a_file_of_the_cache_is_cut_off(name: str, run: Run) -> None:
    whole = broken_run(FAULTS["stopped"], run).observation.crds_cache
    cut = broken_run(FAULTS[name], run).observation.crds_cache
    files = [path.relative_to(whole) for path in whole.rglob("*") if path.is_file()]
    assert sum((whole / file).stat().st_size != (cut / file).stat().st_size for file in files) == 1


def test_an_engine_can_be_killed(run: Run) -> None:
    assert engine_of(broken_run(FAULTS["engine-killed"], run)).returncode == -signal.SIGKILL


def test_an_engine_can_lie(run: Run) -> None:
    broken = broken_run(FAULTS["engine-lies"], run)
    done = engine_of(broken)
    assert (done.returncode, done.stdout) == (0, "calibrating jsim01010_asn.fits\n")
    assert [path.name for path in (broken.place / "data").iterdir()] == ["jsim01a1q.tra"]


def test_an_engine_can_lose_its_interpreter(run: Run) -> None:
    program = broken_run(FAULTS["engine-broken"], run).place / "programs" / "calacs.e"
    assert program.exists()
    with pytest.raises(FileNotFoundError):
        subprocess.run([program], check=False)


def test_the_limit_of_files_lets_the_inputs_pass(run: Run) -> None:
    broken = broken_run(FAULTS["file-limit"], run)
    largest = max(path.stat().st_size for path in broken.observation.inputs.iterdir())
    for size, written in ((largest, True), (3 * largest, False)):
        command = [*broken.launcher, "sh", "-c", f"head -c {size} /dev/zero > file"]
        done = subprocess.run(command, cwd=broken.place, capture_output=True, check=False)
        assert (done.returncode == 0) is written


def test_where_no_disk_can_be_mounted_another_fault_is_proposed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError, match="does not let a user mount") as caught:
        broken_run(FAULTS["disk-full"], run)
    assert "file-limit" in caught.value.advice


def test_a_place_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkDirectoryError, match="cannot be written"):
        broken_run(FAULTS["stopped"], evolve(run, place=tmp_path / "file"))


@pytest.mark.parametrize(("script", "status"), [("exit 7", 7), ("kill -TERM $$", 128 + signal.SIGTERM)])
def test_a_run_returns_its_status(script: str, status: int, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demonstration, "_PROCESS", ("sh", "-c", script, "caldp"))
    assert run.start() == status


def test_an_interrupted_run_may_clean_up_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.place.mkdir()
    script = f"kill -INT $PPID; sleep 0.3; touch '{run.place}/cleaned'"
    monkeypatch.setattr(demonstration, "_PROCESS", ("sh", "-c", script, "caldp"))
    with pytest.raises(KeyboardInterrupt):
        run.start()
    assert (run.place / "cleaned").exists()


def test_a_run_is_asked_to_end_when_its_caller_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(number: int, _frame: object) -> None:
        raise Stopped(number)

    run.place.mkdir()
    script = f"trap 'touch {shlex.quote(str(run.place))}/cleaned; exit 143' TERM; kill -TERM $PPID; sleep 20 & wait"
    monkeypatch.setattr(demonstration, "_PROCESS", ("sh", "-c", script, "caldp"))
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(Stopped):
            run.start()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (run.place / "cleaned").exists()
