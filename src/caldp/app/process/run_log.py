"""Log files of a run: its events, line by line."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO

from caldp.domain.output.layout import PREVIEW_LOG, PROCESS_LOG
from caldp.domain.run.events import Event, Step, StepStarted, log_line


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
            line = log_line(event, datetime.now(UTC))
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
