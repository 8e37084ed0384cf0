"""View of a batch on a terminal: counts, rate, time left, the longest running datasets, the last failures."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from caldp.domain.batch.events import BatchBegun, BatchEvent, JobEnded, JobStarted
from caldp.domain.batch.job import JobState
from caldp.domain.output.survey import duration_text
from caldp.domain.run.events import Note
from caldp.views.batch import Progress, event_line
from caldp.views.screen import Screen

_MOST_RUNNING: Final = 8
_MOST_FAILURES: Final = 4


class LiveBatch(Screen):
    """A listener that redraws a few lines at the bottom of a terminal.

    Use it as a context manager: the lines are drawn inside, and stand still afterwards.

    Parameters
    ----------
    console
        Console to draw on.
    """

    def __init__(self, console: Console) -> None:
        self._progress = Progress()
        self._lock = Lock()
        self._began = time.monotonic()
        self._since: dict[str, float] = {}
        self._failures: deque[str] = deque(maxlen=_MOST_FAILURES)
        self._live = Live(console=console, get_renderable=self._draw, refresh_per_second=4)

    def __call__(self, event: BatchEvent) -> None:
        """Take an event in; the next redrawing shows it."""
        with self._lock:
            self._progress.take(event)
            match event:
                case JobStarted(dataset=dataset):
                    self._since[dataset] = time.monotonic()
                case JobEnded(dataset=dataset, state=state, reason=reason):
                    self._since.pop(dataset, None)
                    if state is not JobState.DONE:
                        self._failures.append(
                            f"{dataset} {'again' if state is JobState.WAITING else state.value}: {reason}"
                        )
            line = event_line(event, self._progress) if isinstance(event, BatchBegun | Note) else ""
        if line:  # outside our lock: printing waits for the redrawing, which waits for our lock
            self._live.console.print(Text(line))

    def _draw(self) -> RenderableType:
        with self._lock:
            now = time.monotonic()
            parts: list[RenderableType] = [Text(self._heading(now - self._began), style="bold")]
            table = Table.grid(padding=(0, 2))
            longest = sorted(self._since, key=self._since.__getitem__)[:_MOST_RUNNING]
            for dataset in longest:
                step = self._progress.running.get(dataset, "")
                table.add_row(f"  {dataset}", duration_text(now - self._since[dataset]), step)
            if longest:
                parts.append(table)
            parts += [Text(f"  {line}", style="red", overflow="ellipsis", no_wrap=True) for line in self._failures]
            return Group(*parts)

    def _heading(self, seconds: float) -> str:
        progress = self._progress
        words = [f"{progress.done} done", f"{progress.failed} failed", f"{len(self._since)} running"]
        words.append(f"{max(0, progress.left - len(self._since))} waiting")
        left = progress.remaining(seconds)
        if left is not None:
            words.append(f"{3600 * progress.ended / max(seconds, 1):.0f} an hour, {duration_text(left)} left")
        return ", ".join(words)
