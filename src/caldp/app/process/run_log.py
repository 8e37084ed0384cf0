"""Log files of a run: its events, line by line."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO

from caldp.domain.output.layout import PREVIEW_LOG, PROCESS_LOG
from caldp.domain.run.events import EngineLine, Event, Level, Note, Step, StepEnded, StepStarted


class RunLog:
    """A listener that writes ``process.txt``, and ``preview.txt`` during the preview step.

    Every line is on disk as soon as it is told, so that a run that is killed leaves what it said.

    Parameters
    ----------
    directory
        Directory in which the logs are written.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = Lock()  # previews and transfers tell from several threads
        self._files: dict[str, IO[str]] = {}
        self._current = PROCESS_LOG
        self._is_closed = False

    def __call__(self, event: Event) -> None:
        """Write an event down."""
        with self._lock:
            if isinstance(event, StepStarted):
                self._current = PREVIEW_LOG if event.step is Step.PREVIEW else PROCESS_LOG
            line = describe(event)
            if line is None or self._is_closed:  # a thread that a stop did not wait for may come late
                return
            with suppress(OSError):  # a listener must not raise; a disk that is full stops the step itself
                self._open(self._current).write(line + "\n")

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self._is_closed = True
            for file in self._files.values():
                with suppress(OSError):
                    file.close()
            self._files.clear()

    def _open(self, name: str) -> IO[str]:
        if name not in self._files:
            path = self._directory / name
            self._files[name] = path.open("a", buffering=1, encoding="utf-8", errors="replace")
        return self._files[name]


def describe(event: Event) -> str | None:
    """Write an event as a line of a log; None for an event that is not logged."""
    if isinstance(event, EngineLine):  # there may be hundreds of thousands
        return event.text
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    match event:
        case Note(text=text, level=level):
            return f"{now} {_LABELS[level]} {text}"
        case StepStarted(step=step):
            return f"{now} ----- {step}"
        case StepEnded(step=step, seconds=seconds, ok=ok):
            return f"{now} ----- {step} {'done' if ok else 'FAILED'} after {seconds:.1f} s"
        case _:
            return None


_LABELS = {Level.DETAIL: "DEBUG", Level.INFO: "INFO ", Level.WARNING: "WARN ", Level.ERROR: "ERROR"}
