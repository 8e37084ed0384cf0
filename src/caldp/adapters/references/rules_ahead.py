"""Rules of a CRDS context, loaded when this module is imported, for all workers that are forked from the process.

The driver of a batch lets a warm server import this module, with a preparation in the variable `AHEAD_VARIABLE`. A
worker that is told the very same preparation, while the cache's configuration is still the same, has its rules already.
Any other begins anew, as a process that has loaded nothing.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from caldp.adapters.references.crds_worker import AHEAD_VARIABLE, Rules, prepare
from caldp.adapters.support.verified import Stamp

_OBSERVATORIES: Final = ("crds.jwst", "crds.roman", "crds.tobs")
"""Packages that CRDS imports when it asks which observatory a name belongs to."""
_CONFIGURATION: Final = ("server_config", "bad_files.txt")


@frozen
class Ready:
    """Rules that were loaded.

    Attributes
    ----------
    preparation
        Preparation of the workers that they are for.
    rules
        The rules.
    stamps
        Stamps of the cache's configuration, from before they were loaded.
    """

    preparation: Mapping[str, Any]
    rules: Rules
    stamps: tuple[Stamp | None, ...]

    def serves(self, preparation: Mapping[str, Any]) -> bool:
        """Tell whether a worker that is told a preparation would load the same."""
        wanted = {**preparation, "instrument": ""}
        return wanted == self.preparation and self.stamps == _stamps(preparation["environment"]["CRDS_PATH"])


def _stamps(cache: str) -> tuple[Stamp | None, ...]:
    return tuple(_stamp(Path(cache, "config", "hst", name)) for name in _CONFIGURATION)


def _stamp(path: Path) -> Stamp | None:
    try:
        return Stamp.of(path)
    except OSError:
        return None


@contextmanager
def _locks_of_one_process() -> Iterator[None]:
    """Let no lock be made in memory that workers share.

    CRDS makes one when it is imported, for a mode of several processes that nobody asks for here. A worker that was
    killed while it has such a lock would stop all others.
    """
    before = multiprocessing.Lock
    multiprocessing.Lock = threading.Lock  # type: ignore[assignment]
    try:
        yield
    finally:
        multiprocessing.Lock = before


def _load() -> Ready | None:
    text = os.environ.get(AHEAD_VARIABLE)
    if not text:
        return None
    preparation = json.loads(text)
    instruments, before = preparation.pop("instruments"), dict(os.environ)
    os.environ.clear()
    os.environ.update(preparation["environment"])
    try:
        stamps = _stamps(os.environ["CRDS_PATH"])
        with _locks_of_one_process():
            rules = prepare(preparation)
        rules.load(instruments)
        for package in _OBSERVATORIES:
            with suppress(ModuleNotFoundError):
                import_module(package)
    except (Exception, SystemExit):
        return None  # each worker meets it again, and tells it
    finally:
        os.environ.clear()
        os.environ.update(before)
    return Ready(preparation, rules, stamps)


READY: Final = _load()
"""The rules; None if there are none."""
