"""Warm servers under attack: nothing that a program does reaches the next one, and nothing is left of any."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from caldp.adapters.support.warm import NotWarm
from tests.support.warm_programs import ENVIRONMENT, SCRIPT, Programs, heard, programs
from tests.unit.adapters.support.test_supervised import FLEEING, LEAVING, all_gone, marked, marker, wait_for
from tests.unit.adapters.support.test_warm import SELF_PORTRAIT

__all__ = ["marker"]  # a fixture

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="engines are warm on Linux only")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """Programs of one server, whatever they do."""
    with programs(tmp_path_factory.mktemp("programs"), ["json", "email.message"]) as these:
        yield these


@pytest.fixture
def alone(tmp_path: Path, marker: str) -> Iterator[Programs]:
    """Programs of a server that may be killed."""
    with programs(tmp_path, ["json"], {**ENVIRONMENT, marker: "1"}) as these:
        yield these
    assert all_gone(marker)


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.closerange(0, 1000); os._exit(1)",
        "import os; os.kill(os.getpid(), 11)",
        "import os; os.chdir('/tmp'); os.umask(0); os.environ.clear(); os._exit(0)",
        "import signal as s; s.pthread_sigmask(s.SIG_BLOCK, s.valid_signals()); s.signal(15, s.SIG_IGN)",
        "import json, builtins; json.dumps = builtins.print = None; sys.path[:] = []; sys.modules.clear()",
        "import ctypes; ctypes.memset(id(None), 255, 64)",
        "import resource as r; r.setrlimit(r.RLIMIT_AS, (1 << 28,) * 2); [bytearray(1 << 20) for _ in range(999)]",
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (3, 3)); open('/dev/null')",
        "import threading as t, time\nfor _ in 'abc': t.Thread(target=time.sleep, args=(300,), daemon=True).start()",
        "import threading, os; threading.Lock().acquire(); os._exit(9)",
        "import fcntl, os; [fcntl.fcntl(number, fcntl.F_SETFL, os.O_NONBLOCK) for number in range(3)]",
        "import random; random.seed(1)",
        "import os; os.nice(5)",
        "import sys; sys.stdout.close(); sys.stderr.close(); sys.stdin.close()",
        LEAVING.format(late="pass", lasts=0),
        FLEEING.replace("+ 6", "+ 0.5"),
    ],
)  # fmt: skip
def test_the_next_program_is_untouched(code: str, shared: Programs) -> None:
    before = shared.warm(SELF_PORTRAIT)
    shared.warm(code)
    assert shared.warm(SELF_PORTRAIT) == before


@pytest.mark.parametrize(
    "module",
    [
        "raise ValueError",
        "import sys; sys.exit(0)",
        "import no_such_library",
        "import threading as t, time; t.Thread(target=time.sleep, args=(300,), daemon=True).start()",
        "file = open('/dev/null')",
        "import mmap; memory = mmap.mmap(-1, 4096)",
        "import multiprocessing; lock = multiprocessing.Lock()",
        "import os; os.environ['MPLCONFIGDIR'] = '/tmp/matplotlib-xyz'",
        "import sys; sys.modules['calcos.anything'] = sys",
        "import os; os.abort()",
        "import time; time.sleep(300)",
    ],
)
def test_nothing_is_forked_after_imports_that_fail_or_that_forks_would_share(
    module: str, tmp_path: Path, marker: str
) -> None:
    (tmp_path / "library.py").write_text(module)
    environment = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path), marker: "1"}
    with programs(tmp_path, ["library"], environment) as these:
        for seconds in (2.0 if module.startswith("import time;") else 60.0, 0.0):
            with pytest.raises(NotWarm):
                these.server.start(these.script, ["program", "pass"], tmp_path, environment, seconds)
    assert all_gone(marker)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


SLEEPS = "import os, time\nif os.fork() == 0: os.setsid()\nprint('begun', flush=True); time.sleep(300)"


@pytest.mark.parametrize("generations", [0, 1, 2, 3], ids=["program", "supervisor", "server", "server's supervisor"])
def test_nothing_is_left_when_one_is_killed(generations: int, alone: Programs, marker: str) -> None:
    with alone.fork(SLEEPS) as child:
        assert child.stdout.read(5) == b"begun"
        victim = child.pid
        for _ in range(generations):
            victim = parent_of(victim)
        os.kill(victim, signal.SIGKILL)
        try:
            ended = child.wait(30)
            assert ended is not None
            assert ended.code == -9
        except ChildProcessError as error:
            assert generations > 0
            assert "program has ended with the process that watches over it" in str(error)
    if generations < 2:
        assert alone.warm("print('next')") == (0, "next\n")
    else:
        with pytest.raises(NotWarm):
            alone.fork("pass")
        assert all_gone(marker)


def test_signals_to_a_server_and_its_supervisors_do_not_end_them(alone: Programs) -> None:
    child = alone.fork("import time; time.sleep(0.5); sys.exit(4)")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(parent_of(child.pid), number)
        os.kill(parent_of(parent_of(child.pid)), number)
    assert heard(child) == (4, "")


def test_a_supervisor_that_its_program_stops_goes_on(alone: Programs) -> None:
    assert alone.warm("import os; os.kill(os.getppid(), 19); os._exit(5)") == (5, "")


def test_a_supervisor_that_does_not_answer_is_killed(alone: Programs, marker: str) -> None:
    with alone.fork(SLEEPS) as child:
        assert child.stdout.read(5) == b"begun"
        os.kill(parent_of(child.pid), signal.SIGSTOP)
        child.kill_by_force()
        with pytest.raises(ChildProcessError):
            child.wait(30)
    assert alone.warm("print('next')") == (0, "next\n")


def test_a_server_that_is_stopped_is_not_waited_for(alone: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caldp.adapters.support.warm._PATIENCE", 1.0)
    child = alone.fork("import time; time.sleep(0.5)")
    os.kill(parent_of(parent_of(child.pid)), signal.SIGSTOP)
    assert heard(child) == (0, "")
    with pytest.raises(NotWarm, match="too long"):
        alone.fork("pass")


OWNER = """
import sys, time
from pathlib import Path
from caldp.adapters.support.warm import WarmServer
script, marker, code = sys.argv[1:]
environment = {marker: "1"}
server = WarmServer(Path(sys.executable), Path(script), ["json"], [], environment)
if code:
    child = server.start(Path(script), ["program", code], Path("/"), environment, 60.0)
print(flush=True)
time.sleep(300)
"""


@pytest.mark.parametrize("code", ["", LEAVING.format(late="pass", lasts=300)], ids=["server", "program"])
def test_nothing_outlives_an_owner_that_is_killed(code: str, tmp_path: Path, marker: str) -> None:
    script = tmp_path / "program"
    script.write_text(SCRIPT)
    words = [sys.executable, "-c", OWNER, str(script), marker, code]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        wait_for(4 if code else 1, marker)
        owner.kill()
    assert all_gone(marker, 10.0)


def test_a_stop_while_libraries_are_imported_leaves_nothing(tmp_path: Path, marker: str) -> None:
    (tmp_path / "library.py").write_text("import time; time.sleep(300)")
    with programs(tmp_path, ["library"], {"PYTHONPATH": str(tmp_path), marker: "1"}):
        wait_for(1, marker)
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert not marked(marker)
