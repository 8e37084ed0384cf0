"""Cores that this process may use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

from caldp.adapters.support.control_groups import MEMBERSHIP, MOUNT, group_directories, text_of


def usable_cores(membership: Path = MEMBERSHIP, mount: Path = MOUNT) -> int:
    """Count the cores that this process may use, by its affinity and by the CPU time that its control groups give.

    Where the system does not tell (macOS), it is all cores of the machine; 0 if that is not known either.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0
    return min([allowed, *_quotas(membership, mount)])


def _quotas(membership: Path, mount: Path) -> Iterator[int]:
    """List the quotas of the groups; a part of a core counts as one."""
    for directory in group_directories("cpu", membership, mount):
        old = (text_of(directory / name) for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
        words = (text_of(directory / "cpu.max") or " ".join(old)).split()
        if len(words) == 2 and words[0].isdigit() and words[1].isdigit() and int(words[1]) > 0:  # "max" and -1: none
            yield max(1, math.ceil(int(words[0]) / int(words[1])))
