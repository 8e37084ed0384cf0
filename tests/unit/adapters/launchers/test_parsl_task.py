"""Jobs of Parsl's workers: their ends, the driver's word, and the end of the pool."""

from __future__ import annotations

import multiprocessing
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from caldp.adapters.launchers.parsl_task import WAITING, Task, run_task
from caldp.domain.batch.job import AttemptEnd, EndKind
from tests.support.processes import is_gone


def task_of(script: str, word: str = "") -> Task:
    return Task(partial(tuple, ("/bin/sh", "-c", script)), lambda: word)


@pytest.mark.parametrize(("word", "kind"), [("", EndKind.EXITED), (WAITING, EndKind.CANCELLED)])
def test_a_job_runs_unless_its_driver_has_stopped(word: str, kind: EndKind, tmp_path: Path) -> None:
    end = run_task(task_of(f"touch {tmp_path}/ran; exit 7", word))
    assert (end.kind, (tmp_path / "ran").exists()) == (kind, kind is EndKind.EXITED)


def test_a_word_that_cannot_be_read_stops_nothing() -> None:
    def word() -> str:
        raise OSError

    assert run_task(Task(partial(tuple, ("/bin/sh", "-c", "exit 7")), word)).status == 7


def work(script: str) -> AttemptEnd:
    return run_task(task_of(script))


def pool(script: str) -> None:
    """Start a worker, as Parsl's pool does, and wait for it."""
    worker = multiprocessing.get_context("spawn").Process(target=work, args=(script,))
    worker.start()
    worker.join()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the job in /proc")
def test_a_job_ends_with_the_pool_of_its_worker(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    process = multiprocessing.get_context("spawn").Process(target=pool, args=(f"echo $$ > {place}; sleep 600",))
    process.start()
    limit = time.monotonic() + 60
    while not (place.exists() and place.read_text().strip()) and time.monotonic() < limit:
        time.sleep(0.05)
    job = int(place.read_text())
    process.kill()
    process.join()
    while not is_gone(job) and time.monotonic() < limit:
        time.sleep(0.05)
    assert is_gone(job)
