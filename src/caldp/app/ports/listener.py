"""The port Listener."""

from __future__ import annotations

from collections.abc import Callable

from caldp.domain.run.events import Event

Listener = Callable[[Event], None]


"""Is told what a run does while it does it; must not raise."""
