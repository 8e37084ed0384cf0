"""Warm servers of several scripts and environments, and the choice of one that is as a start would be."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Final, Protocol

from attrs import field, frozen

from caldp.adapters.support.inherited import inherited_traits
from caldp.adapters.support.supervised import Supervised
from caldp.adapters.support.warm import NotWarm, WarmServer

KNOWN_TO_PYTHON: Final = frozenset(
    {
        "PYTHONPATH", "PYTHONHOME", "PYTHONUNBUFFERED", "PYTHONFAULTHANDLER", "PYTHONDONTWRITEBYTECODE",
        "PYTHONNOUSERSITE",
    }
)  # fmt: skip
"""Variables of Python itself with which a fork is as a start."""
_MOST_SERVERS: Final = 8
"""Each holds the libraries of one program in memory, 0.1 to 0.3 GB."""


@frozen
class Recipe:
    """Way to make a server for a script.

    Attributes
    ----------
    interpreter
        Python of the script.
    modules
        Modules that the server imports.
    packages
        Packages of which none may be imported there.
    may_differ
        Variables that none of the modules reads.
    flags
        Options of the Python.
    variables
        Further variables of the server, which tell its modules something; programs do not get them.
    """

    interpreter: Path
    modules: Sequence[str]
    packages: Collection[str] = ()
    may_differ: frozenset[str] = frozenset()
    flags: Sequence[str] = ()
    variables: Mapping[str, str] = field(factory=dict, repr=False)


class WarmStarts(Protocol):
    """Servers of this process, or those of another one at the end of a line."""

    def prepare(self, script: Path, environment: Mapping[str, str]) -> None:
        """Let a server import what a script imports, unless there is one, or none can be as a start; returns at once.

        Parameters
        ----------
        script
            The program.
        environment
            Environment of its runs, apart from variables that its libraries do not read.
        """

    def start(
        self,
        script: Path,
        run: Path,
        argv: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        seconds: float,
        is_given_up: Callable[[], bool] | None = None,
        source: int | None = None,
    ) -> Supervised | None:
        """Start a script from the server of a script; None if no server fits, and nothing has been started.

        Parameters
        ----------
        script
            The server's.
        run, argv, directory, environment, seconds, is_given_up, source
            As for `caldp.adapters.support.warm.WarmServer.start`, which says what is raised, too.
        """

    def close(self) -> None:
        """Let go of the servers."""


@frozen
class _Warm:
    """A server, and the state of things when it was started."""

    server: WarmServer
    recipe: Recipe
    state: tuple[object, ...]

    def fits(self, script: Path, state: tuple[object, ...], environment: Mapping[str, str]) -> bool:
        ours = self.server.environment
        differing = {name for name in {*ours, *environment} if ours.get(name) != environment.get(name)}
        return (
            self.server.script == script
            and self.state == state
            and differing <= {*self.recipe.may_differ, *self.recipe.variables}
        )


class WarmPool:
    """Servers of this process, which end with it. Thread-safe.

    Parameters
    ----------
    recipe_of
        Return the way to make a server for a script; None if it has to be started as usual.
    platform
        As ``sys.platform`` has it: without Linux there is no server.
    """

    def __init__(self, recipe_of: Callable[[Path], Recipe | None], platform: str = sys.platform) -> None:
        self._platform = platform
        self._recipe_of = recipe_of
        self._lock = Lock()
        self._starting: list[Thread] = []
        self._warm: list[_Warm] = []
        self._is_closed = False

    def prepare(self, script: Path, environment: Mapping[str, str]) -> None:
        """Let a server import what a script imports; see `WarmStarts`."""
        if self._platform != "linux" or not _is_known(environment):
            return
        thread = Thread(target=self._prepare, args=(script, dict(environment)), name="caldp-warm", daemon=True)
        with self._lock, suppress(RuntimeError):  # the system has no thread left: starts are as usual then
            thread.start()  # in here, since others join the threads of the list
            self._starting = [one for one in self._starting if one.is_alive()] + [thread]

    def _prepare(self, script: Path, environment: Mapping[str, str]) -> None:
        recipe = self._recipe_of(script)
        if recipe is None:
            return
        try:
            state = state_of(script)
            with self._lock:
                self._drop_dead()
                is_there = any(warm.fits(script, state, environment) for warm in self._warm)
                if is_there or self._is_closed or len(self._warm) >= _MOST_SERVERS:
                    return
                server = WarmServer(
                    recipe.interpreter, script, recipe.modules, recipe.packages, {**environment, **recipe.variables},
                    recipe.flags,
                )  # fmt: skip
                self._warm.append(_Warm(server, recipe, state))
        except OSError:
            return  # of a machine that can start nothing more the program's own start will tell

    def is_importing(self, script: Path) -> bool:
        """Tell whether a start of a script would have to wait for libraries that are being imported."""
        with self._lock:
            ours = [warm.server for warm in self._warm if warm.server.script == script]
            if ours:
                return any(server.is_importing() for server in ours)
            return any(thread.is_alive() for thread in self._starting)

    def _drop_dead(self) -> None:
        """Let go of servers that were killed, or could not import what they are for."""
        for warm in [one for one in self._warm if not one.server.is_usable]:
            self._warm.remove(warm)
            warm.server.close()

    def fitting(self, script: Path, state: tuple[object, ...], environment: Mapping[str, str]) -> Sequence[WarmServer]:
        """Return the servers that fit a start, when those that were being started are there.

        Parameters
        ----------
        script, environment
            The start.
        state
            State of things for whoever starts it, as `state_of` tells it.
        """
        with self._lock:
            starting = list(self._starting)
        for thread in starting:
            thread.join()
        with self._lock:
            return [warm.server for warm in self._warm if warm.fits(script, state, environment)]

    def start(
        self,
        script: Path,
        run: Path,
        argv: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        seconds: float,
        is_given_up: Callable[[], bool] | None = None,
        source: int | None = None,
    ) -> Supervised | None:
        """Start a script from a server, when its libraries are imported; see `WarmStarts`."""
        if not (self._warm or self._starting):
            return None
        try:
            state = state_of(script)
        except OSError:
            return None
        for server in self.fitting(script, state, environment):
            with suppress(NotWarm):
                return server.start(run, argv, directory, environment, seconds, is_given_up, source)
        return None

    def close(self) -> None:
        """End all servers, and what still runs from them; may be called more than once."""
        with self._lock:
            warm, self._warm, self._is_closed = self._warm, [], True
        for one in warm:
            one.server.close()


def state_of(script: Path) -> tuple[object, ...]:
    """Describe what a start would find, apart from its environment and directory: traits, script and packages.

    Raises
    ------
    OSError
        If the system does not tell.
    """
    places = dict.fromkeys((script, *(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))))
    stats = [path.stat() for path in places]  # a package that is installed or removed changes its directory
    return (inherited_traits(), *((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats))


def _is_known(environment: Mapping[str, str]) -> bool:
    """Tell whether the environment gives Python nothing that depends on the directory, or that is not known here."""
    if any(name.startswith("PYTHON") and name not in KNOWN_TO_PYTHON for name in environment):
        return False
    places = environment.get("PYTHONPATH", "")
    return not places or all(map(os.path.isabs, places.split(os.pathsep)))
