"""View of a run on a terminal: steps, transfers, and the engine's last line."""

from __future__ import annotations

import time
from threading import Lock

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from caldp.domain.run.events import EngineLine, Event, Level, Note, Step, StepEnded, StepStarted, Transfer
from caldp.views.screen import Screen

_STYLES = {Level.WARNING: "yellow", Level.ERROR: "bold red"}
_MOST_TRANSFERS = 6


class LiveRenderer(Screen):
    """A listener that redraws a few lines at the bottom of a terminal; warnings and errors scroll by above.

    Use it as a context manager: the lines are drawn inside, and stand still afterwards.

    Parameters
    ----------
    console
        Console to draw on.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = Lock()
        self._started: dict[Step, float] = {}
        self._ended: dict[Step, StepEnded] = {}
        self._line = ""
        self._transfers: dict[str, TaskID] = {}
        self._moved: dict[str, Transfer] = {}  # the last event of each transfer of this step
        self._progress = _bars(console)
        self._whole = _bars(console)  # all transfers of this step together
        self._whole.columns += (TimeRemainingColumn(compact=True),)
        self._spinner = Spinner("dots" if console.encoding.startswith("utf") else "line")
        self._live = Live(console=console, get_renderable=self._draw, refresh_per_second=8)

    def __call__(self, event: Event) -> None:
        """Take an event in; the next redrawing shows it."""
        if isinstance(event, Note) and event.level in _STYLES:
            # Outside our lock: printing waits for the redrawing, which waits for our lock.
            self._live.console.print(Text(event.text, style=_STYLES[event.level]))
            return
        with self._lock:
            match event:
                case StepStarted(step=step):
                    self._started[step] = time.monotonic()
                    self._forget_transfers()
                case StepEnded(step=step):
                    self._ended[step] = event
                    self._line = ""
                    self._forget_transfers()
                case EngineLine(program=program, text=text, exposure=exposure) if text.strip():
                    self._line = f"{program}{f' {exposure}' if exposure else ''}: {text.strip()}"
                case Note(text=text, level=Level.INFO):
                    self._line = text
                case Transfer():
                    self._transfer(event)

    def _transfer(self, event: Transfer) -> None:
        """Show a transfer as a bar while it is under way, and count it."""
        self._moved[event.name] = event
        self._add_up()
        if event.done in (0, event.total):  # announced only, or over
            self._drop(event.name)
            return
        if event.name not in self._transfers:
            if len(self._transfers) >= _MOST_TRANSFERS:
                self._drop(next(iter(self._transfers)))
            self._transfers[event.name] = self._progress.add_task(event.name, total=event.total)
        self._progress.update(self._transfers[event.name], completed=event.done, total=event.total)

    def _drop(self, name: str) -> None:
        if name in self._transfers:
            self._progress.remove_task(self._transfers.pop(name))

    def _forget_transfers(self) -> None:
        for name in tuple(self._transfers):
            self._drop(name)
        self._moved.clear()
        for task in self._whole.task_ids:
            self._whole.remove_task(task)

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

    def _draw(self) -> RenderableType:
        with self._lock:
            table = Table.grid(padding=(0, 2))
            for step in Step:
                if step in self._started or step is not Step.ANNOUNCE:
                    table.add_row(*self._row(step))
            parts: list[RenderableType] = [table]
            if len(self._moved) > 1:
                parts.append(self._whole)
            if self._transfers:
                parts.append(self._progress)
            if self._line:
                parts.append(Text(f"  {self._line}", style="dim", overflow="ellipsis", no_wrap=True))
            return Group(*parts)

    def _row(self, step: Step) -> tuple[RenderableType, RenderableType, RenderableType]:
        ended = self._ended.get(step)
        if ended is not None:
            mark = Text("done", style="green") if ended.ok else Text("FAILED", style="bold red")
            return mark, Text(str(step)), Text(f"{ended.seconds:.1f} s")
        if step in self._started:
            return self._spinner, Text(str(step), style="bold"), Text(f"{time.monotonic() - self._started[step]:.0f} s")
        return Text(""), Text(str(step), style="dim"), Text("")


def _bars(console: Console) -> Progress:
    columns = (TextColumn("  {task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=console)
