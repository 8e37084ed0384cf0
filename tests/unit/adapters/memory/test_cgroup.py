"""Control groups of both versions, as files in a directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.adapters.memory.cgroup import CgroupMemory
from caldp.app.ports.memory_watch import MemoryWatch
from tests.contracts.memory_watch import MemoryWatchContract


def memory(tmp_path: Path, membership: str, files: dict[str, str]) -> CgroupMemory:
    (tmp_path / "membership").write_text(membership)
    for name, text in files.items():
        path = tmp_path / "mount" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return CgroupMemory(tmp_path / "membership", tmp_path / "mount")


class CgroupContract(MemoryWatchContract):
    """Subclasses name the files of a version of control groups."""

    membership: str
    group: str
    events: tuple[str, str]
    limit: tuple[str, str]

    @pytest.fixture
    def watch(self, tmp_path: Path) -> CgroupMemory:
        self.directory = tmp_path / "mount" / self.group
        self.directory.mkdir(parents=True)
        return memory(tmp_path, self.membership, {})

    def become(self, watch: MemoryWatch, *, kills: int | None, limit: int | None) -> None:
        name, text = self.events
        (self.directory / name).write_text(text if kills is None else f"{text}oom_kill {kills}\n")
        name, unlimited = self.limit
        (self.directory / name).write_text(f"{unlimited if limit is None else limit}\n")


class TestVersion2(CgroupContract):
    membership, group = "0::/batch/job\n", "batch/job"
    events, limit = ("memory.events", "low 0\noom 2\n"), ("memory.max", "max")


class TestVersion1(CgroupContract):
    membership, group = "4:memory:/job\n", "memory/job"
    events, limit = ("memory.oom_control", "oom_kill_disable 0\n"), ("memory.limit_in_bytes", "9223372036854771712")


EVENTS = "low 0\nhigh 0\nmax 12\noom 2\noom_kill 2\noom_group_kill 0\n"


def test_version_2(tmp_path: Path) -> None:
    files = {"batch/job/memory.events": EVENTS, "batch/job/memory.max": "max\n", "batch/memory.max": "2147483648\n"}
    watch = memory(tmp_path, "0::/batch/job\n", files)
    assert watch.oom_kills() == 2
    assert watch.limit() == 2 << 30, "a limit holds for all groups below it"


def test_version_2_inside_a_container(tmp_path: Path) -> None:
    watch = memory(tmp_path, "0::/docker/abc\n", {"memory.events": EVENTS, "memory.max": "1073741824\n"})
    assert (watch.oom_kills(), watch.limit()) == (2, 1 << 30)


def test_version_1(tmp_path: Path) -> None:
    files = {
        "memory/job/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
        "memory/job/memory.limit_in_bytes": "536870912\n",
        "memory/memory.limit_in_bytes": "9223372036854771712\n",
    }
    watch = memory(tmp_path, "8:pids:/\n4:memory:/job\n1:name=systemd:/\n0::/\n", files)
    assert (watch.oom_kills(), watch.limit()) == (1, 512 << 20)


@pytest.mark.parametrize("membership", ["", "0::/\n", "nonsense\n"])
def test_without_control_groups_nothing_is_known(membership: str, tmp_path: Path) -> None:
    watch = memory(tmp_path, membership, {})
    assert (watch.oom_kills(), watch.limit()) == (None, None)


def test_nothing_is_read_above_the_mount(tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text(EVENTS)
    assert memory(tmp_path, "0::/\n", {}).oom_kills() is None


def test_on_this_machine() -> None:
    kills, limit = CgroupMemory().oom_kills(), CgroupMemory().limit()
    assert kills is None or kills >= 0
    assert limit is None or limit > 0
