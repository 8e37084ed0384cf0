"""Text on the terminal, and the examples below a command's help."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from caldp.cli.streams import write
from caldp.domain.run.secrets import Blotter

if TYPE_CHECKING:
    from caldp.domain.run.events import Event


def say(text: str, *, err: bool = False) -> None:
    """Write a text to standard output, or to standard error: the one way in which commands speak.

    Credentials and control characters are taken out of it: names of files, settings and answers of servers are in it.

    Raises
    ------
    BrokenPipeError, CaldpError
        If it cannot be written to standard output; see `caldp.cli.streams.write`.
    """
    write(discreet(text), err=err)


def warn(event: Event) -> None:
    """Write a warning to standard error, and no other event: the listener of commands that calibrate nothing."""
    from caldp.domain.run.events import Level, Note

    if isinstance(event, Note) and event.level is Level.WARNING:
        say(event.text, err=True)


def discreet(text: str) -> str:
    """Take credentials, known from the environment or by their look, and control characters out of a text."""
    return Blotter.of(os.environ)(text)


def examples(*commands: str) -> str:
    """Write the examples that end a command's help; the mark at their head keeps their lines apart."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)
