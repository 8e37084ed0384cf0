"""Programs under a supervisor: what they are given, and that nothing of them is left, whoever is killed."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from caldp.adapters.support.supervised import Ended, Supervised

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of processes that left a group")
PATH = "/bin:/usr/bin"

LEAVING = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        {late}
        time.sleep(300)
    os._exit(0)
os.wait()
time.sleep({lasts})
"""
"""A program that starts a daemon: in a session of its own, and with no parent any more."""


@pytest.fixture
def marker() -> str:
    """Return a variable by which the processes of a test are found."""
    return f"CALDP_TEST_{uuid4().hex}"


def marked(marker: str) -> list[int]:
    """Find the living processes that have a variable in their environment."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                state = (place / "stat").read_text().rpartition(")")[2].split()[0]
                if marker.encode() in (place / "environ").read_bytes() and state != "Z":
                    found.append(int(place.name))
            except OSError:
                continue
    return found


def all_gone(marker: str, seconds: float = 30.0) -> bool:
    limit = time.monotonic() + seconds
    while (left := marked(marker)) and time.monotonic() < limit:
        time.sleep(0.02)
    return not left


def wait_for(found: int, marker: str) -> list[int]:
    limit = time.monotonic() + 60
    while len(pids := marked(marker)) < found:
        assert time.monotonic() < limit
        time.sleep(0.02)
    return pids


def start(argv: list[str], directory: Path, marker: str = "", platform: str = sys.platform) -> Supervised:
    environment = {"PATH": PATH, **({marker: "1"} if marker else {})}
    return Supervised(argv, executable=Path(argv[0]), directory=directory, environment=environment, platform=platform)


def python(script: str) -> list[str]:
    return [sys.executable, "-S", "-c", script]


@pytest.fixture(params=["linux", "other"])
def platform(request: pytest.FixtureRequest) -> str:
    """Return a system with and one without what Linux has for supervisors."""
    if request.param == "linux" and sys.platform != "linux":
        pytest.skip("this is no Linux")
    return str(request.param)


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", -9), ("kill -11 $$", -11)])
def test_a_program_ends_as_it_does(script: str, code: int, platform: str, tmp_path: Path) -> None:
    with start(["/bin/sh", "-c", script], tmp_path, platform=platform) as child:
        ended = child.wait(30)
    assert isinstance(ended, Ended)
    assert ended.code == code


def test_a_program_is_given_what_was_asked_for_and_nothing_else(tmp_path: Path) -> None:
    script = "import os, sys; print(os.environb, sys.argv, os.getcwd(), os.listdir('/proc/self/fd'), os.getsid(0))"
    environment = {"LC_ALL": "C", "caf\udce9": "x=y\n", "EMPTY": ""}
    argv = [sys.executable, "-I", "-S", "-c", script, "", "a b", "\udcff"]
    with Supervised(argv, executable=Path(sys.executable), directory=tmp_path, environment=environment) as child:
        assert child.wait(30) is not None
        said = child.stdout.read().decode()
        pid = child.pid
    assert said.strip() == (
        f"environ({{b'LC_ALL': b'C', b'caf\\xe9': b'x=y\\n', b'EMPTY': b''}}) ['-c', '', 'a b', '\\udcff'] {tmp_path} "
        f"['0', '1', '2', '3'] {pid}"
    )


def test_a_program_has_the_signals_that_a_shell_would_give_it(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with start(["/bin/grep", "Sig[BI]", "/proc/self/status"], tmp_path) as child:
            child.wait(30)
            said = child.stdout.read().decode().split()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert said[1::2] == ["0" * 16] * 2


def test_a_program_reads_what_it_is_given(tmp_path: Path) -> None:
    with Supervised(["cat"], executable=Path("/bin/cat"), directory=tmp_path, environment={}, has_input=True) as child:
        assert child.stdin is not None
        child.stdin.write(b"question")
        child.stdin.close()
        assert child.stdout.read() == b"question"
        ended = child.wait(30)
    assert ended is not None
    assert ended.code == 0


def test_a_line_that_no_pipe_holds_arrives_whole(tmp_path: Path) -> None:
    words = {"word": "x" * (1 << 20)}
    count = python("import json, sys; print(len(json.loads(sys.stdin.readline())['word']))")
    interpreter = Path(sys.executable)
    with Supervised(count, executable=interpreter, directory=tmp_path, environment={}, has_input=True) as child:
        child.say(words)
        assert child.stdout.read() == b"1048576\n"
        child.wait(30)
        with pytest.raises(OSError, match="Broken pipe"):
            child.say(words)


def test_the_account_is_the_programs_own(tmp_path: Path) -> None:
    ballast = bytearray(100 << 20)
    with start(["/bin/true"], tmp_path) as child:
        small = child.wait(30)
    with start(python("x = bytearray(100 << 20); sum(range(3_000_000))"), tmp_path) as child:
        large = child.wait(30)
    assert small is not None
    assert large is not None
    assert small.usage.max_rss_bytes < 40 << 20 < len(ballast) < large.usage.max_rss_bytes
    assert large.usage.user_seconds > 0.01


@pytest.mark.parametrize(
    ("executable", "number"), [("/no/such", errno.ENOENT), ("/etc/passwd", errno.EACCES), ("/bin", errno.EACCES)]
)
def test_what_cannot_be_started_says_why(executable: str, number: int, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"\w") as raised:
        start([executable], tmp_path)
    assert raised.value.errno == number


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        start(["/bin/true"], tmp_path / "none")


def test_many_open_files_do_not_matter(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        with start(["/bin/true"], tmp_path) as child:
            assert child.wait(30) is not None
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def descriptors() -> set[str]:
    return {str(path.resolve()) for path in Path("/dev/fd").iterdir() if path.exists()}


def children() -> set[str]:
    """List the processes that this one has started and not waited for; other tests may have left some."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,comm="], check=True, capture_output=True, text=True).stdout
    rows = (line.split(maxsplit=2) for line in listed.splitlines())
    return {pid for pid, parent, name in rows if parent == str(os.getpid()) and not name.endswith("ps")}


def test_leaves_no_descriptor_and_no_child(tmp_path: Path) -> None:
    others = children()
    before = descriptors()
    with start(["/bin/true"], tmp_path) as child:
        child.wait(30)
    with pytest.raises(OSError, match="No such file"):
        start(["/no/such"], tmp_path)
    assert descriptors() == before
    assert children() == others


@linux
def test_a_daemon_is_dead_when_its_program_is_said_to_have_ended(marker: str, tmp_path: Path) -> None:
    product = tmp_path / "product"
    product.write_bytes(b"whole")
    late = f"time.sleep(0.4); open({str(product)!r}, 'wb').close()"
    with start(python(LEAVING.format(late=late, lasts=0)), tmp_path, marker) as child:
        assert child.wait(30) is not None
        assert not marked(marker)
    time.sleep(0.6)
    assert product.read_bytes() == b"whole"


@linux
def test_a_crowd_of_daemons_is_killed(marker: str, tmp_path: Path) -> None:
    script = (
        "import os, time\nfor _ in range(30):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork():\n"
    )
    script += "            os._exit(0)\n        time.sleep(300)\n"
    with start(python(script), tmp_path, marker) as child:
        assert child.wait(30) is not None
        assert not marked(marker)


FLEEING = """
import os, time
limit = time.monotonic() + 6
for _ in range(5):
    if os.fork() == 0:
        while time.monotonic() < limit:
            if os.fork():
                os._exit(0)
            os.setsid()
            time.sleep(0.002)
        os._exit(0)
time.sleep(0.1)
"""
"""Five processes that flee: each lives for two milliseconds and leaves another, for six seconds at most."""


@linux
def test_processes_that_flee_are_caught(marker: str, tmp_path: Path) -> None:
    with start(python(FLEEING), tmp_path, marker) as child:
        ended = child.wait(30)
        assert ended is not None
        assert ended.code == 0
        assert not marked(marker)


@linux
def test_a_supervisor_that_does_not_answer_is_killed(marker: str, tmp_path: Path) -> None:
    child = start(["/bin/sh", "-c", "sleep 300 & wait"], tmp_path, marker)
    wait_for(2, marker)
    os.kill(_parent_of(child.pid), signal.SIGSTOP)
    child.kill_by_force()
    with pytest.raises(ChildProcessError, match="SIGKILL"):
        child.wait(30)
    child.close()
    assert all_gone(marker)


@linux
def test_a_program_that_stops_its_supervisor_is_waited_for_all_the_same(marker: str, tmp_path: Path) -> None:
    script = "sleep 300 & kill -STOP $PPID; exit 5"
    with start(["/bin/sh", "-c", script], tmp_path, marker) as child:
        ended = child.wait(20)
        assert ended is not None
        assert ended.code == 5
        assert not marked(marker)


def test_children_in_the_group_are_killed_on_any_system(platform: str, marker: str, tmp_path: Path) -> None:
    with start(["/bin/sh", "-c", "sleep 300 & sleep 300 & exit 3"], tmp_path, marker, platform) as child:
        ended = child.wait(30)
    assert ended is not None
    assert ended.code == 3
    assert all_gone(marker)


def test_leaving_the_context_kills(platform: str, marker: str, tmp_path: Path) -> None:
    with start(["/bin/sh", "-c", "trap '' TERM; sleep 300"], tmp_path, marker, platform) as child:
        assert wait_for(1, marker)
        assert child.wait(0.01) is None
    assert all_gone(marker)


def test_a_program_can_be_asked_to_end(platform: str, tmp_path: Path) -> None:
    with start(
        ["/bin/sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do :; done"], tmp_path, "", platform
    ) as child:
        assert child.stdout.read(6) == b"ready\n"
        child.ask_to_end()
        ended = child.wait(30)
    assert ended is not None
    assert ended.code == 5


@linux
def test_what_a_killed_supervisor_leaves_is_killed_and_told(marker: str, tmp_path: Path) -> None:
    with start(["/bin/sh", "-c", "sleep 300 & wait"], tmp_path, marker) as child:
        wait_for(2, marker)
        os.kill(_parent_of(child.pid), signal.SIGKILL)
        with pytest.raises(ChildProcessError, match="SIGKILL"):
            child.wait(30)
    assert all_gone(marker)


def _parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_supervisor_leaves_it_to_us_what_a_signal_means(number: signal.Signals, tmp_path: Path) -> None:
    with start(["/bin/sh", "-c", "sleep 0.5; exit 4"], tmp_path) as child:
        os.kill(_parent_of(child.pid), number)
        ended = child.wait(30)
    assert ended is not None
    assert ended.code == 4


def test_a_thread_that_ends_takes_nothing_with_it(tmp_path: Path) -> None:
    started: list[Supervised] = []
    thread = threading.Thread(target=lambda: started.append(start(["/bin/sh", "-c", "sleep 0.5; exit 6"], tmp_path)))
    thread.start()
    thread.join()
    with started[0] as child:
        ended = child.wait(30)
    assert ended is not None
    assert ended.code == 6


OWNER = """
import os, sys, time
from pathlib import Path
from caldp.adapters.support.supervised import Supervised
argv = [sys.executable, "-S", "-c", sys.argv[1]]
environment = {sys.argv[2]: "1"}
child = Supervised(argv, executable=Path(sys.executable), directory=Path("/"), environment=environment)
if sys.argv[3] and os.fork() == 0:
    os.close(1)
    time.sleep(6)
    os._exit(0)
print(flush=True)
time.sleep(300)
"""
"""A program that owns a supervised one, and is killed."""


@pytest.fixture
def owner(marker: str, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """Start an owner of a program that starts a daemon."""
    script = LEAVING.format(late="pass", lasts=300)
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, script, marker, request.param], stdout=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@linux
@pytest.mark.parametrize("owner", ["", "held"], indirect=True, ids=["alone", "whose pipe another process holds"])
def test_nothing_outlives_an_owner_that_is_killed(owner: subprocess.Popen[bytes], marker: str) -> None:
    assert owner.stdout is not None
    owner.stdout.readline()
    wait_for(2, marker)
    owner.kill()
    assert all_gone(marker)
