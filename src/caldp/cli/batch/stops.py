"""Signals to the driver of a batch: the first lets running datasets end, the second is handed on to them."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from caldp.cli.text import say
from caldp.domain.errors import Stopped
from caldp.domain.exit_codes import STOPS, ExitCode

_ONE_REQUEST: Final = 2.0
"""Seconds within which signals of different kinds are one request: terminals and batch systems send a few."""
_WORDS: Final = {
    1: "Stopping: no further dataset begins, those that run end. Once more ends them as well.",
    2: "Stopping the datasets that run. Once more ends everything at once.",
}


class Stops:
    """Count of the requests to stop."""

    def __init__(self) -> None:
        self._count = 0
        self._first = int(signal.SIGINT)
        self._last = (0, 0.0)

    def __call__(self) -> int:
        """Return how often the process was asked to stop."""
        return self._count

    def status(self) -> ExitCode:
        """Return the status that the first signal gives the process."""
        return STOPS[self._first]

    def take(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal in; the third raises `Stopped`."""
        before, at = self._last
        now = time.monotonic()
        self._last = (number, now)
        if self._count and number != before and now - at < _ONE_REQUEST:
            return
        if not self._count:
            self._first = number
        self._count += 1
        if self._count not in _WORDS:
            raise Stopped(self._first)
        say(f"caldp: {_WORDS[self._count]}", err=True)


@contextmanager
def counting_stops() -> Iterator[Stops]:
    """Count SIGINT, SIGTERM and SIGHUP meanwhile. Signals that were ignored (``nohup``) stay ignored."""
    stops = Stops()
    wanted = [number for number in STOPS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stops.take) for number in wanted}
    try:
        yield stops
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
