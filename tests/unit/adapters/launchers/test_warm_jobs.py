"""Jobs that a launcher forks from a warm server, and what becomes of them."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from caldp.adapters.launchers.local import LocalLauncher
from caldp.adapters.launchers.warm_jobs import WarmJobs
from caldp.adapters.support.warm_pool import WarmPool
from caldp.app.ports.launcher import Launch, Launcher
from caldp.domain.batch.job import AttemptEnd, EndKind
from tests.contracts.launcher import HANGS, LauncherContract
from tests.fakes.memory_watch import FakeMemory
from tests.support.stopped_runs import until
from tests.unit.adapters.support.test_supervised import all_gone, marked, marker

__all__ = ["marker"]  # a fixture
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jobs are warm on Linux only")

PROGRAM = """
import sys, time
if sys.argv[1] == "99":
    time.sleep(600)
print("warm" if "--warm" in sys.argv else "cold", "caldp.container" in sys.modules, flush=True)
sys.exit(int(sys.argv[1]))
"""


def words_of(number: int) -> Sequence[str]:
    return (str(number),)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A program in the place of caldp: it ends with the status that it is told, and says whether it is warm."""
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def launcher_of(script: Path, **more: str) -> LocalLauncher:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | more
    warm = WarmJobs(script, environment, script.parent, uses_s3=False)
    return LocalLauncher(words_of, environment, FakeMemory(), script.parent, warm, (sys.executable, str(script)))


class TestWarmLauncher(LauncherContract):
    longest = 60.0

    @pytest.fixture
    def launcher(self, script: Path) -> Iterator[Launcher]:
        launcher = launcher_of(script)
        yield launcher
        launcher.close()


def next_end(launcher: LocalLauncher) -> AttemptEnd:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        for report in launcher.poll(0.1):
            if report.end is not None:
                return report.end
    raise AssertionError("It has not ended.")


def hang(launcher: LocalLauncher) -> None:
    """Start a job that does not end, and wait until it is there."""
    launcher.start(Launch("job", (HANGS,), 512))
    until(lambda: list(launcher.poll(0.1)) == [] and bool(launcher._children), seconds=60.0)


def cause(launcher: LocalLauncher) -> str:
    """Run a job that fails; return its last words."""
    launcher.start(Launch("job", (3,), 512))
    end = next_end(launcher)
    assert end.status == 3
    return end.cause


def test_a_job_that_waits_for_imports_keeps_nobody_waiting_and_is_taken_back(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    (tmp_path / "slow_library.py").write_text(
        f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)\n"
    )
    monkeypatch.setattr("caldp.adapters.launchers.warm_jobs._MODULES", ("slow_library", "caldp.container"))
    launcher = launcher_of(script, PYTHONPATH=str(tmp_path))
    launcher.start(Launch("job", (3,), 512))
    assert list(launcher.poll(0.3)) == []
    launcher.stop(running=False)
    assert [(report.number, report.end and report.end.kind) for report in launcher.poll(0.0)] == [(3, EndKind.STOPPED)]
    launcher.start(Launch("job", (3,), 512))
    assert list(launcher.poll(0.3)) == []
    gate.touch()
    assert next_end(launcher).cause == "warm True"
    launcher.close()


def test_jobs_find_the_modules_of_caldp(script: Path) -> None:
    launcher = launcher_of(script)
    assert cause(launcher) == "warm True"
    launcher.close()


def test_jobs_are_warm_in_an_image_or_on_a_cluster_whose_python_is_set_up_as_usual(script: Path) -> None:
    launcher = launcher_of(script, PYTHONDONTWRITEBYTECODE="1", PYTHONNOUSERSITE="1")
    assert cause(launcher) == "warm True"
    launcher.close()


def test_a_job_is_started_as_usual_where_python_is_set_up_in_unknown_ways(script: Path) -> None:
    launcher = launcher_of(script, PYTHONHASHSEED="1")
    assert cause(launcher) == "cold False"
    launcher.close()


def test_after_a_kill_of_the_server_jobs_are_lost_and_others_run(script: Path) -> None:
    launcher = launcher_of(script)
    hang(launcher)
    assert launcher._warm is not None
    (warm,) = launcher._warm._pool._warm
    os.kill(warm.server._process.pid, signal.SIGKILL)
    assert next_end(launcher).status != 0
    assert {cause(launcher) for _ in range(3)} <= {"warm True", "cold False"}
    assert cause(launcher) == "warm True"
    launcher.close()


def test_nothing_is_left_when_the_launcher_closes(script: Path, marker: str) -> None:
    launcher = launcher_of(script, **{marker: "1"})
    hang(launcher)
    assert len(marked(marker)) >= 3
    launcher.close()
    assert all_gone(marker)


def test_engines_are_imported_in_turn_behind_what_jobs_import(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    prepare = WarmPool.prepare

    def noted(pool: WarmPool, wanted: Path, environment: Mapping[str, str]) -> None:
        assert not any(pool.is_importing(Path(name)) for name in asked)
        asked.append(str(wanted))
        prepare(pool, wanted, environment)

    monkeypatch.setattr(WarmPool, "prepare", noted)
    environment = {"PATH": str(Path(sys.executable).parent)}
    jobs = WarmJobs(script, environment, script.parent, uses_s3=False)
    try:
        jobs.prepare_engines(("no-such-engine", "calcos", "cs0.e", "runastrodriz"), environment)
        until(lambda: len(asked) == 3, seconds=60.0)
    finally:
        jobs.close()
    assert [Path(name).name for name in asked] == [script.name, "calcos", "runastrodriz"]


def test_engines_are_not_imported_once_the_jobs_are_over(script: Path) -> None:
    jobs = WarmJobs(script, {}, script.parent, uses_s3=False)
    jobs.prepare_engines(("calcos",), {"PATH": str(Path(sys.executable).parent)})
    jobs.close()
    until(lambda: "caldp-engines" not in {thread.name for thread in threading.enumerate()}, seconds=20.0)
    assert not jobs._pool._warm
