"""Shows a run as plain lines: for pipes, logs and CI."""

from __future__ import annotations

import sys
from threading import Lock

from caldp.app.outcome import Outcome
from caldp.app.run_log import describe
from caldp.domain.events import Event, Level, Note
from caldp.domain.exit_codes import explain


class PlainRenderer:
    """A listener that writes what a run tells to standard error.

    Parameters
    ----------
    quiet
        Write warnings and errors only.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._lock = Lock()

    def __call__(self, event: Event) -> None:
        """Write an event."""
        matters = isinstance(event, Note) and event.level in (Level.WARNING, Level.ERROR)
        detail = isinstance(event, Note) and event.level is Level.DETAIL
        if detail or (self._quiet and not matters):
            return
        line = describe(event)
        if line is not None:
            with self._lock:
                sys.stderr.write(line + "\n")


def summary(outcome: Outcome) -> str:
    """Say in a few lines how a run ended."""
    record = outcome.record
    seconds = sum(step.usage.wall_seconds for step in record.steps)
    peak = max((step.usage.max_rss_bytes for step in record.steps), default=0)
    lines = [f"{record.dataset}: {explain(outcome.status)}"]
    if record.products:
        size = sum(product.size for product in record.products)
        lines.append(f"  {len(record.products)} products, {size / 1e6:.1f} MB")
    if outcome.receipt is not None and outcome.receipt.location:
        lines.append(f"  in {outcome.receipt.location}")
    lines.append(f"  {seconds:.1f} s, at most {peak / 1e6:.0f} MB of memory")
    if outcome.work_directory:
        lines.append(f"  scratch files are kept in {outcome.work_directory}")
    return "\n".join(lines)
