"""Audience of a run: a view that breaks ends nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from caldp.app.ports.listener import Listener
from caldp.domain.run.events import Event, Level, Note


class Audience:
    """A listener that passes events on to others, for as long as they can take them.

    One that raises an error, as a view does whose terminal or pipe is closed, is told no more, and the others are told
    so. What is no `Exception` passes through.

    Parameters
    ----------
    listeners
        Callbacks for all events, in this order.
    """

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = tuple(listeners)
        self._lock = Lock()  # transfers and previews tell from several threads

    def __call__(self, event: Event) -> None:
        """Pass an event on."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:
                self._dismiss(listener, error)

    def _dismiss(self, listener: Listener, error: Exception) -> None:
        with self._lock:
            if listener not in self._listeners:
                return  # another thread was faster
            self._listeners = tuple(other for other in self._listeners if other is not listener)
        why = f"{type(error).__name__}: {error}".rstrip(": ")
        self(Note(f"A view of the run failed, and gets no further events ({why}).", Level.WARNING))
