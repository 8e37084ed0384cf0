"""Room for work on this machine: scratch space and memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from caldp.adapters.health.this_machine import physical_memory
from caldp.app.ports.memory_watch import MemoryWatch
from caldp.domain.run.health import Finding, ok, problem, warning
from caldp.domain.run.settings import Settings
from caldp.domain.run.variables import warnings_of

_GB: Final = 1_000_000_000
# A COS association of 16 MB makes 1.4 GB of products (ldfd01010), which are copied once more where they go.
_LITTLE_DISK, _NO_DISK = 20 * _GB, 3 * _GB
# calcos takes 1.3 GB for that association; UVIS with CTE correction and drizzling take more.
_LITTLE_MEMORY, _NO_MEMORY = 4 * _GB, 1 * _GB


def examine_machine(settings: Settings, memory: MemoryWatch, environ: Collection[str] = ()) -> Iterator[Finding]:
    """Examine scratch space and memory, and the names of environment variables."""
    for sentence in warnings_of(environ):
        yield warning("environment", sentence, "Unset or correct it.")
    yield from _scratch(Path(settings.home).expanduser().absolute())
    yield _memory(memory)


def _scratch(home: Path) -> Iterator[Finding]:
    place = next(path for path in (home, *home.parents) if path.is_dir())
    try:
        with tempfile.TemporaryFile(dir=place):
            yield ok("scratch space", f"{home} can be written")
    except OSError as error:
        yield problem("scratch space", f"{home} cannot be written: {error.strerror}", "Set CALDP_HOME.")
    free = shutil.disk_usage(place).free
    text = f"{free / _GB:.0f} GB free at {place}"
    if free < _NO_DISK:
        yield problem("disk", text, "Make room, or set CALDP_HOME to a larger disk.")
    elif free < _LITTLE_DISK:
        yield warning("disk", text, "Large datasets need more: make room, or set CALDP_HOME to a larger disk.")
    else:
        yield ok("disk", text)


def _memory(watch: MemoryWatch) -> Finding:
    physical = physical_memory()
    limit = watch.limit()
    size = physical if limit is None else min(limit, physical)
    text = f"{size / _GB:.1f} GB" + ("" if size == physical else " (the limit of the container or group)")
    if size < _NO_MEMORY:
        return problem("memory", text, "Give the machine or container more.")
    if size < _LITTLE_MEMORY:
        return warning("memory", text, "Large datasets need more.")
    return ok("memory", text)
