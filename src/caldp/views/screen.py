"""Live views: their beginning and end on a terminal."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.live import Live


class Screen:
    """A context manager inside which `_live` is drawn; afterwards it stands still."""

    _live: Live

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # the terminal is closed
            self._live.stop()
