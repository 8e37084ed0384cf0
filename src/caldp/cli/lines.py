"""Lines that a run writes to standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock

from caldp.domain.run.events import Event
from caldp.views.verbosity import Verbosity, is_shown


class LineRenderer:
    """A listener that writes events to standard error, a line each.

    Parameters
    ----------
    view
        Writes an event and its time, UTC, as a line; None for no line.
    verbosity
        Bounds the events that are shown.
    """

    def __init__(self, view: Callable[[Event, datetime], str | None], verbosity: Verbosity) -> None:
        self._view = view
        self._verbosity = verbosity
        self._lock = Lock()

    def __call__(self, event: Event) -> None:
        """Write an event."""
        line = self._view(event, datetime.now(UTC)) if is_shown(event, self._verbosity) else None
        if line is not None:
            with self._lock:
                sys.stderr.write(line + "\n")
                sys.stderr.flush()
