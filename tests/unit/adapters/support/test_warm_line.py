"""Programs that a job lets the servers of another process fork."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from caldp.adapters.support.warm_line import WarmLine, answer_line
from caldp.adapters.support.warm_pool import Recipe, WarmPool
from tests.support.stopped_runs import until
from tests.support.warm_programs import ENVIRONMENT, SCRIPT, heard
from tests.unit.adapters.support.test_supervised import all_gone, marked, marker
from tests.unit.adapters.support.test_warm import SELF_PORTRAIT

__all__ = ["marker"]  # a fixture
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="programs are warm on Linux only")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A program that does what its first argument says."""
    path = tmp_path / "program"
    path.write_text(SCRIPT)
    path.chmod(0o755)
    return path


@pytest.fixture
def pool(script: Path) -> Iterator[WarmPool]:
    """Servers of a driver, which knows one program."""
    recipe = Recipe(Path(sys.executable), ["json"], may_differ=frozenset({"jref"}))
    pool = WarmPool(lambda wanted: recipe if wanted == script else None)
    yield pool
    pool.close()


@contextmanager
def answered(pool: WarmPool) -> Iterator[socket.socket]:
    """Give out a job's end of a line."""
    line, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    thread = Thread(target=answer_line, args=(other, pool), daemon=True)
    thread.start()
    with line:
        yield line
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def line(pool: WarmPool) -> Iterator[WarmLine]:
    """A job's end of a line."""
    with answered(pool) as end:
        yield WarmLine(end)


def run(servers: WarmLine | WarmPool, script: Path, code: str, **more: str) -> tuple[int, str] | None:
    """Run a program; None if no server starts it."""
    child = servers.start(script, script, ["program", code], script.parent, {**ENVIRONMENT, **more}, 60.0)
    return None if child is None else heard(child)


def test_a_program_finds_all_as_it_would_without_the_line(line: WarmLine, pool: WarmPool, script: Path) -> None:
    line.prepare(script, ENVIRONMENT)
    by_line = run(line, script, SELF_PORTRAIT, jref="/elsewhere/")
    assert by_line == run(pool, script, SELF_PORTRAIT, jref="/elsewhere/")
    assert by_line is not None
    assert by_line[0] == 0


def test_several_programs_run_at_the_same_time(line: WarmLine, script: Path) -> None:
    line.prepare(script, ENVIRONMENT)
    reading, writing = os.pipe()
    words = ["program", "import os; print(os.read(0, 9), os.getpid() == os.getsid(0))"]
    children = [line.start(script, script, words, script.parent, ENVIRONMENT, 60.0, source=reading) for _ in range(2)]
    os.close(reading)
    assert None not in children
    os.write(writing, b"one word the other")
    os.close(writing)
    said = "".join(heard(child)[1] for child in children if child is not None)
    assert {"b'one word '", "b'the other'"} <= set(re.findall(r"b'[^']*'", said))
    assert said.count("True") == 2


def test_lines_and_the_driver_prepare_and_start_at_the_same_time(pool: WarmPool, script: Path) -> None:
    """All come before the server is there, and none meets a thread that has not begun."""
    with ThreadPoolExecutor(8) as threads:

        def work(_: int) -> tuple[int, str] | None:
            for _ in range(50):
                pool.prepare(script, ENVIRONMENT)
                pool.fitting(script, (), ENVIRONMENT)
            return run(pool, script, "print('warm')")

        assert set(threads.map(work, range(8))) == {(0, "warm\n")}
    assert len(pool._warm) == 1


@pytest.mark.parametrize("change", [{"LANG": "C"}, {"NEVER_HEARD_OF": ""}])
def test_another_environment_is_refused(change: dict[str, str], line: WarmLine, script: Path) -> None:
    line.prepare(script, ENVIRONMENT)
    assert run(line, script, "pass") == (0, "")
    assert run(line, script, "pass", **change) is None
    assert run(line, script, "print('next')") == (0, "next\n")


def test_what_the_driver_does_not_know_is_refused(line: WarmLine, script: Path) -> None:
    other = script.with_name("other")
    other.write_text(SCRIPT)
    line.prepare(other, ENVIRONMENT)
    assert run(line, other, "pass") is None


def test_after_its_server_was_killed_another_one_takes_its_place(line: WarmLine, pool: WarmPool, script: Path) -> None:
    line.prepare(script, ENVIRONMENT)
    assert run(line, script, "pass") == (0, "")
    (warm,) = pool._warm
    os.kill(warm.server._process.pid, signal.SIGKILL)
    warm.server._process.wait()
    assert run(line, script, "pass") is None
    line.prepare(script, ENVIRONMENT)
    assert run(line, script, "pass") == (0, "")


def test_a_driver_that_has_gone_is_no_trouble(pool: WarmPool, script: Path) -> None:
    with answered(pool) as end:
        line = WarmLine(end)
        line.prepare(script, ENVIRONMENT)
        end.shutdown(socket.SHUT_RDWR)
        assert run(line, script, "pass") is None
        line.prepare(script, ENVIRONMENT)
        assert run(line, script, "pass") is None


def test_an_environment_that_is_too_long_for_the_line_is_no_trouble(line: WarmLine, script: Path) -> None:
    long = {f"NAME_{number}": "x" * 100_000 for number in range(8)}
    line.prepare(script, {**ENVIRONMENT, **long})
    assert run(line, script, "pass", **long) is None
    line.prepare(script, ENVIRONMENT)
    assert run(line, script, "pass") == (0, "")


JOB = """
import os, sys, time
from pathlib import Path
from caldp.adapters.support.warm_line import open_own_line, own_line
open_own_line()
assert sys.stdin.read() == ""
os.umask(int(sys.argv[3]))
script, environment = Path(sys.argv[1]), {sys.argv[2]: "1"}
own_line().prepare(script, environment)
child = own_line().start(script, script, ["program", "import time; time.sleep(300)"], Path("/"), environment, 60.0)
print(child and child.pid, flush=True)
time.sleep(300)
"""


@contextmanager
def job(end: socket.socket, script: Path, marker: str, mask: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start a job that starts a program; give out the job, and what it says of the program."""
    words = [sys.executable, "-c", JOB, str(script), marker, str(mask)]
    with subprocess.Popen(words, stdin=end.fileno(), stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().decode().strip()
        finally:
            process.kill()


def test_a_job_that_is_killed_takes_its_programs_along_and_leaves_the_server(
    pool: WarmPool, script: Path, marker: str
) -> None:
    mask = os.umask(0)
    os.umask(mask)
    with answered(pool) as end:
        with job(end, script, marker, mask) as (process, said):
            program = int(said)
            assert program in marked(marker)
            process.kill()
            until(lambda: program not in marked(marker), lambda: str(marked(marker)), 10.0)
        until(lambda: len(marked(marker)) == 1, lambda: str(marked(marker)), 10.0)
    pool.close()
    assert all_gone(marker)


def test_a_job_with_other_traits_than_the_driver_is_refused(pool: WarmPool, script: Path, marker: str) -> None:
    with answered(pool) as end, job(end, script, marker, 0o070) as (_, said):
        assert said == "None"
