"""Traits of a process that the programs it starts inherit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_SELF: Final = Path("/proc/thread-self")
_NAMES: Final = frozenset(
    {
        "Umask", "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp",
        "Seccomp_filters", "Cpus_allowed", "Mems_allowed",
    }
)  # fmt: skip
"""Lines of /proc/self/status."""


def inherited_traits() -> tuple[object, ...]:
    """Describe what a program started by the calling thread now would inherit, apart from directory and environment.

    Two equal values mean equal limits, mask of file modes, user and groups, capabilities, processors, priority, control
    group, namespaces and root directory. Linux only.

    Raises
    ------
    OSError
        If the system does not tell.
    """
    status = [line for line in _read("status").splitlines() if line.partition(":")[0] in _NAMES]
    namespaces = sorted((path.name, str(path.readlink())) for path in (_SELF / "ns").iterdir())
    root = (_SELF / "root").stat()
    return (
        tuple(status),
        _read("limits"),
        _read("cgroup"),
        _read("oom_score_adj"),
        tuple(namespaces),
        (root.st_dev, root.st_ino),
        os.getpriority(os.PRIO_PROCESS, 0),
        os.sched_getscheduler(0),
    )


def _read(name: str) -> str:
    return (_SELF / name).read_text(errors="replace")
