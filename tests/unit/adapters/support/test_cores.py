"""Cores that a process may use: by affinity, and by the CPU time that control groups give."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from caldp.adapters.support.cores import usable_cores

QUOTAS: dict[str, tuple[str, dict[str, str], int]] = {
    "none": ("0::/job\n", {"job/cpu.max": "max 100000\n"}, 64),
    "two cores": ("0::/job\n", {"job/cpu.max": "200000 100000\n"}, 2),
    "a part of a core": ("0::/job\n", {"job/cpu.max": "50000 100000\n"}, 1),
    "a core and a half": ("0::/job\n", {"job/cpu.max": "150000 100000\n"}, 2),
    "of a group above": ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "300000 100000\n"}, 3),
    "more than there are": ("0::/job\n", {"job/cpu.max": "9900000 100000\n"}, 64),
    "version 1": (
        "3:cpu,cpuacct:/job\n2:memory:/x\n",
        {"cpu,cpuacct/job/cpu.cfs_quota_us": "400000\n", "cpu,cpuacct/job/cpu.cfs_period_us": "100000\n"},
        4,
    ),
    "version 1 without one": (
        "3:cpu:/job\n", {"cpu/job/cpu.cfs_quota_us": "-1\n", "cpu/job/cpu.cfs_period_us": "100000\n"}, 64,
    ),
    "nonsense": ("0::/job\n", {"job/cpu.max": "1000 0\n"}, 64),
    "no control groups": ("", {}, 64),
}  # fmt: skip


@pytest.mark.parametrize(("membership", "files", "cores"), QUOTAS.values(), ids=QUOTAS.keys())
def test_cores(
    membership: str, files: dict[str, str], cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(64)), raising=False)
    (tmp_path / "membership").write_text(membership)
    for name, text in files.items():
        path = tmp_path / "mount" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert usable_cores(tmp_path / "membership", tmp_path / "mount") == cores


def test_on_this_machine() -> None:
    assert 0 < usable_cores() <= (os.cpu_count() or 0)
