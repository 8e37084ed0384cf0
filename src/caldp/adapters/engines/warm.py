"""Engines whose libraries are imported before they are needed, once for any number of runs."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from threading import Lock, Thread
from typing import Final, Self

from attrs import frozen

from caldp.adapters.engines.combination import combines_for
from caldp.adapters.engines.console_script import own_interpreter
from caldp.adapters.engines.identity import PACKAGES
from caldp.adapters.engines.libraries import (
    CALIBRATION_PACKAGES,
    KNOWN_TO_PYTHON,
    LIBRARIES,
    MAY_DIFFER,
    READ_IN_THE_DIRECTORY,
)
from caldp.adapters.support.inherited import inherited_traits
from caldp.adapters.support.supervised import Supervised
from caldp.adapters.support.warm import NotWarm, WarmServer
from caldp.app.ports.calibration_runner import EngineCall

_MOST_SERVERS: Final = 8
"""Each holds the libraries of one engine in memory, 0.1 to 0.3 GB."""
_PATIENCE: Final = 120.0
"""Seconds for imports on a machine that is busy; a start of the usual kind would take as long again."""


@frozen
class _Warm:
    """A server, and the state of things when it was started."""

    server: WarmServer
    script: Path
    state: tuple[object, ...]


class WarmEngines:
    """Servers of Python engines, for any number of runners in any number of threads; use it as a context manager.

    Whatever is not known to be the same as a start of the usual kind is not started here: programs other than the
    console scripts of this Python, environments that differ in a variable which a library may read when it is imported,
    limits or packages that have changed since.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._starting: list[Thread] = []
        self._warm: list[_Warm] = []
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def prepare(self, script: Path, environment: Mapping[str, str]) -> None:
        """Let a server import the libraries of an engine, unless one has done so, or it has to be started as usual."""
        program = script.name
        if sys.platform != "linux" or program not in LIBRARIES or not _is_known(environment):
            return
        thread = Thread(target=self._prepare, args=(script, dict(environment)), name="caldp-warm", daemon=True)
        self._starting.append(thread)
        thread.start()

    def _prepare(self, script: Path, environment: Mapping[str, str]) -> None:
        program = script.name
        interpreter = own_interpreter(script, PACKAGES[program])
        if interpreter is None:
            return
        try:
            state = _state(script)
            with self._lock:
                is_there = any(warm.script == script and _fits(warm, environment) for warm in self._warm)
                if is_there or self._is_closed or len(self._warm) >= _MOST_SERVERS:
                    return
                server = WarmServer(interpreter, script, LIBRARIES[program], CALIBRATION_PACKAGES, environment)
                self._warm.append(_Warm(server, script, state))
        except OSError:
            return  # of a machine that can start nothing more an engine's own start will tell

    def start(self, script: Path, call: EngineCall) -> Supervised | None:
        """Start an engine from its server; None if there is none that fits, and nothing has been started.

        What combines an engine's exposures is started from that engine's server. Waits for libraries that are being
        imported.

        Raises
        ------
        ChildProcessError
            If the engine was lost while it started.
        """
        for thread in list(self._starting):
            thread.join()
        if not self._warm or _has_settings_of_libraries(call.directory):
            return None
        combined = combines_for(call.argv)
        argv, run = (call.argv[2:], Path(call.argv[2])) if combined else (call.argv, script)
        with self._lock:
            serving = [warm for warm in self._warm if warm.script.name == combined or warm.script == script]
        for warm in serving:
            if not _fits(warm, call.environment):
                continue
            seconds = _PATIENCE if call.timeout is None else min(call.timeout, _PATIENCE)
            try:
                return warm.server.start(run, argv, call.directory, call.environment, seconds, call.is_given_up)
            except NotWarm:
                continue
        return None

    def close(self) -> None:
        """End all servers, and what still runs from them; may be called more than once."""
        with self._lock:
            warm, self._warm, self._is_closed = self._warm, [], True
        for one in warm:
            one.server.close()


def _state(script: Path) -> tuple[object, ...]:
    """Describe what a start would find, apart from its environment and directory: traits, script and packages."""
    places = dict.fromkeys((script, *(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))))
    stats = [path.stat() for path in places]  # a package that is installed or removed changes its directory
    return (inherited_traits(), *((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats))


def _fits(warm: _Warm, environment: Mapping[str, str]) -> bool:
    """Tell whether a start would find what the server found, but for what may differ."""
    ours = warm.server.environment
    differing = {name for name in {*ours, *environment} if ours.get(name) != environment.get(name)}
    try:
        return differing <= MAY_DIFFER and warm.state == _state(warm.script)
    except OSError:
        return False


def _is_known(environment: Mapping[str, str]) -> bool:
    """Tell whether the environment gives Python nothing that depends on the directory, or that is not known here."""
    if any(name.startswith("PYTHON") and name not in KNOWN_TO_PYTHON for name in environment):
        return False
    places = environment.get("PYTHONPATH", "")
    return not places or all(map(os.path.isabs, places.split(os.pathsep)))


def _has_settings_of_libraries(directory: Path) -> bool:
    return any(os.path.lexists(place / name) for place in (directory, Path("/")) for name in READ_IN_THE_DIRECTORY)
