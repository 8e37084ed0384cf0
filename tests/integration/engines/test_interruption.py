"""A run that is stopped from outside ends its engine, says so, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from caldp.adapters.simulation import SimulatedObservation, simulate
from tests.integration.way.conftest import CALDP

ENGINE = """#!/bin/sh
echo "engine $$"
sleep 300 &
echo "child $!"
wait
"""


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    return simulate("cos", tmp_path_factory.mktemp("simulated"))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_run(number: signal.Signals, simulated: SimulatedObservation, tmp_path: Path) -> None:
    engine = tmp_path / "bin" / "calcos"
    engine.parent.mkdir()
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    environment = {
        "PATH": f"{engine.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "CRDS_PATH": str(simulated.crds_cache),
        "CRDS_CONTEXT": simulated.context,
    }
    arguments = [CALDP, "process", simulated.dataset, f"file:{simulated.inputs}", "file:out"]
    with subprocess.Popen(
        arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        assert run.stdout is not None
        pids: dict[str, int] = {}
        said: list[str] = []
        for line in run.stdout:
            said.append(line)
            words = line.split()
            pids |= {kind: int(words[-1]) for kind in ("engine", "child") if kind in words[:-1] and words[-1].isdigit()}
            if len(pids) == 2:
                run.send_signal(number)
                break
        said.append(run.stdout.read())
        status = run.wait(timeout=60)
    text = "".join(said)
    assert status == 128 + number, text
    assert signal.Signals(number).name in text
    assert "Traceback" not in text
    assert (tmp_path / "out" / "messages" / "datasets-error" / str(simulated.dataset)).exists(), text
    limit = time.monotonic() + 10
    while any(is_alive(pid) for pid in pids.values()) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not any(is_alive(pid) for pid in pids.values())
