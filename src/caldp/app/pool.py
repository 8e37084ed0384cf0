"""Threads beside a run. A stop does not wait for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TypeVar

_Argument = TypeVar("_Argument")
_Result = TypeVar("_Result")


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


def in_advance(
    work: Callable[[_Argument], _Result], arguments: Iterable[_Argument], name: str
) -> Callable[[_Argument], _Result]:
    """Begin some calls of a function, each in a thread of its own; return the function that waits for their results.

    Parameters
    ----------
    work
        The function. It is called as always for arguments that were not begun, or where no thread can be started.
    arguments
        Arguments that it is going to be called with; hashable.
    name
        Prefix of the threads' names.
    """
    begun: dict[_Argument, Future[_Result]] = {}
    arguments = tuple(dict.fromkeys(arguments))
    pool = ThreadPoolExecutor(max(1, len(arguments)), name)
    with suppress(RuntimeError):  # the system has no thread left
        for argument in arguments:
            begun[argument] = pool.submit(work, argument)
    pool.shutdown(wait=False)

    def result(argument: _Argument) -> _Result:
        future = begun.get(argument)
        return work(argument) if future is None else future.result()

    return result
