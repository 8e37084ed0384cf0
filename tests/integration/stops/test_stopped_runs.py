"""A stopped run ends in time, whatever it is doing, says so in the output if it can, and leaves no process behind."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
from attrs import evolve

from caldp.cli.interrupts import LAST_MOMENT, PATIENCE
from tests.support.faulty_proxy import Answer, Cut, FaultyProxy, Forward, Trouble
from tests.support.s3_server import S3Server
from tests.support.stis_pair import ROOTS
from tests.support.stopped_runs import Bench, Run, until

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
SAYS = {
    signal.SIGINT: "Stopped by you (Ctrl-C).",
    signal.SIGTERM: "Stopped by the batch system or kill (SIGTERM).",
    signal.SIGHUP: "Stopped: the terminal was closed (SIGHUP).",
}
LIMIT = LAST_MOMENT + 6.0  # which a busy machine may need
"""Seconds within which a run ends, and with it all that it started."""

every_signal = pytest.mark.parametrize("number", SIGNALS)


def no_answer(stall: threading.Event) -> Trouble:
    """Let a request wait until the test is over."""

    def trouble(_forward: Forward) -> Answer:
        stall.wait(120)
        raise Cut

    return trouble


def assert_stopped(run: Run, number: signal.Signals) -> str:
    """Stop a run, and see that it ends as it should; return what it said."""
    status, seconds = run.stop(number)
    said = run.said
    assert status == 128 + number, said
    assert seconds < LIMIT, said
    until(lambda: not run.left(), lambda: str(run.left()), LIMIT)
    assert SAYS[number] in said
    assert "Traceback" not in said
    assert "likely a bug" not in said
    return said


def publishing(bench: Bench, s3: S3Server, proxy: FaultyProxy) -> Run:
    """Start a run without engine and previews, and wait until it publishes."""
    exports = {**s3.environment, "AWS_ENDPOINT_URL": proxy.url, "CALDP_PREVIEWS": "false"}
    run = bench.start("--layout", "tree", phase="preview", output="s3://caldp-out", exports=exports)
    run.wait_for(lambda: any("/data/" in path for _, path in proxy.requests))
    return run


def assert_error(bench: Bench, said: str) -> None:
    """See that the output says that the run failed, and why."""
    assert bench.messages() == {"error"}
    logs = (bench.directory / "out" / "data").glob("cos/*/logs/*.txt")
    assert any("ERROR Stopped" in log.read_text() for log in logs)
    assert "To begin anew, run it again." in said


@every_signal
def test_while_it_downloads(
    number: signal.Signals, bench: Bench, s3: S3Server, proxy: FaultyProxy, stall: threading.Event
) -> None:
    s3.bucket("caldp-in", **{f"lsim01010/{path.name}": path.read_bytes() for path in bench.simulated.inputs.iterdir()})
    proxy.on("GET", r"rawtag", no_answer(stall), times=99)
    run = bench.start(source="s3://caldp-in", exports={**s3.environment, "AWS_ENDPOINT_URL": proxy.url})
    run.wait_for(lambda: sum("rawtag" in path for _, path in proxy.requests) > 1)
    assert_error(bench, assert_stopped(run, number))


def test_while_it_looks_for_inputs(bench: Bench, s3: S3Server, proxy: FaultyProxy, stall: threading.Event) -> None:
    """In the main thread: botocore used to swallow the stop, and to ask again."""
    s3.bucket("caldp-in")
    proxy.on("HEAD", ".", no_answer(stall), times=99)
    run = bench.start(source="s3://caldp-in", exports={**s3.environment, "AWS_ENDPOINT_URL": proxy.url})
    run.wait_for(lambda: bool(proxy.requests))
    assert_error(bench, assert_stopped(run, signal.SIGTERM))
    assert len(proxy.requests) == 1


def test_while_references_are_assigned(bench: Bench, tmp_path: Path) -> None:
    cache = tmp_path / "crds"
    shutil.copytree(bench.simulated.crds_cache, cache)
    (mapping,) = cache.glob("mappings/hst/hst_cos_*.imap")
    mapping.unlink()
    os.mkfifo(mapping)
    run = evolve(bench, environment={**bench.environment, "CRDS_PATH": str(cache)}).start()
    run.wait_for("----- references")
    time.sleep(0.2)
    assert_error(bench, assert_stopped(run, signal.SIGINT))


@every_signal
def test_while_a_stubborn_engine_works(number: signal.Signals, bench: Bench) -> None:
    run = bench.start()
    run.wait_for("the engine works")
    said = assert_stopped(run, number)
    assert_error(bench, said)
    (scratch,) = bench.directory.glob("caldp-work-*")
    assert f"The files that it had fetched and made are in {scratch}." in said


@every_signal
def test_while_several_stubborn_engines_work(number: signal.Signals, two_engines: Bench) -> None:
    run = two_engines.start()
    run.wait_for(lambda: all(f"[{root}] the engine works" in run.said for root in ROOTS))
    assert_stopped(run, number)
    assert two_engines.messages() == {"error"}


@pytest.mark.engines
def test_while_a_warm_engine_works(bench: Bench) -> None:
    (bench.directory / "bin" / "calcos").unlink()
    run = bench.start(exports={"CALDP_EXPOSURES_AT_ONCE": "1"})
    run.wait_for("CALCOS version")
    assert_error(bench, assert_stopped(run, signal.SIGTERM))


def test_while_it_draws(bench: Bench) -> None:
    run = bench.start(phase="preview")
    run.wait_for("----- preview")
    time.sleep(0.2)
    assert_error(bench, assert_stopped(run, signal.SIGHUP))


def test_while_the_output_does_not_answer(
    bench: Bench, s3: S3Server, proxy: FaultyProxy, stall: threading.Event
) -> None:
    """Then nothing can be said in it, and nothing is: no lie at least."""
    s3.bucket("caldp-out")
    proxy.on("PUT", r"/data/", no_answer(stall), times=99)
    proxy.on("PUT", r"-error", no_answer(stall), times=99)
    run = publishing(bench, s3, proxy)
    said = assert_stopped(run, signal.SIGTERM)
    assert "may still say that lsim01010 is being processed" in said
    keys = [item["Key"] for item in s3.client.list_objects_v2(Bucket="caldp-out")["Contents"]]
    assert keys == ["messages/datasets-processing/lsim01010"]


def test_while_it_publishes(bench: Bench, s3: S3Server, proxy: FaultyProxy, stall: threading.Event) -> None:
    s3.bucket("caldp-out")
    proxy.on("PUT", r"/data/", no_answer(stall))
    run = publishing(bench, s3, proxy)
    assert_stopped(run, signal.SIGTERM)
    keys = {item["Key"] for item in s3.client.list_objects_v2(Bucket="caldp-out")["Contents"]}
    assert "messages/datasets-error/lsim01010" in keys
    assert not any("processing" in key or "processed" in key for key in keys)


def test_while_a_library_takes_no_notice(bench: Bench) -> None:
    run = bench.start(phase="library")
    run.wait_for("waiting")
    said = assert_stopped(run, signal.SIGTERM)
    assert "The output may not say so." in said
    assert bench.messages() == {"processing"}


def test_several_signals_at_once_are_one_request(bench: Bench) -> None:
    run = bench.start()
    run.wait_for("the engine works")
    run.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    run.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert run.process.wait(60) == 129
    assert bench.messages() == {"error"}


def test_one_that_is_asked_twice_ends_at_once(
    bench: Bench, s3: S3Server, proxy: FaultyProxy, stall: threading.Event
) -> None:
    s3.bucket("caldp-out")
    proxy.on("PUT", r"/data/", no_answer(stall), times=99)
    run = publishing(bench, s3, proxy)
    run.process.send_signal(signal.SIGINT)
    time.sleep(2.3)
    status, seconds = run.stop(signal.SIGINT)
    assert status == 130
    assert seconds < PATIENCE - 2.3 - 1.0  # it would wait so long without the second


def test_one_under_nohup_goes_on(bench: Bench) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    run = bench.start()
    signal.signal(signal.SIGHUP, before)
    run.wait_for("the engine works")
    run.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert run.process.poll() is None
    assert_stopped(run, signal.SIGTERM)
