"""Batches on this machine: real child processes, stopped, killed, and resumed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from caldp.adapters.fits.digest import file_digest
from tests.support.batch_site import STUBBORN, BatchSite
from tests.support.s3_server import S3Server
from tests.support.stopped_runs import until

ALL = ("lsim01010", "lsim01a1q", "lsim01a2q")


def truncate(path: Path) -> bytes:
    """Cut a file off; return all that it held."""
    whole = path.read_bytes()
    path.write_bytes(whole[:100_000])
    return whole


@pytest.mark.engines
def test_what_fails_is_told_and_repeated_and_the_rest_left_alone(site: BatchSite) -> None:
    raw = site.directory / "inputs" / "lsim01a2q_rawtag.fits"
    whole = truncate(raw)
    done = site.run("run", "lsim01a1q", "lsim01a2q", "inputs", "out", CALDP_PREVIEWS="true")
    assert done.returncode == 1, done.stderr
    assert list((site.directory / "out/data/cos/lsim01a1q/previews").glob("*_x1d*.png"))
    assert "1       23 STAGE1_ERROR  lsim01a2q_rawtag.fits is not a whole FITS file" in done.stderr
    assert "Fetch the file again from the archive." in done.stderr
    assert site.messages() == {"lsim01a1q": "processed", "lsim01a2q": "error"}
    record = (site.directory / "out/data/cos/lsim01a1q/logs/record.json").read_bytes()
    raw.write_bytes(whole)
    done = site.run("retry", "out", "--only", "STAGE1_ERROR")
    assert (done.returncode, "2 done" in done.stderr) == (0, True), done.stderr
    assert (site.directory / "out/data/cos/lsim01a1q/logs/record.json").read_bytes() == record
    assert site.run("run", "lsim01a1q", "lsim01a2q", "inputs", "out", CALDP_PREVIEWS="true").returncode == 0
    assert site.status()["counts"] == {"done": 2}


@pytest.mark.engines
@pytest.mark.skipif(sys.platform != "linux", reason="jobs are warm on Linux only")
def test_jobs_that_share_engines_and_crds_make_what_a_run_by_itself_makes(site: BatchSite) -> None:
    """All HDUs are compared, volatile cards aside, and what the records say of how it came about."""
    names = ALL[:2]
    driver = site.start("run", *names, "inputs", "out", CRDS_READONLY_CACHE="1")
    seen: set[str] = set()
    while driver.poll() is None:
        seen.update(site.left().values())
        time.sleep(0.1)
    assert driver.returncode == 0, site.said
    assert [words for words in seen if " -m caldp" in words] == []  # neither a job nor a CRDS worker of its own
    cold = [sys.executable, "-m", "caldp", "process", "-q"]
    for name in names:
        exports = site.environment | {"CRDS_READONLY_CACHE": "1", "CALDP_WARM_ENGINES": "false"}
        subprocess.run([*cold, name, "inputs", "cold"], cwd=site.directory, env=exports, check=True)
        one, other = (site.directory / output / "data" / "cos" / name for output in ("out", "cold"))
        files = sorted(path.name for path in one.iterdir() if path.is_file())
        assert files == sorted(path.name for path in other.iterdir() if path.is_file())
        fits = [path for path in files if path.endswith(".fits")]
        assert [path for path in fits if file_digest(one / path).hdus != file_digest(other / path).hdus] == []
        records = [json.loads((place / "logs" / "record.json").read_text()) for place in (one, other)]
        told = [{key: record[key] for key in ("references", "selection", "context") if key in record}
                for record in records]  # fmt: skip
        assert told[0] == told[1]
        assert [{engine["is_warm"] for engine in record["engines"]} for record in records] == [{True}, {False}]


@pytest.mark.engines
def test_a_batch_in_a_bucket_is_followed_there(site: BatchSite, s3: S3Server) -> None:
    s3.bucket("my-bucket")
    exports = {name: value for name, value in s3.environment.items() if name.startswith("AWS_")}
    output = "s3://my-bucket/some/prefix"
    done = site.run("run", "lsim01a1q", "inputs", output, **exports)
    assert done.returncode == 0, done.stderr
    told = site.run("status", output, "--json", **exports)
    assert json.loads(told.stdout)["counts"] == site.status(output, **exports)["counts"] == {"done": 1}
    again = site.run("run", "lsim01a1q", "inputs", output, "--dry-run", **exports)
    assert "1 done already, 0 to run" in again.stdout


def test_a_driver_that_is_killed_takes_its_jobs_along_and_is_resumed(site: BatchSite) -> None:
    site.engine(STUBBORN)
    driver = site.start("run", *ALL, "inputs", "out", "--jobs", "2", "--memory", "16GB")
    site.wait_for_engines(2)
    assert site.status()["counts"] == {"waiting": 1, "running": 2}
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    until(lambda: not site.left(), lambda: str(site.left()), 10.0)
    assert set(site.messages().values()) == {"processing"}
    assert site.status()["counts"] == {"waiting": 3}
    site.engine("#!/bin/sh\nexit 3\n")
    done = site.run("run", *ALL, "inputs", "out")
    assert done.returncode == 1
    assert "2 left by a run that did not end" in done.stderr
    assert site.messages() == dict.fromkeys(ALL, "error")
    assert site.status()["counts"] == {"failed": 3}


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_second_signal_ends_what_runs(site: BatchSite, number: signal.Signals, status: int) -> None:
    site.engine(STUBBORN)
    driver = site.start("run", *ALL, "inputs", "out", "--jobs", "1")
    site.wait_for_engines(1)
    driver.send_signal(number)
    until(lambda: "no further dataset begins" in site.said, lambda: site.said, 120.0)
    with pytest.raises(subprocess.TimeoutExpired):
        driver.wait(2)
    driver.send_signal(number)
    assert driver.wait(60) == status
    assert "3 waiting" in site.said
    assert list(site.messages().values()) == ["error"]
    until(lambda: not site.left(), lambda: str(site.left()))


def test_a_batch_is_cancelled_from_elsewhere(site: BatchSite) -> None:
    site.engine(STUBBORN)
    driver = site.start("run", *ALL, "inputs", "out", "--jobs", "1")
    site.wait_for_engines(1)
    done = site.run("cancel", "out")
    assert "its driver ends it within seconds" in done.stdout
    assert driver.wait(60) == 1
    assert site.status()["counts"] == {"cancelled": 3}
    assert site.status()["cancelled"] is True


def test_a_second_driver_is_refused(site: BatchSite) -> None:
    site.engine(STUBBORN)
    site.start("run", *ALL, "inputs", "out", "--jobs", "1")
    site.wait_for_engines(1)
    done = site.run("run", *ALL, "inputs", "out")
    assert done.returncode == 1
    assert "is being run by another driver" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_settings_reach_each_run(site: BatchSite) -> None:
    """A scratch place, an engine's variable from the environment, and a setting of one dataset."""
    site.engine("#!/bin/sh\necho the engine has $OMP_NUM_THREADS threads\nexit 3\n")
    (site.directory / "list.csv").write_text("dataset,timeout\nlsim01a1q,600\nlsim01a2q,\n")
    site.run("run", "list.csv", "inputs", "out", CALDP_HOME=str(site.directory / "home"), OMP_NUM_THREADS="3")
    assert len(list((site.directory / "home").iterdir())) == 2
    for dataset, timeout in (("lsim01a1q", '"timeout": 600.0'), ("lsim01a2q", '"timeout": 0.0')):
        logs = site.directory / "out/data/cos" / dataset / "logs"
        assert "the engine has 3 threads" in (logs / "process.txt").read_text()
        assert timeout in (logs / "record.json").read_text()
