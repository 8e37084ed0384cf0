"""A run that is killed by force leaves no process behind."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from attrs import evolve

from tests.integration.stops.test_stopped_runs import no_answer
from tests.support.faulty_proxy import FaultyProxy
from tests.support.s3_server import S3Server
from tests.support.stis_pair import ROOTS
from tests.support.stopped_runs import STUBBORN, Bench, Run, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of processes that left a group")

COPYING = STUBBORN.replace("while :; do sleep 1; done\n", "exec 1>&- 2>&-; while :; do sleep 1; done\n")
"""The same, and it has closed its output: it would never meet a broken pipe."""


def assert_nothing_is_left(run: Run, fewest: int) -> None:
    """Kill a run and see that all of its processes, at least so many, are gone with it."""
    until(lambda: len(run.left()) >= fewest, lambda: f"{run.left()} {run.said}")
    run.process.send_signal(signal.SIGKILL)
    run.process.wait(10)
    until(lambda: not run.left(), lambda: str(run.left()), 3.0)


def test_while_it_fetches(bench: Bench, s3: S3Server, proxy: FaultyProxy, stall: threading.Event) -> None:
    """The CRDS worker has been started by then."""
    s3.bucket("caldp-in")
    proxy.on("HEAD", ".", no_answer(stall), times=99)
    run = bench.start(source="s3://caldp-in", exports={**s3.environment, "AWS_ENDPOINT_URL": proxy.url})
    run.wait_for(lambda: bool(proxy.requests))
    assert_nothing_is_left(run, 3)


def test_while_references_are_assigned(bench: Bench, tmp_path: Path) -> None:
    cache = tmp_path / "crds"
    shutil.copytree(bench.simulated.crds_cache, cache)
    (mapping,) = cache.glob("mappings/hst/hst_cos_*.imap")
    mapping.write_text("import time; time.sleep(300)")
    bench = evolve(bench, environment={**bench.environment, "CRDS_PATH": str(cache)})
    run = bench.start()
    run.wait_for("----- references")
    assert_nothing_is_left(run, 3)


@pytest.mark.parametrize("script", [STUBBORN, COPYING], ids=["it writes", "it has closed its output"])
def test_while_an_engine_works(script: str, bench: Bench) -> None:
    bench.install(script)
    run = bench.start()
    run.wait_for("the engine works")
    assert_nothing_is_left(run, 4)


def test_while_several_engines_work(two_engines: Bench) -> None:
    run = two_engines.start()
    run.wait_for(lambda: all(f"[{root}] the engine works" in run.said for root in ROOTS))
    assert_nothing_is_left(run, 7)


@pytest.mark.engines
def test_while_a_warm_engine_works(bench: Bench) -> None:
    """Its server, the server's supervisor and its own are there too."""
    (bench.directory / "bin" / "calcos").unlink()
    run = bench.start(exports={"CALDP_EXPOSURES_AT_ONCE": "1"})
    run.wait_for("CALCOS version")
    assert_nothing_is_left(run, 5)


@pytest.mark.engines
def test_while_libraries_are_imported(bench: Bench) -> None:
    (bench.directory / "bin" / "calcos").unlink()
    run = bench.start()
    run.wait_for(lambda: any("warm_server.py" in words for words in run.left().values()))
    assert_nothing_is_left(run, 3)


def test_in_the_moment_in_which_an_engine_starts(bench: Bench) -> None:
    for pause in (0.0, 0.03):
        run = bench.start()
        run.wait_for("----- calibrate")
        time.sleep(pause)
        assert_nothing_is_left(run, 1)


def test_while_it_draws(bench: Bench) -> None:
    run = bench.start(phase="preview")
    run.wait_for("----- preview")
    assert_nothing_is_left(run, 1)
