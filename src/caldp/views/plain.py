"""View of a run as plain lines with the time in front, for pipes, logs and CI."""

from __future__ import annotations

import sys
from threading import Lock

from caldp.app.process.run_log import describe
from caldp.domain.run.events import Event
from caldp.views.verbosity import Verbosity, is_shown


class PlainRenderer:
    """Listener that writes events to standard error.

    Parameters
    ----------
    verbosity
        Amount that is shown.
    """

    def __init__(self, verbosity: Verbosity) -> None:
        self._verbosity = verbosity
        self._lock = Lock()

    def __call__(self, event: Event) -> None:
        """Write an event."""
        line = describe(event) if is_shown(event, self._verbosity) else None
        if line is not None:
            with self._lock:
                sys.stderr.write(line + "\n")
                sys.stderr.flush()
