"""The port Listener."""

from __future__ import annotations

from collections.abc import Callable

from caldp.domain.run.events import Event

Listener = Callable[[Event], None]


"""Callback for run events. It must be thread-safe and must not raise."""
