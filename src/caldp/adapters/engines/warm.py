"""Engines whose libraries are imported before they are needed, once for any number of runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from caldp.adapters.engines.combination import combines_for
from caldp.adapters.engines.console_script import own_interpreter
from caldp.adapters.engines.identity import PACKAGES
from caldp.adapters.engines.libraries import CALIBRATION_PACKAGES, LIBRARIES, MAY_DIFFER, READ_IN_THE_DIRECTORY
from caldp.adapters.support.supervised import Supervised
from caldp.adapters.support.warm_pool import Recipe, WarmPool, WarmStarts
from caldp.app.ports.calibration_runner import EngineCall

_PATIENCE: Final = 120.0
"""Seconds for imports on a machine that is busy; a start of the usual kind would take as long again."""


def engine_recipe(script: Path) -> Recipe | None:
    """Return the way to make a server for an engine; None for what is no console script of this Python."""
    if script.name not in LIBRARIES:
        return None
    interpreter = own_interpreter(script, PACKAGES[script.name])
    if interpreter is None:
        return None
    return Recipe(interpreter, LIBRARIES[script.name], CALIBRATION_PACKAGES, MAY_DIFFER)


class WarmEngines:
    """Servers of Python engines, for any number of runners in any number of threads; use it as a context manager.

    Whatever is not known to be the same as a start of the usual kind is not started here: programs other than the
    console scripts of this Python, environments that differ in a variable which a library may read when it is imported,
    limits or packages that have changed since.

    Parameters
    ----------
    servers
        Servers of somebody else, such as the driver of a batch; None for servers of its own.
    """

    def __init__(self, servers: WarmStarts | None = None) -> None:
        self._servers = servers or WarmPool(engine_recipe)
        self._scripts: dict[str, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def prepare(self, script: Path, environment: Mapping[str, str]) -> None:
        """Let a server import the libraries of an engine, unless one has done so, or it has to be started as usual."""
        if script.name in LIBRARIES:
            self._scripts[script.name] = script
            self._servers.prepare(script, environment)

    def start(self, script: Path, call: EngineCall) -> Supervised | None:
        """Start an engine from its server; None if there is none that fits, and nothing has been started.

        What combines an engine's exposures is started from that engine's server. Waits for libraries that are being
        imported.

        Raises
        ------
        ChildProcessError
            If the engine was lost while it started.
        """
        combined = combines_for(call.argv)
        engine = self._scripts.get(combined or script.name)
        if engine is None or (not combined and engine != script) or _has_settings_of_libraries(call.directory):
            return None
        argv, run = (call.argv[2:], Path(call.argv[2])) if combined else (call.argv, script)
        seconds = _PATIENCE if call.timeout is None else min(call.timeout, _PATIENCE)
        return self._servers.start(engine, run, argv, call.directory, call.environment, seconds, call.is_given_up)

    def close(self) -> None:
        """End all servers, and what still runs from them; may be called more than once."""
        self._servers.close()


def _has_settings_of_libraries(directory: Path) -> bool:
    return any(os.path.lexists(place / name) for place in (directory, Path("/")) for name in READ_IN_THE_DIRECTORY)
