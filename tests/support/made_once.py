"""Directories that all workers of a test run share: the first that needs one makes it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a directory of this test run, which is not to be changed.

    Parameters
    ----------
    factory
        Temporary directories of this worker, which lie beside those of the others.
    name
        Name of the directory.
    make
        Function that fills it. It must not write the directory's path into files, since the directory is renamed.
    """
    base = factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with place.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            growing = place.with_name(f"{name}.growing")
            shutil.rmtree(growing, ignore_errors=True)
            growing.mkdir()
            make(growing)
            growing.rename(place)
    return place
