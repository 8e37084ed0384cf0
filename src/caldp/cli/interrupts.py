"""Stops: Ctrl-C, SIGTERM and SIGHUP become `Stopped`, and the end that follows has a limit of time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from types import FrameType
from typing import Final

from caldp.domain.errors import Stopped
from caldp.domain.exit_codes import STOPS

PATIENCE: Final = 7.5
"""Seconds that a run has to end its children and to say that it was stopped."""
LAST_MOMENT: Final = 9.0
"""Seconds after which the process ends in any case: a look-up of a host name, for example, ignores signals."""
_ONE_REQUEST: Final = 2.0
"""Seconds within which several signals are one request: terminals and batch systems send a few."""


@contextmanager
def raising_interrupts() -> Iterator[None]:
    """Raise `Stopped` in the main thread when this process is asked to stop.

    A second signal, or the end of our patience, raises it once more: what was to be said meanwhile remains unsaid.
    Signals that were ignored when the process began (``nohup``) stay ignored.
    """
    wanted = [number for number in STOPS if signal.getsignal(number) is not signal.SIG_IGN]
    stops = _Stops()
    before = {number: signal.signal(number, stops.take) for number in wanted}
    alarm = signal.signal(signal.SIGALRM, stops.take)
    with _last_moment():
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in (*before.items(), (signal.SIGALRM, alarm)):
                signal.signal(number, handler)


def stop_at_once(*numbers: int) -> None:
    """End the process at once, with the status that says so, when one of these signals arrives.

    Outside of a run nothing is lost by that. What Python or the system does by itself ends in a traceback, or in a
    signal that looks like another's kill. Signals that are ignored stay ignored.
    """
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda number, _frame: os._exit(STOPS[number]))


def ignore_stops() -> None:
    """Let nothing but SIGKILL end the process any more, which is about to end by itself.

    While the interpreter takes itself apart it gives signals back to the system, which would end the process without
    the status that it has by then.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)


class _Stops:
    """Handles signals; the first decides how the process ends."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._since = 0.0

    def take(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None:
            if number == signal.SIGALRM:
                return  # another's timer
            self._first, self._since = number, now
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
            raise Stopped(number)
        if number == signal.SIGALRM or now - self._since > _ONE_REQUEST:
            raise Stopped(self._first)


@contextmanager
def _last_moment() -> Iterator[None]:
    """End the process, from a thread of its own, if it has not ended by itself some time after a signal."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    done = Event()
    Thread(target=_watch, args=(reading, done), name="caldp-last-moment", daemon=True).start()
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        done.set()
        os.close(writing)


def _watch(reading: int, done: Event) -> None:
    # The interpreter writes a signal's number as soon as it arrives, whatever the main thread is doing.
    with open(reading, "rb", buffering=0) as signals:
        while number := signals.read(1):
            if number[0] in STOPS:
                if not done.wait(LAST_MOMENT):
                    with suppress(OSError):
                        os.write(2, f"caldp: {Stopped(number[0]).message} The output may not say so.\n".encode())
                    os._exit(STOPS[number[0]])
                return
