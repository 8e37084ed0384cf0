"""Control groups of Linux (versions 2 and 1) that this process is in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

MEMBERSHIP: Final = Path("/proc/self/cgroup")
"""File that lists the groups of this process."""
MOUNT: Final = Path("/sys/fs/cgroup")
"""Directory on which the file system of control groups is mounted."""


def group_directories(controller: str, membership: Path = MEMBERSHIP, mount: Path = MOUNT) -> Iterator[Path]:
    """List the directory of the group that a controller has put this process in, and those above it.

    Parameters
    ----------
    controller
        Name of the controller, such as ``memory`` or ``cpu``.
    membership, mount
        As the kernel has them.
    """
    for line in text_of(membership).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        top = mount / controllers
        group = top / path.lstrip("/")
        # Inside a container the path may be the host's, of which only the top is to be seen.
        yield from (directory for directory in (group, *group.parents) if directory.is_relative_to(top))


def text_of(path: Path) -> str:
    """Read a file of the kernel; empty if it is not there."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
