"""Threads that a stop does not wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread


@contextmanager
def working(threads: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Open a pool of threads for the work inside.

    After an error the work that has begun is awaited, the rest is given up. After a stop, which is no `Exception`,
    nothing is awaited: a thread may hang in a read from a silent server for minutes.

    Parameters
    ----------
    threads
        Number of threads.
    name
        Prefix of their names.
    """
    pool = ThreadPoolExecutor(threads, name)
    try:
        yield pool
        pool.shutdown()
    except BaseException as error:
        pool.shutdown(wait=isinstance(error, Exception), cancel_futures=True)
        raise


def for_at_most(seconds: float, work: Callable[[], object]) -> None:
    """Do optional work in a thread, and wait for it no longer than so many seconds."""
    thread = Thread(target=work, name="caldp-last-words", daemon=True)
    thread.start()
    thread.join(seconds)
