"""Batches by Parsl, with its provider of local processes: run, failed, stopped, killed, resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import pytest

from tests.support.batch_site import STUBBORN, BatchSite
from tests.support.stopped_runs import until

pytestmark = pytest.mark.cluster

ALL = ("lsim01010", "lsim01a1q", "lsim01a2q")
AWAY = ("--engine", "parsl", "--jobs", "2", "--memory", "16GB")
SITE = """
from parsl.config import Config
from parsl.executors import HighThroughputExecutor
from parsl.providers import LocalProvider

def config():
    return Config(
        executors=[
            HighThroughputExecutor(
                label=label, address="127.0.0.1", max_workers_per_node=2, cores_per_worker=0.1, mem_per_worker=gib,
                heartbeat_period=2, heartbeat_threshold=20, provider=LocalProvider(min_blocks=1, worker_init=PATH),
            )
            for label, gib in {"small": 0.25, "large": 0.5}.items()
        ],
        strategy_period=1,
    )

import shlex, sys
from pathlib import Path
PATH = f"export PATH=$PATH:{shlex.quote(str(Path(sys.executable).parent))}"
"""
"""A configuration as institutions have it: two sizes of workers, started by a batch system, which is this machine."""


@pytest.mark.engines
def test_real_datasets_are_processed(site: BatchSite) -> None:
    names = ALL[1:]
    done = site.run("run", *names, "inputs", "out", *AWAY)
    assert done.returncode == 0, done.stderr
    assert site.messages() == dict.fromkeys(names, "processed")
    assert site.status()["counts"] == {"done": 2}
    until(lambda: not site.left(), lambda: str(site.left()))
    assert not list(site.directory.glob("caldp-batch-*")), "Parsl leaves no files"
    again = site.run("run", *names, "inputs", "out", *AWAY)
    assert (again.returncode, "2 done already, 0 to run" in again.stderr) == (0, True), again.stderr


def test_a_configuration_of_the_user_is_run(site: BatchSite) -> None:
    (site.directory / "site.py").write_text(SITE)
    site.engine("#!/bin/sh\nexit 3\n")
    words = ("run", *ALL, "inputs", "out", "--engine", "parsl", "--submit-option", "config=site.py")
    done = site.run(*words)
    assert done.returncode == 1, done.stderr
    assert "23 STAGE1_ERROR" in done.stderr
    assert site.messages() == dict.fromkeys(ALL, "error")
    assert {job["memory_mib"] for job in site.status()["jobs"]} == {512}
    launches = [json.loads(path.read_text()) for path in site.directory.glob("out/batches/*/launches/*")]
    assert [launch["numbers"] for launch in launches] == [[0, 1, 2]]
    until(lambda: not site.left(), lambda: str(site.left()))


def test_a_second_driver_is_refused_and_one_that_is_killed_is_resumed(site: BatchSite) -> None:
    site.engine(STUBBORN)
    driver = site.start("run", *ALL, "inputs", "out", *AWAY)
    site.wait_for_engines(2)
    assert site.status()["counts"] == {"waiting": 1, "running": 2}
    second = site.run("run", *ALL, "inputs", "out", *AWAY)
    assert (second.returncode, "is being run by another driver" in second.stderr) == (1, True), second.stderr
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    until(lambda: not site.left(), lambda: str(site.left()), 60.0)
    assert set(site.messages().values()) == {"processing"}
    assert site.status()["counts"] == {"waiting": 3}
    cancelled = site.run("cancel", "out")
    assert (cancelled.returncode, "no driver is at work on it" in cancelled.stdout) == (0, True), cancelled.stderr
    site.engine("#!/bin/sh\nexit 3\n")
    done = site.run("run", *ALL, "inputs", "out", *AWAY)
    assert (done.returncode, "2 left by a run that did not end" in done.stderr) == (1, True), done.stderr
    assert site.messages() == dict.fromkeys(ALL, "error")
    assert site.status()["counts"] == {"failed": 3}


def test_a_batch_is_cancelled_from_elsewhere(site: BatchSite) -> None:
    site.engine(STUBBORN)
    driver = site.start("run", *ALL, "inputs", "out", "--engine", "parsl", "--jobs", "1")
    site.wait_for_engines(1)
    assert "its driver ends it within seconds" in site.run("cancel", "out").stdout
    assert driver.wait(120) == 1
    assert site.status()["counts"] == {"cancelled": 3}
    until(lambda: not site.left(), lambda: str(site.left()))


def test_the_second_ctrl_c_ends_what_runs(site: BatchSite) -> None:
    """A terminal sends the signal to the whole process group, and Parsl's own processes must not heed it."""
    site.engine(STUBBORN)
    driver = site.start("run", *ALL, "inputs", "out", *AWAY)
    site.wait_for_engines(2)
    os.killpg(driver.pid, signal.SIGINT)
    until(lambda: "no further dataset begins" in site.said, lambda: site.said, 120.0)
    with pytest.raises(subprocess.TimeoutExpired):
        driver.wait(2)
    os.killpg(driver.pid, signal.SIGINT)
    assert driver.wait(120) == 130
    assert "3 waiting" in site.said
    assert list(site.messages().values()) == ["error", "error"]
    until(lambda: not site.left(), lambda: str(site.left()))


@pytest.mark.parametrize(
    ("option", "text", "told"),
    [
        ("config=none.py", "", "There is no configuration of Parsl at 'none.py'"),
        ("config=site.txt", "", "There is no configuration of Parsl at 'site.txt'"),
        ("colour=blue", "", "Parsl takes no option 'colour'"),
        ("config=site.py", "import nowhere\n", "fails in line 1: ModuleNotFoundError: No module named 'nowhere'"),
        ("config=site.py", "\nconfig = (\n", "fails in line 2: SyntaxError: '(' was never closed"),
        ("config=site.py", "raise SystemExit(0)\n", "fails in line 1: SystemExit: 0"),
        ("config=site.py", "def config():\n    return 1 / 0\n", "fails in line 2: ZeroDivisionError"),
        ("config=site.py", "config = 'htex'\n", "makes no configuration of Parsl"),
        ("config=site.py", "", "makes no configuration of Parsl"),
    ],
)
def test_a_configuration_that_is_none_is_refused(site: BatchSite, option: str, text: str, told: str) -> None:
    (site.directory / "site.py").write_text(text)
    done = site.run("run", "lsim01a1q", "inputs", "out", "--engine", "parsl", "--submit-option", option)
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
    assert site.messages() == {}


def test_jobs_cannot_be_submitted_without_their_driver(site: BatchSite) -> None:
    done = site.run("submit", *ALL, "inputs", "out", "--engine", "parsl")
    assert (done.returncode, "Jobs of Parsl cannot be submitted" in done.stderr) == (2, True), done.stderr
