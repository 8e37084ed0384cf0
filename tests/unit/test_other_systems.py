"""Calls that Linux alone has stand in few modules, and each has an alternative that is tested here or beside it."""

from __future__ import annotations

import ast
import errno
import os
import re
import socket
import sys
from pathlib import Path

import pytest

from caldp.adapters.health.this_machine import describe_machine
from caldp.adapters.launchers.warm_jobs import WarmJobs
from caldp.adapters.memory.cgroup import CgroupMemory
from caldp.adapters.support.cores import usable_cores
from caldp.adapters.support.in_place import exchange
from caldp.adapters.support.positioned import read_at
from caldp.adapters.support.warm_pool import WarmPool
from caldp.app import kernel
from caldp.app.process.identity import is_alive, make_identity
from caldp.app.scratch.ownership import Claim, locked, read_owner, this_machine
from caldp.domain.run.usage import resident_set

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "caldp"
LINUX_ONLY = re.compile(
    r"/proc\b|/sys/|/dev/(shm|fd)\b|prctl|renameat2|pidfd|memfd|signalfd|eventfd|epoll|inotify|fanotify|splice"
    r"|sched_(get|set)|fallocate|fadvise|preadv|pwritev|copy_file_range|O_TMPFILE|O_PATH|O_DIRECT$|SOCK_SEQPACKET"
    r"|SO_PEERCRED|TCP_KEEPIDLE|TCP_USER_TIMEOUT|prlimit|unshare$|setns|ru_maxrss|SC_AVPHYS|getxattr|setxattr"
)
ALLOWED = {
    "adapters/health/this_machine.py": "the processor is as Python's platform has it",
    "adapters/launchers/warm_jobs.py": "jobs are started as usual",
    "adapters/memory/cgroup.py": "nothing is known of memory",
    "adapters/support/control_groups.py": "there are no groups",
    "adapters/support/cores.py": "all cores are usable",
    "adapters/support/in_place.py": "directories are renamed one after the other: test_in_place.py",
    "adapters/support/inherited.py": "reached by warm engines only, and without Linux none is",
    "adapters/support/positioned.py": "bytes are copied",
    "adapters/support/supervisor.py": "process groups only: test_supervised.py, with platform",
    "adapters/support/supervisor_process.py": "reached by warm engines only, and without Linux none is",
    "adapters/support/warm.py": "reached by warm engines only, and without Linux none is",
    "adapters/support/warm_server.py": "reached by warm engines only, and without Linux none is",
    "app/kernel.py": "nothing is told of processes",
    "app/process/journal.py": "units of the peak of memory",
    "demo/breaking.py": "the fault is refused in a sentence",
    "demo/faults.py": "ps tells the parent",
}
"""Modules that make such calls, and what they do on another system."""


def calls(tree: ast.Module) -> set[str]:
    """Return the names and texts of a module that belong to Linux alone, docstrings apart."""
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            found.add(node.value)
    return {text for text in found if LINUX_ONLY.search(text)}


def test_only_the_modules_named_here_make_calls_that_linux_alone_has() -> None:
    parsed = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")}
    found = {path.relative_to(SOURCE).as_posix(): calls(tree) for path, tree in parsed.items()}
    assert {name for name, texts in found.items() if texts} == ALLOWED.keys(), {n: t for n, t in found.items() if t}


@pytest.mark.parametrize(("platform", "expected"), [("linux", 2048 * 1024), ("darwin", 2048)])
def test_a_peak_of_memory_is_in_bytes(platform: str, expected: int) -> None:
    assert resident_set(2048, platform) == expected


@pytest.fixture
def without_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for function in (kernel.boot_id, kernel.process_scope, kernel.process_facts):
        *others, _ = function.__defaults__ or ()
        monkeypatch.setattr(function, "__defaults__", (*others, tmp_path / "no-proc"))


@pytest.mark.usefixtures("without_proc")
class TestWithoutProc:
    def test_a_run_cannot_tell_whether_another_lives(self) -> None:
        identity = make_identity({})
        assert (identity.pid, identity.process) == (os.getpid(), "")
        assert is_alive(identity) is None

    def test_a_directory_is_claimed_by_host_name_and_lock(self, tmp_path: Path) -> None:
        claim = Claim.take(tmp_path)
        owner = read_owner(tmp_path)
        assert owner is not None
        assert (owner.machine, owner.machine.boot) == (this_machine(), "")
        with locked(tmp_path / ".caldp-owner.json") as taken:
            assert taken is False
        claim.release()


@pytest.mark.skipif(sys.platform != "linux", reason="compares with Linux's kernel")
def test_linux_tells_of_processes() -> None:
    facts = kernel.process_facts(os.getpid())
    assert facts is not None
    assert not facts.has_ended
    assert kernel.process_scope().startswith(kernel.boot_id() + "/pid:[")
    assert is_alive(make_identity({})) is True


def test_cores_are_those_of_the_machine_where_affinity_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert usable_cores(tmp_path / "none", tmp_path / "none") == 12


def test_memory_and_processor_are_described_without_control_groups_and_proc(tmp_path: Path) -> None:
    nothing = tmp_path / "none"
    watch = CgroupMemory(nothing, nothing, nothing)
    assert (watch.limit(), watch.available(), watch.oom_kills()) == (None, None, None)
    assert describe_machine(watch, nothing).memory_limit is None
    assert describe_machine(watch, nothing).processor


def test_no_names_are_exchanged(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    assert exchange(tmp_path / "a", tmp_path / "b", "darwin") is False


@pytest.mark.parametrize(("platform", "asked"), [("darwin", []), ("linux", ["calcos"])])
def test_no_library_is_imported_ahead(platform: str, asked: list[str], tmp_path: Path) -> None:
    wanted: list[str] = []
    pool = WarmPool(lambda script: wanted.append(script.name), platform)
    pool.prepare(tmp_path / "calcos", {"PATH": "/bin"})
    started = pool.start(tmp_path / "calcos", tmp_path / "calcos", ["calcos"], tmp_path, {"PATH": "/bin"}, 1.0)
    pool.close()
    assert (started, wanted) == (None, asked)


def test_no_job_of_a_batch_is_warm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.EPROTONOSUPPORT, os.strerror(errno.EPROTONOSUPPORT))

    monkeypatch.setattr(socket, "socketpair", refuse)  # as macOS refuses SOCK_SEQPACKET
    jobs = WarmJobs(tmp_path / "caldp", {}, tmp_path, uses_s3=False, platform="darwin")
    assert jobs.start(("process",)) is None
    jobs.close()


@pytest.mark.parametrize("has_preadv", [True, False])
def test_bytes_are_read_at_a_position(has_preadv: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_preadv:
        monkeypatch.delattr(os, "preadv", raising=False)
    (tmp_path / "file").write_bytes(b"0123456789")
    buffer = bytearray(4)
    with (tmp_path / "file").open("rb") as file:
        assert read_at(file.fileno(), memoryview(buffer), 3) == 4
        assert bytes(buffer) == b"3456"
        assert read_at(file.fileno(), memoryview(buffer), 8) == 2
        assert bytes(buffer[:2]) == b"89"
        assert read_at(file.fileno(), memoryview(buffer), 10) == 0
