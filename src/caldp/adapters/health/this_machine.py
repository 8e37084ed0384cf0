"""Description of this machine for records."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Final

from caldp.app.ports.memory_watch import MemoryWatch
from caldp.domain.run.identity import Machine

_CPUINFO: Final = Path("/proc/cpuinfo")
_MODELS: Final = ("model name", "Processor", "cpu model")
"""Names of the model's line on x86, ARM and MIPS; see proc(5)."""


def describe_machine(memory: MemoryWatch, cpuinfo: Path = _CPUINFO) -> Machine:
    """Describe this machine as a run meets it, without the engines' thread settings.

    Parameters
    ----------
    memory
        Watch that tells the limit of memory.
    cpuinfo
        File in which the kernel describes the processors.
    """
    return Machine(
        platform=platform.platform(), processor=_processor(cpuinfo), cores=_cores(), memory_limit=memory.limit()
    )


def _cores() -> int:
    """Count the cores that this process may use; all of the machine where the system does not tell (macOS)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 0


def _processor(cpuinfo: Path) -> str:
    with suppress(OSError), cpuinfo.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            name, _, value = line.partition(":")
            if name.strip() in _MODELS and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()
