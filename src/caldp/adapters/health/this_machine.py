"""Description of this machine for records."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Final

from caldp.adapters.support.cores import usable_cores
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
        platform=platform.platform(), processor=_processor(cpuinfo), cores=usable_cores(), memory_limit=memory.limit()
    )


def _processor(cpuinfo: Path) -> str:
    with suppress(OSError), cpuinfo.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            name, _, value = line.partition(":")
            if name.strip() in _MODELS and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()


def physical_memory() -> int:
    """Return the memory of the machine; bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
