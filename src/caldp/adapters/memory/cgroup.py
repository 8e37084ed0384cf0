"""The memory of a container, as Linux control groups tell it (versions 2 and 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from caldp.adapters.support.control_groups import MEMBERSHIP, MOUNT, group_directories, text_of

_AVAILABLE: Final = re.compile(r"^MemAvailable: +(\d+) kB$", re.MULTILINE)
_KIBIBYTE: Final = 1024
_CACHE: Final = re.compile(r"^(?:total_)?inactive_file (\d+)$", re.MULTILINE)
"""Cached files of a group and those below it, which the kernel gives up where memory is wanted; bytes."""
_ACCOUNTS: Final = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
"""Files of a group that hold its limit and its use, in versions 2 and 1; bytes."""
_OOM_KILLS: Final = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
_NO_LIMIT: Final = 1 << 60
"""Version 1 writes a huge number where there is no limit; bytes."""


class CgroupMemory:
    """Reads the control group that this process is in; implements the port MemoryWatch.

    Parameters
    ----------
    membership
        File that lists the groups of this process.
    mount
        Directory on which the file system of control groups is mounted.
    machine
        File in which the kernel tells of the memory of the whole machine.
    """

    def __init__(
        self,
        membership: Path = MEMBERSHIP,
        mount: Path = MOUNT,
        machine: Path = Path("/proc/meminfo"),
    ) -> None:
        self._membership = membership
        self._mount = mount
        self._machine = machine

    def oom_kills(self) -> int | None:
        """Count the processes that the kernel has killed for lack of memory."""
        for directory in self._directories():
            for name in ("memory.events", "memory.oom_control"):
                match = _OOM_KILLS.search(text_of(directory / name))
                if match is not None:
                    return int(match[1])
        return None

    def limit(self) -> int | None:
        """Return the tightest limit of the group and those that it is in."""
        texts = (
            text_of(directory / name).strip()
            for directory in self._directories()
            for name in ("memory.max", "memory.limit_in_bytes")
        )
        limits = [int(text) for text in texts if text.isdigit() and int(text) < _NO_LIMIT]
        return min(limits, default=None)

    def available(self) -> int | None:
        """Return the least that the machine, the group and those that it is in have left."""
        machine = _AVAILABLE.search(text_of(self._machine))
        left = [] if machine is None else [int(machine[1]) * _KIBIBYTE]
        for directory in self._directories():
            for names in _ACCOUNTS:
                limit, used = (text_of(directory / name).strip() for name in names)
                if limit.isdigit() and used.isdigit() and int(limit) < _NO_LIMIT:
                    cache = _CACHE.findall(text_of(directory / "memory.stat"))
                    left.append(max(0, int(limit) - int(used) + int(cache[-1] if cache else 0)))
        return min(left, default=None)

    def _directories(self) -> Iterator[Path]:
        return group_directories("memory", self._membership, self._mount)
