"""Filling of a CRDS cache: several files at once, each of them once for all runs on a machine."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import Factory, define, field

from caldp.adapters.references.catalogue import Catalogue
from caldp.adapters.references.downloads import Downloads
from caldp.adapters.support.disk import advice_on, why
from caldp.adapters.support.exclusive import exclusive, sweep_locks
from caldp.adapters.support.pace import TransferLimits
from caldp.adapters.support.partial import is_partial, sweep
from caldp.adapters.support.verified import Entry, Stamp, VerifiedFiles, examine
from caldp.domain.calibration.reference_check import Identity
from caldp.domain.errors import BestrefsError
from caldp.domain.run.events import Event, Level, Note, Transfer
from caldp.domain.run.secrets import blotted

_OLD: Final = 7 * 86_400.0
"""Seconds after which what a broken download left is removed; its server's file may have come by another way."""


class _BusyError(Exception):
    """Another run fetches the file."""


@define
class CacheFiller:
    """Downloads what a cache lacks, several files at once.

    Attributes
    ----------
    catalogue
        Catalogue of the files' sizes and checksums.
    memory
        Remembers what was verified.
    attempts
        Number of requests for each file while the trouble may pass.
    timeout
        Seconds that a server may be silent.
    limits
        Slowest pace, and longest time for a file.
    at_once
        Downloads at the same time.
    tell
        Hears of progress and trouble; called from several threads.
    """

    catalogue: Catalogue
    memory: VerifiedFiles
    attempts: int
    timeout: float
    limits: TransferLimits
    at_once: int
    tell: Callable[[Event], None]
    _downloads: Downloads = field(
        default=Factory(
            lambda self: Downloads(self.attempts, self.timeout, self.limits, self.at_once, self._say), takes_self=True
        ),
        init=False,
        repr=False,
    )

    def fill(self, places: Mapping[str, Path]) -> None:
        """Download files to their places, the largest first; one that is there already and right is left alone.

        Files that another run is fetching come last: it may be done with them by then.

        Raises
        ------
        BestrefsError
            If a file cannot be had or written. The others that were under way are finished.
        """
        if not places:
            return
        known = {name: self._known(name) for name in places}
        megabytes = sum(one.size for one in known.values()) / 1e6
        self._say(f"{len(places)} files are missing from the CRDS cache and are fetched: {megabytes:.1f} MB in all")
        for name in sorted(places):
            self.tell(Transfer(name, 0, known[name].size))
        _tidy({place.parent for place in places.values()})
        self._downloads.connect()
        names = sorted(places, key=lambda name: (-known[name].size, name))
        busy = self._each(names, lambda name: self._fill_one(name, places[name], known[name], wait=False))
        self._each(busy, lambda name: self._fill_one(name, places[name], known[name], wait=True))

    def _each(self, names: list[str], fill: Callable[[str], bool]) -> list[str]:
        """Fill files side by side; return the names of those that were busy."""
        if not names:
            return []
        with ThreadPoolExecutor(min(self.at_once, len(names))) as pool:
            futures = {name: pool.submit(fill, name) for name in names}
            try:
                return [name for name, future in futures.items() if not future.result()]
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _known(self, name: str) -> Identity:
        known = self.catalogue.identity(name)
        if known is None:
            raise BestrefsError(
                f"{_capital(self.catalogue.origin)} does not know the file {name}.",
                advice="Check CRDS_CONTEXT and CRDS_SERVER_URL: do they belong together?",
            )
        return known

    def _fill_one(self, name: str, place: Path, known: Identity, *, wait: bool) -> bool:
        """Fill one file; False if another run fetches it, and that is not to be waited for."""

        def busy() -> None:
            if not wait:
                raise _BusyError
            self._say(f"another run fetches {name}; waiting for it")

        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with exclusive(place, busy, self.limits.deadline or math.inf):
                if not self._is_right(place, known):
                    self._downloads(name, place, known, lambda done: self.tell(Transfer(name, done, known.size)))
                    self._remember(place, known)
        except _BusyError:
            return False
        except OSError as error:
            raise BestrefsError(
                f"{name} cannot be written to the CRDS cache at {place.parent}: {why(error)}.",
                advice=advice_on(
                    error, "Check its permissions, set CRDS_PATH to another cache, or CRDS_READONLY_CACHE=1."
                ),
            ) from error
        self.tell(Transfer(name, known.size, known.size))
        return True

    def _is_right(self, place: Path, known: Identity) -> bool:
        """Tell whether another run has made the file meanwhile."""
        with suppress(FileNotFoundError):
            entry, stable = examine(place, known, self.catalogue.digest)
            if entry.verified and stable:
                self.memory.remember(place, entry)
                return True
        return False

    def _remember(self, place: Path, known: Identity) -> None:
        self.memory.remember(place, Entry(Stamp.of(place), known.sha1, known, self.catalogue.digest))

    def _say(self, text: str) -> None:
        self.tell(Note(_capital(blotted(text)), Level.INFO))


def _tidy(directories: set[Path]) -> None:
    """Remove what killed runs left in a cache: locks, and parts of files that nobody has taken up for long."""
    for directory in directories:
        sweep_locks(directory)
        with suppress(OSError):
            sweep(path for path in directory.glob(".*.part") if is_partial(path.name) and _is_old(path))


def _is_old(path: Path) -> bool:
    with suppress(OSError):
        return time.time() - path.lstat().st_mtime > _OLD
    return False


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
