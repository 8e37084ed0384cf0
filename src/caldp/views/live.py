"""View of a run on a terminal: dataset, locations, steps, transfers, and the state of the engine in words."""

from __future__ import annotations

import time
from threading import Lock

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from caldp.domain.calibration.engine_progress import EngineProgress
from caldp.domain.run.events import (
    EngineLine,
    Event,
    InputsRead,
    Level,
    Note,
    RunEnded,
    RunStarted,
    Step,
    StepEnded,
    StepStarted,
    Transfer,
)
from caldp.views.screen import Screen
from caldp.views.transfers import Transfers
from caldp.views.wrapping import wrapped


class LiveRenderer(Screen):
    """A listener that redraws a few lines at the bottom of a terminal; warnings scroll by above.

    Use it as a context manager: the lines are drawn inside, and stand still afterwards. Failures are not shown: the
    summary has them.

    Parameters
    ----------
    console
        Console to draw on.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = Lock()
        self._run: RunStarted | None = None
        self._inputs: InputsRead | None = None
        self._began = time.monotonic()
        self._took: float | None = None
        self._started: dict[Step, float] = {}
        self._ended: dict[Step, StepEnded] = {}
        self._line = ""
        self._engines = EngineProgress()
        self._transfers = Transfers(console)
        self._spinner = Spinner("dots" if console.encoding.startswith("utf") else "line")
        self._live = Live(console=console, get_renderable=self._draw, refresh_per_second=8)

    def __call__(self, event: Event) -> None:
        """Take an event in; the next redrawing shows it."""
        if isinstance(event, Note) and event.level is Level.WARNING:
            # Outside our lock: printing waits for the redrawing, which waits for our lock.
            text = wrapped(event.text, self._console.width)
            self._live.console.print(Text(text, style="yellow"), soft_wrap=True)
            return
        with self._lock:
            match event:
                case RunStarted():
                    self._run, self._began = event, time.monotonic()
                case RunEnded(seconds=seconds):
                    self._took, self._line = seconds, ""
                case InputsRead(exposures=exposures):
                    self._inputs, self._engines = event, EngineProgress(exposures)
                case StepStarted(step=step):
                    self._started[step] = time.monotonic()
                    self._line = ""
                    self._transfers.forget()
                case StepEnded(step=step):
                    self._ended[step] = event
                    self._line = ""
                    self._transfers.forget()
                case EngineLine(program=program, text=text, exposure=exposure):
                    self._engines.take(program, text, exposure)
                    self._line = self._engines.text
                case Note(text=text, level=Level.INFO):
                    self._line = text
                case Transfer():
                    self._transfers.take(event)

    def _draw(self) -> RenderableType:
        with self._lock:
            table = Table.grid(padding=(0, 2))
            for step in Step:
                if step in self._started or step is not Step.ANNOUNCE:
                    table.add_row(*self._row(step))
            parts: list[RenderableType] = [*self._heading(), table, *self._transfers.drawn()]
            if self._line:
                parts.append(_cut(f"  {self._line}", "dim"))
            return Group(*parts)

    def _heading(self) -> list[RenderableType]:
        """Name the dataset, its exposures, the time so far, and the locations."""
        if self._run is None:
            return []
        seconds = time.monotonic() - self._began if self._took is None else self._took
        words = [self._run.dataset]
        if self._inputs is not None and self._inputs.exposures:
            count = len(self._inputs.exposures)
            words.append(f"{count} exposure{'' if count == 1 else 's'}")
        words.append(f"{seconds:.0f} s")
        return [
            Text("  ".join(words), style="bold"),
            _cut(f"  from {self._run.source}", "dim"),
            _cut(f"  to   {self._run.target}", "dim"),
        ]

    def _row(self, step: Step) -> tuple[RenderableType, RenderableType, RenderableType]:
        ended = self._ended.get(step)
        if ended is not None:
            mark = Text("done", style="green") if ended.ok else Text("FAILED", style="bold red")
            return mark, Text(str(step)), Text(f"{ended.seconds:.1f} s")
        if step in self._started:
            return self._spinner, Text(str(step), style="bold"), Text(f"{time.monotonic() - self._started[step]:.0f} s")
        return Text(""), Text(str(step), style="dim"), Text("")


def _cut(text: str, style: str) -> Text:
    return Text(text, style=style, overflow="ellipsis", no_wrap=True)
