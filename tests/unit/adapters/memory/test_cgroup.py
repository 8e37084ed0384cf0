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
    return CgroupMemory(tmp_path / "membership", tmp_path / "mount", tmp_path / "meminfo")


class CgroupContract(MemoryWatchContract):
    """Subclasses name the files of a version of control groups."""

    membership: str
    group: str
    events: tuple[str, str]
    limit: tuple[str, str]
    use: str

    @pytest.fixture
    def watch(self, tmp_path: Path) -> CgroupMemory:
        self.directory = tmp_path / "mount" / self.group
        self.directory.mkdir(parents=True)
        return memory(tmp_path, self.membership, {})

    def become(self, watch: MemoryWatch, *, kills: int | None, limit: int | None, used: int | None = None) -> None:
        name, text = self.events
        (self.directory / name).write_text(text if kills is None else f"{text}oom_kill {kills}\n")
        name, unlimited = self.limit
        (self.directory / name).write_text(f"{unlimited if limit is None else limit}\n")
        if used is not None:
            (self.directory / self.use).write_text(f"{used}\n")


class TestVersion2(CgroupContract):
    membership, group = "0::/batch/job\n", "batch/job"
    events, limit = ("memory.events", "low 0\noom 2\n"), ("memory.max", "max")
    use = "memory.current"


class TestVersion1(CgroupContract):
    membership, group = "4:memory:/job\n", "memory/job"
    events, limit = ("memory.oom_control", "oom_kill_disable 0\n"), ("memory.limit_in_bytes", "9223372036854771712")
    use = "memory.usage_in_bytes"


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


STAT_2 = "anon 500\nactive_file 100\ninactive_file 300\n"
STAT_1 = "inactive_file 100\nactive_file 5\ntotal_cache 400\ntotal_inactive_file 300\ntotal_active_file 5\n"


@pytest.mark.parametrize(
    ("membership", "files"),
    [
        ("0::/job\n", {"job/memory.max": "1000\n", "job/memory.current": "900\n", "job/memory.stat": STAT_2}),
        (
            "4:memory:/job\n",
            {
                "memory/job/memory.limit_in_bytes": "1000\n",
                "memory/job/memory.usage_in_bytes": "900\n",
                "memory/job/memory.stat": STAT_1,
            },
        ),
    ],
    ids=["version 2", "version 1"],
)
def test_cached_files_that_nobody_uses_are_available(membership: str, files: dict[str, str], tmp_path: Path) -> None:
    assert memory(tmp_path, membership, files).available() == 400


def test_the_tightest_of_machine_and_groups_counts(tmp_path: Path) -> None:
    files = {
        "a/b/memory.max": "9000\n", "a/b/memory.current": "1000\n",
        "a/memory.max": "8192\n", "a/memory.current": "4096\n",
        "memory.max": "max\n", "memory.current": "5000\n",
    }  # fmt: skip
    watch = memory(tmp_path, "0::/a/b\n", files)
    assert watch.available() == 4096
    (tmp_path / "meminfo").write_text("MemTotal:       16000 kB\nMemFree: 1 kB\nMemAvailable:    3 kB\n")
    assert watch.available() == 3 * 1024


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
    available = CgroupMemory().available()
    assert available is None or available > 0
