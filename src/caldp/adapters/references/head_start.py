"""Start of the process in which CRDS works, possibly before it is known what for.

CRDS and its libraries take longer to import than a command takes to find out what it is to do. The worker reads its
environment from its caller later; see `caldp.adapters.references.crds_worker`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any, Final

from caldp.adapters.support.supervised import Supervised
from caldp.adapters.support.warm_line import own_line
from caldp.adapters.support.warm_pool import Recipe, WarmStarts

WORKER: Final = Path(__file__).with_name("crds_worker.py")
"""The worker, as a script."""
_COMMAND: Final = (sys.executable, "-P", "-m", "caldp.adapters.references.crds_worker")
_TOLD_LATER: Final = ("CRDS_", "CALDP_", "PATH")
"""Beginnings of the names of variables that a worker does not look at before it is told its environment."""
_OWN_MODULES: Final = (
    "caldp.adapters.references.crds_worker", "caldp.adapters.references.verified_references",
    "caldp.adapters.references.mappings", "caldp.adapters.support.pace",
)  # fmt: skip
"""Modules of ours that a worker imports; none of them imports CRDS before it is used."""
_LONGEST: Final = 64 << 10
"""Bytes of a preparation, which holds an environment: the kernel takes variables of 128 kB."""
_PATIENCE: Final = 60.0  # seconds for the imports of CRDS's libraries on a machine that is busy
_early: list[tuple[dict[str, str], Supervised]] = []


def begin() -> None:
    """Start a worker for the next `start_worker` of this process; nothing happens if that fails."""
    if not _early:
        with suppress(OSError):
            environment = dict(os.environ)
            _early.append((environment, _start(environment)))


def give_up() -> None:
    """End a worker that nobody has asked for."""
    while _early:
        _early.pop()[1].close()


def start_worker(environment: Mapping[str, str]) -> Supervised:
    """Return a worker for an environment: one that was started early, if its libraries look at the same variables.

    Raises
    ------
    OSError
        If it cannot be started.
    """
    if _early:
        known, worker = _early.pop()
        if _lasting(known) == _lasting(environment):
            return worker
        worker.close()
    return _start(environment)


def worker_recipe(ahead: Mapping[str, Any] | None = None) -> Recipe:
    """Return the way to make a server for workers, for the drivers of batches.

    Parameters
    ----------
    ahead
        Preparation whose rules the server loads, as `caldp.adapters.references.crds.CrdsReferences.ahead` makes it;
        None to import libraries only.
    """
    from caldp.adapters.references.crds_worker import AHEAD, AHEAD_VARIABLE, LIBRARIES

    text = json.dumps(ahead)
    if ahead is not None and len(text) < _LONGEST:
        return Recipe(
            Path(sys.executable), (*LIBRARIES, *_OWN_MODULES, AHEAD), variables={AHEAD_VARIABLE: text}, flags=("-P",)
        )
    return Recipe(Path(sys.executable), (*LIBRARIES, *_OWN_MODULES), packages=("crds",), flags=("-P",))


def _lasting(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(_TOLD_LATER)}


def _start(environment: Mapping[str, str]) -> Supervised:
    line = own_line()
    worker = None if line is None else _start_warm(line, environment)
    return worker or Supervised(
        _COMMAND, executable=Path(sys.executable), directory=Path(), environment=environment, has_input=True
    )


def _start_warm(servers: WarmStarts, environment: Mapping[str, str]) -> Supervised | None:
    servers.prepare(WORKER, environment)
    reading, writing = os.pipe()
    source = FileIO(writing, "wb")
    try:
        worker = servers.start(WORKER, WORKER, _COMMAND[:1], Path.cwd(), environment, _PATIENCE, source=reading)
    finally:
        os.close(reading)
    if worker is None:
        source.close()
        return None
    worker.stdin = source
    return worker
