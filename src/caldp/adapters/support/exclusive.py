"""One process at a time at a file, on one machine and where network file systems have locks."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from caldp.adapters.support.partial import has_name

_LOCK: Final = ".lock"
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
        Called once if another process holds the lock. An error that it raises passes through, in place of the waiting.
    patience
        Seconds to wait.
    """
    lock = place.with_name(f".{place.name}{_LOCK}")
    descriptor = _acquire(lock, waiting, time.monotonic() + patience)
    try:
        yield
    finally:
        if descriptor is not None:
            with suppress(OSError):
                lock.unlink()
            os.close(descriptor)


def sweep_locks(directory: Path) -> None:
    """Remove the lock files that killed processes left in a directory, and that nobody holds."""
    for lock in directory.glob(f".*{_LOCK}"):
        with suppress(OSError):
            descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(descriptor).st_size == 0 and has_name(lock, descriptor):
                    lock.unlink()
            finally:
                os.close(descriptor)


def _acquire(lock: Path, waiting: Callable[[], None], end: float) -> int | None:
    told = False
    while True:
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except PermissionError:
            return None  # another user's; or the directory cannot be written, which whoever writes there will say
        is_busy = False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if has_name(lock, descriptor):
                return descriptor
        except _BUSY:
            is_busy = True
        except OSError:
            os.close(descriptor)
            return None
        os.close(descriptor)
        if is_busy:
            if not told:
                told = True
                waiting()
            if time.monotonic() > end:
                return None
            time.sleep(_PAUSE)
