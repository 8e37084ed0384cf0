"""Turns Ctrl-C and SIGTERM into an error of ours, so that a run can say that it was stopped."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from caldp.domain.errors import Interrupted
from caldp.domain.exit_codes import explain_signal

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def raising_interrupts() -> Iterator[None]:
    """Raise `Interrupted` in the main thread when this process is asked to stop."""
    before = {number: signal.signal(number, _interrupt) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted(f"The run was stopped: {explain_signal(number)}.")
