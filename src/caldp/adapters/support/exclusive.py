"""One process at a time at a file, on one machine and where network file systems have locks."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PAUSE: Final = 0.05  # seconds
_BUSY: Final = (BlockingIOError, InterruptedError)


@contextmanager
def exclusive(place: Path, waiting: Callable[[], None] = lambda: None, patience: float = 3600.0) -> Iterator[None]:
    """Hold the lock of a file that several runs may want to make.

    The lock ends with the process that holds it. Where the file system has no locks, and when patience is exhausted,
    the work goes on without: it must be harmless, if wasteful, when two do it.

    Parameters
    ----------
    place
        The file; its directory exists.
    waiting
        Called once if another process holds the lock.
    patience
        Seconds to wait.
    """
    lock = place.with_name(f".{place.name}.lock")
    descriptor = _acquire(lock, waiting, time.monotonic() + patience)
    try:
        yield
    finally:
        if descriptor is not None:
            with suppress(OSError):
                lock.unlink()
            os.close(descriptor)


def _acquire(lock: Path, waiting: Callable[[], None], end: float) -> int | None:
    told = False
    while True:
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except PermissionError:
            return None  # another user's; or the directory cannot be written, which whoever writes there will say
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _still_at(lock, descriptor):
                return descriptor
        except _BUSY:
            if not told:
                told = True
                waiting()
            if time.monotonic() > end:
                os.close(descriptor)
                return None
            time.sleep(_PAUSE)
        except OSError:
            os.close(descriptor)
            return None
        os.close(descriptor)


def _still_at(lock: Path, descriptor: int) -> bool:
    """Tell whether a locked file still has its name: whoever held it before has removed it."""
    try:
        return os.path.samestat(lock.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
