"""Facts that Linux's kernel tells of itself and of processes; where it tells nothing, as on macOS, they are empty."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attrs import frozen

PROC: Final = Path("/proc")
_START_TIME: Final = 19  # of the fields after the program's name in /proc/<pid>/stat, counted from 0; see proc(5)


@frozen
class ProcessFacts:
    """Facts about a process.

    Attributes
    ----------
    start
        Time of its start after that of the kernel, in the kernel's ticks.
    has_ended
        True if only its status is left.
    """

    start: str
    has_ended: bool


def boot_id(proc: Path = PROC) -> str:
    """Return the identity of the kernel since its start, one for all containers on it; empty if it is not told.

    Source: proc_sys_kernel(5).
    """
    try:
        return (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def process_scope(proc: Path = PROC) -> str:
    """Return kernel and process namespace in which a process's number means one process; empty if it is not told."""
    boot = boot_id(proc)
    try:
        return boot and f"{boot}/{(proc / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def process_facts(pid: int, proc: Path = PROC) -> ProcessFacts | None:
    """Return facts about a process; None if they are not told."""
    try:
        text = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything
    return ProcessFacts(fields[_START_TIME], fields[0] in "ZX") if len(fields) > _START_TIME else None
