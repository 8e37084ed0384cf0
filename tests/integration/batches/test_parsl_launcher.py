"""Jobs as tasks of Parsl: the executor that users have on clusters, with its provider of local processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from caldp.adapters.launchers.parsl import ParslLauncher, ParslPlan
from caldp.adapters.launchers.parsl_config import local_config, settle
from caldp.adapters.launchers.parsl_task import Task
from caldp.app.ports.launcher import Launch
from caldp.domain.batch.job import AttemptEnd, EndKind
from caldp.domain.errors import LaunchError
from tests.contracts.launcher import HANGS, LauncherContract
from tests.support.processes import is_gone
from tests.support.stopped_runs import until

pytestmark = pytest.mark.cluster

MOST = 120.0  # seconds
Script = Callable[[int], str]


def launcher_of(directory: Path, script: Script, workers: int = 2) -> ParslLauncher:
    """Return a launcher of jobs that are scripts of a shell, in which ``$PPID`` is a supervisor."""
    parsl, word = directory / "parsl", directory / "word"

    def task(number: int) -> Task:
        return Task(partial(tuple, ("/bin/sh", "-c", script(number))), word.read_text)

    def say(said: str) -> None:
        word.write_text(said)

    return ParslLauncher(ParslPlan(settle(local_config(workers), parsl), parsl, workers), task, say)


def ends_of(launcher: ParslLauncher, count: int) -> dict[int, AttemptEnd]:
    ends: dict[int, AttemptEnd] = {}
    limit = time.monotonic() + MOST
    while len(ends) < count and time.monotonic() < limit:
        ends |= {report.number: report.end for report in launcher.poll(0.2) if report.end is not None}
    assert len(ends) == count
    return ends


def kinds(ends: dict[int, AttemptEnd]) -> dict[int, tuple[EndKind, int | None]]:
    return {number: (end.kind, end.status) for number, end in ends.items()}


def pid_in(path: Path) -> int:
    until(lambda: path.is_file() and path.read_text().strip() != "", lambda: f"no {path}", MOST)
    return int(path.read_text())


class TestParslLauncher(LauncherContract):
    longest = MOST

    @pytest.fixture
    def launcher(self, tmp_path: Path) -> Iterator[ParslLauncher]:
        launcher = launcher_of(tmp_path, lambda number: "sleep 600" if number == HANGS else f"exit {number}")
        yield launcher
        launcher.close()
        assert not (tmp_path / "parsl").exists()


def test_jobs_that_wait_do_not_begin_after_a_stop(tmp_path: Path) -> None:
    launcher = launcher_of(tmp_path, lambda number: f"touch {tmp_path}/began-{number}; sleep 3", workers=1)
    launcher.start(Launch("launch", (0, 1, 2), 512))
    until(lambda: launcher.poll(0.1) is not None and (tmp_path / "began-0").exists(), lambda: "nothing began", MOST)
    launcher.stop(running=False)
    ends = ends_of(launcher, 3)
    launcher.close()
    assert not list(tmp_path.glob("began-[12]"))
    assert kinds(ends) == {0: (EndKind.EXITED, 0), 1: (EndKind.CANCELLED, None), 2: (EndKind.CANCELLED, None)}


def test_a_job_whose_result_is_on_its_way_is_not_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = launcher_of(tmp_path, lambda _number: f"touch {tmp_path}/began; sleep 1")
    launcher.start(Launch("launch", (0,), 512))
    until(lambda: launcher.poll(0.1) is not None and (tmp_path / "began").exists(), lambda: "nothing began", MOST)
    # The interchange forgets a job when it sends the result.
    monkeypatch.setattr(ParslLauncher, "_at_work", staticmethod(lambda _kernel: False))
    launcher.stop(running=False)
    ends = ends_of(launcher, 1)
    launcher.close()
    assert kinds(ends) == {0: (EndKind.EXITED, 0)}


def test_a_job_that_runs_is_asked_to_end_by_a_signal(tmp_path: Path) -> None:
    script = (
        f"trap 'echo gently > {tmp_path}/how; exit 143' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 0.1; done"
    )
    launcher = launcher_of(tmp_path, lambda _number: script)
    launcher.start(Launch("launch", (0,), 512))
    pid_in(tmp_path / "pid")
    launcher.stop(running=True)
    assert kinds(ends_of(launcher, 1)) == {0: (EndKind.EXITED, 143)}
    launcher.close()
    assert (tmp_path / "how").read_text() == "gently\n"


def test_a_worker_that_is_killed_takes_its_job_along_and_another_one_follows(tmp_path: Path) -> None:
    # The parent of the shell is its supervisor, and the parent of that is the worker.
    script = f"ps -o ppid= -p $PPID > {tmp_path}/worker; echo $$ > {tmp_path}/pid; sleep 600"
    launcher = launcher_of(tmp_path, lambda number: script if number else "exit 0", workers=1)
    launcher.start(Launch("launch", (1,), 512))
    job = pid_in(tmp_path / "pid")
    os.kill(pid_in(tmp_path / "worker"), signal.SIGKILL)
    assert kinds(ends_of(launcher, 1)) == {1: (EndKind.LOST, None)}
    assert is_gone(job)
    launcher.start(Launch("launch", (0,), 512))
    assert kinds(ends_of(launcher, 1)) == {0: (EndKind.EXITED, 0)}
    launcher.close()


def test_workers_that_cannot_start_end_the_batch(tmp_path: Path) -> None:
    launcher = launcher_of(tmp_path, lambda _number: "exit 0")
    executor: Any = launcher._plan.config.executors[0]
    executor.provider.worker_init = "echo there is no such module >&2; exit 9"
    launcher.start(Launch("launch", (0,), 512))
    with pytest.raises(LaunchError, match=r"executor local can start no workers: .*there is no such module"):
        ends_of(launcher, 1)
    launcher.close()


def test_an_interchange_that_was_killed_is_noticed(tmp_path: Path) -> None:
    launcher = launcher_of(tmp_path, lambda _number: "sleep 600")
    launcher.start(Launch("launch", (0,), 512))
    executor: Any = launcher._plan.config.executors[0]
    executor.interchange_proc.kill()
    with pytest.raises(LaunchError, match="executor local has lost its interchange"):
        ends_of(launcher, 1)
    launcher.close()


def test_jobs_end_with_a_driver_that_is_killed(tmp_path: Path) -> None:
    driver = (
        "from pathlib import Path\n"
        "from tests.integration.batches.test_parsl_launcher import *\n"
        f"launcher = launcher_of(Path({str(tmp_path)!r}), lambda _: 'echo $$ > {tmp_path}/pid; sleep 600')\n"
        "launcher.start(Launch('launch', (0,), 512))\n"
        "while True: launcher.poll(1)"
    )
    process = subprocess.Popen([sys.executable, "-c", driver], cwd=Path(__file__).parents[3])
    job = pid_in(tmp_path / "pid")
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: is_gone(job), lambda: "the job goes on", MOST)
