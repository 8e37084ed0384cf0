"""Batches on a real Slurm: arrays, lacks of memory that the kernel punishes, cancellation, and dead drivers."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SLURM_RIG
from tests.support.batch_site import STUBBORN, BatchSite
from tests.support.stopped_runs import until

pytestmark = [pytest.mark.slurm, pytest.mark.timeout(1800)]

ALL = ("lsim01010", "lsim01a1q", "lsim01a2q")
AWAY = ("--engine", "slurm")
HUNGRY = """#!/bin/sh
case "$*" in *lsim01a1q*) python3 -S -c 'bytes(bytearray(b"1") * (2500 << 20))' || exit 1;; esac
exec {real} "$@"
"""
"""An engine that takes 2.5 GB for one of the datasets before it does its work."""


@pytest.fixture(scope="module", autouse=True)
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    environment = {**os.environ, "SLURM_RIG_DIR": str(tmp_path_factory.mktemp("slurm"))}
    subprocess.run([SLURM_RIG, "start", "2", "8000"], env=environment, check=True, timeout=600)
    yield
    subprocess.run([SLURM_RIG, "stop"], env=environment, check=True, timeout=60)


@pytest.fixture
def site(site: BatchSite) -> Iterator[BatchSite]:
    site.environment.update(CALDP_BATCH_POLL="0.3")
    yield site
    subprocess.run(["scancel", "--user", str(os.getuid())], check=True)
    until(lambda: not queue(), queue, 60.0)


def queue() -> str:
    return subprocess.run(["squeue", "--noheader"], capture_output=True, text=True, check=True).stdout.strip()


def real_calcos() -> str:
    found = subprocess.run(["sh", "-c", "command -v calcos"], capture_output=True, text=True, check=True)
    return found.stdout.strip()


@pytest.mark.engines
def test_an_array_of_real_datasets_climbs_the_ladder(site: BatchSite) -> None:
    site.engine(HUNGRY.format(real=real_calcos()))
    done = site.run("run", *ALL, "inputs", "out", *AWAY)
    assert done.returncode == 0, done.stderr
    assert site.messages() == dict.fromkeys(ALL, "processed")
    memory = {job["dataset"]: job["memory_mib"] for job in site.status()["jobs"]}
    assert memory == {"lsim01010": 1792, "lsim01a1q": 7168, "lsim01a2q": 1792}
    launches = sorted(path.name for path in (site.directory / "out/batches").glob("*/launches/*"))
    assert len(launches) == 2


def test_one_is_cancelled_and_the_driver_killed_and_resumed(site: BatchSite) -> None:
    site.engine(STUBBORN)
    driver = site.start("run", *ALL, "inputs", "out", *AWAY)
    site.wait_for_batch()
    until(lambda: site.counts().get("running", 0) == 2, lambda: site.said, 300.0)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    time.sleep(2)
    assert len(queue().splitlines()) >= 2, "jobs go on without their driver"
    counts = site.status()["counts"]
    assert counts.get("running", 0) + counts.get("submitted", 0) == 3, f"{site.status()}\n{site.said}"
    site.start("run", *ALL, "inputs", "out", *AWAY)
    until(lambda: "3 jobs of an earlier driver go on." in site.said, lambda: site.said, 120.0)
    (array,) = {line.split()[0].partition("_")[0] for line in queue().splitlines()}
    subprocess.run(["scancel", f"{array}_0"], check=True)
    until(lambda: "lsim01010 cancelled" in site.said, lambda: site.said, 120.0)
    assert site.messages()["lsim01010"] == "error"
    site.run("cancel", "out")
    until(lambda: not queue(), queue, 120.0)
    until(lambda: site.counts() == {"cancelled": 3}, lambda: site.said, 60.0)
    assert len(list((site.directory / "out/batches").glob("*/launches/*"))) == 1


def test_submit_returns_and_status_tells(site: BatchSite) -> None:
    site.engine("#!/bin/sh\nexit 3\n")
    done = site.run("submit", *ALL, "inputs", "out", *AWAY)
    assert done.returncode == 0, done.stderr
    assert "3 submitted" in done.stderr
    until(lambda: set(site.messages().values()) == {"error"} and len(site.messages()) == 3, queue, 600.0)
    until(lambda: not queue(), queue, 60.0)
    assert site.status()["counts"] == {"failed": 3}


def test_jobs_alone_cannot_be_submitted_here(site: BatchSite, tmp_path: Path) -> None:
    done = site.run("submit", *ALL, "inputs", "out")
    assert done.returncode == 2
    assert "cannot be submitted" in done.stderr
