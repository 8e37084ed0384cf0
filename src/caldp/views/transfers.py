"""Transfers of a step on a terminal: a bar for each under way, one for all together, and waits for servers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from caldp.domain.run.events import Transfer

_MOST_TRANSFERS: Final = 6
_SILENCE: Final = 5.0
"""Seconds without a byte after which the wait is told."""


class Transfers:
    """Bars of the transfers of one step.

    Parameters
    ----------
    console
        Console to draw on.
    """

    def __init__(self, console: Console) -> None:
        self._bars: dict[str, TaskID] = {}
        self._moved: dict[str, Transfer] = {}  # the last event of each
        self._last = time.monotonic()
        self._progress = _bars(console)
        self._whole = _bars(console)  # all of them together
        self._whole.columns += (TimeRemainingColumn(compact=True),)

    def take(self, event: Transfer) -> None:
        """Show a transfer as a bar while it is under way, and count it."""
        self._moved[event.name] = event
        self._last = time.monotonic()
        self._add_up()
        if event.done in (0, event.total):  # announced only, or over
            self._drop(event.name)
            return
        if event.name not in self._bars:
            if len(self._bars) >= _MOST_TRANSFERS:
                self._drop(next(iter(self._bars)))
            self._bars[event.name] = self._progress.add_task(event.name, total=event.total)
        self._progress.update(self._bars[event.name], completed=event.done, total=event.total)

    def forget(self) -> None:
        """Begin anew, for another step."""
        for name in tuple(self._bars):
            self._drop(name)
        self._moved.clear()
        for task in self._whole.task_ids:
            self._whole.remove_task(task)

    def drawn(self) -> Iterator[RenderableType]:
        """Yield what is to be drawn."""
        if len(self._moved) > 1:
            yield self._whole
        if self._bars:
            yield self._progress
        silence = time.monotonic() - self._last
        waiting = [name for name, event in self._moved.items() if event.done != event.total]
        if waiting and silence > _SILENCE:
            more = f" and {len(waiting) - 1} more" if waiting[1:] else ""
            text = f"  waiting for {waiting[0]}{more}: nothing has come for {silence:.0f} s"
            yield Text(text, style="yellow", overflow="ellipsis", no_wrap=True)

    def _drop(self, name: str) -> None:
        if name in self._bars:
            self._progress.remove_task(self._bars.pop(name))

    def _add_up(self) -> None:
        """Bring the bar of all transfers up to date; its length is known when that of each is."""
        moved = self._moved.values()
        sizes = [event.total for event in moved if event.total is not None]
        total = sum(sizes) if len(sizes) == len(moved) else None
        over = sum(event.done == event.total for event in moved)
        if not self._whole.tasks:
            self._whole.add_task("", total=total)
        task = self._whole.tasks[0]
        task.total = total  # update() takes None to mean that it stays as it is
        done, words = sum(event.done for event in moved), f"{over} of {len(moved)} files"
        self._whole.update(task.id, completed=done, description=words)


def _bars(console: Console) -> Progress:
    columns = (TextColumn("  {task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=console)
