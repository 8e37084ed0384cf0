"""The memory of a container, as Linux control groups tell it (versions 2 and 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

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
    """

    def __init__(self, membership: Path = Path("/proc/self/cgroup"), mount: Path = Path("/sys/fs/cgroup")) -> None:
        self._membership = membership
        self._mount = mount

    def oom_kills(self) -> int | None:
        """Count the processes that the kernel has killed for lack of memory."""
        for directory in self._directories():
            for name in ("memory.events", "memory.oom_control"):
                match = _OOM_KILLS.search(_read(directory / name))
                if match is not None:
                    return int(match[1])
        return None

    def limit(self) -> int | None:
        """Return the tightest limit of the group and those that it is in."""
        texts = (
            _read(directory / name).strip()
            for directory in self._directories()
            for name in ("memory.max", "memory.limit_in_bytes")
        )
        limits = [int(text) for text in texts if text.isdigit() and int(text) < _NO_LIMIT]
        return min(limits, default=None)

    def _directories(self) -> Iterator[Path]:
        """List the group's directory and those above it."""
        for line in _read(self._membership).splitlines():
            _, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            if controllers not in ("", "memory"):
                continue
            top = self._mount / controllers
            group = top / path.lstrip("/")
            # Inside a container the path may be the host's, of which only the top is to be seen.
            yield from (directory for directory in (group, *group.parents) if directory.is_relative_to(top))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
