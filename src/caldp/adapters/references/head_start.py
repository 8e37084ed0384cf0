"""Start of the process in which CRDS works, possibly before it is known what for.

CRDS and its libraries take longer to import than a command takes to find out what it is to do. The worker reads its
environment from its caller later; see `caldp.adapters.references.crds_worker`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from caldp.adapters.support.supervised import Supervised

_WORKER: Final = (sys.executable, "-P", "-m", "caldp.adapters.references.crds_worker")
_TOLD_LATER: Final = ("CRDS_", "CALDP_", "PATH")
"""Beginnings of the names of variables that a worker does not look at before it is told its environment."""
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


def _lasting(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(_TOLD_LATER)}


def _start(environment: Mapping[str, str]) -> Supervised:
    return Supervised(
        _WORKER, executable=Path(sys.executable), directory=Path(), environment=environment, has_input=True
    )
