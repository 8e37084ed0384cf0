"""Signals that arrive when a command has done its work, or before it begins."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from caldp.domain.exit_codes import STOPS

HEARD = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""A shell may have started the tests with Ctrl-C ignored."""
ENDING = """
import atexit, time
from caldp.cli import main
def work(_words):
    atexit.register(lambda: (print("here", flush=True), time.sleep(60)))
    return 0
main.main = work
main.run()
"""
BEGINNING = """
import sys, time
from caldp.cli import main
def work(_words):
    print("here", flush=True)
    time.sleep(60)
main.main = work
main.run()
"""


LEAVING = """
import os, sys, time
from caldp.cli.main import run
class Last:
    def __del__(self, os=os, time=time):
        os.write(1, b"here\\n")
        time.sleep(1)
sys.modules["last"] = Last()
sys.argv = ["caldp", "explain", "0"]
run()
"""
"""Its object is destroyed among the modules, when signals have been given back to the system."""


def stopped(script: str, number: int) -> tuple[int, str]:
    with subprocess.Popen(
        [sys.executable, "-c", HEARD + script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != "here":
            assert process.poll() is None
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    return process.returncode, said


@pytest.mark.parametrize("number", STOPS, ids=lambda number: signal.Signals(number).name)
def test_a_command_that_has_done_its_work_ends_with_the_status_of_a_stop(number: int) -> None:
    assert stopped(ENDING, number) == (STOPS[number], "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_without_a_run_ends_with_the_status_of_a_stop(number: signal.Signals) -> None:
    assert stopped(BEGINNING, number) == (STOPS[number], "")


@pytest.mark.parametrize("number", STOPS, ids=lambda number: signal.Signals(number).name)
def test_an_interpreter_that_takes_itself_apart_keeps_its_status(number: int) -> None:
    assert stopped(LEAVING, number) == (0, "")
