"""Standard streams that are closed, full, or whose reader has gone: the run goes on, and its status is its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.records import read_record
from tests.support.stopped_runs import STUCK_CALDP, Bench

ENGINE = """#!/bin/sh
for number in 1 2 3 4 5 6 7 8; do echo "line $number"; sleep 0.05; done
exit 3
"""
"""An engine that fails: the rest of the run goes on all the same."""

EXPECTED = 23
FULL = Path("/dev/full")


def run(bench: Bench, shell: str) -> int:
    """Run a line of a shell in which ``$caldp`` is the command; return the status of the command."""
    bench.install(ENGINE)
    words = f'process {bench.simulated.dataset} "file:{bench.simulated.inputs}" file:out'
    program = f'caldp() {{ "{sys.executable}" "{STUCK_CALDP}" "" {words} "$@"; echo $? > status; }}\n{shell}\n'
    subprocess.run(
        ["/bin/sh", "-c", program], cwd=bench.directory, env=dict(bench.environment), check=False, timeout=120
    )
    return int((bench.directory / "status").read_text())


@pytest.mark.parametrize(
    ("shell", "breaks"),
    [
        ("caldp 2>&1 | head -1", 1),
        ("caldp --log-format json 2>&1 | head -1", 1),
        ("caldp --json | true", 0),
        ("caldp <&- >&- 2>&-", 0),
        pytest.param(
            "caldp --json >/dev/full 2>&1", 1, marks=pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
        ),
    ],
)
def test_nobody_listens(shell: str, breaks: int, bench: Bench) -> None:
    assert run(bench, shell) == EXPECTED
    assert bench.messages() == {"error"}
    (log,) = (bench.directory / "out" / "data").glob("cos/*/logs/process.txt")
    said = log.read_text()
    assert "line 8" in said
    assert "Traceback" not in said
    assert said.count("A view of the run failed, and gets no further events (") == breaks
    record = read_record(log.with_name("record.json"))
    assert [failure["step"] for failure in record["failures"]] == ["calibrate"]


def test_a_status_that_nobody_reads_is_told_by_other_commands_too(bench: Bench) -> None:
    words = [sys.executable, "-m", "caldp", "explain", "23"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")
    if FULL.exists():
        with FULL.open("wb") as full:
            done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 1
        assert b"Standard output cannot be written: No space left on device" in done.stderr
        assert b"bug" not in done.stderr
