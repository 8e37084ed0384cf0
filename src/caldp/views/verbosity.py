"""Verbosity: the amount of a run that is shown."""

from __future__ import annotations

from enum import IntEnum

from caldp.domain.run.events import Event, Level, Note


class Verbosity(IntEnum):
    """Amount of a run that is shown."""

    QUIET = -1
    """Warnings and errors."""
    NORMAL = 0
    """Steps, notes and the output of engines."""
    VERBOSE = 1
    """Everything."""


def is_shown(event: Event, verbosity: Verbosity) -> bool:
    """Tell whether an event is shown."""
    level = event.level if isinstance(event, Note) else Level.INFO
    if verbosity is Verbosity.QUIET:
        return level in (Level.WARNING, Level.ERROR)
    return verbosity is Verbosity.VERBOSE or level is not Level.DETAIL
