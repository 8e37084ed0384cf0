"""Views of a run, as options of a command line choose them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from caldp.app.ports.listener import Listener
    from caldp.views.verbosity import Verbosity


class LogFormat(StrEnum):
    """Form of events on standard error."""

    TEXT = "text"
    JSON = "json"


Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show details too.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show warnings and errors only.")]
Format = Annotated[LogFormat, typer.Option(help="Form of messages on standard error.")]


def verbosity_of(*, verbose: bool, quiet: bool, debug: bool) -> Verbosity:
    """Return the verbosity that options ask for.

    Raises
    ------
    UsageError
        If they contradict each other.
    """
    from caldp.domain.errors import UsageError
    from caldp.views.verbosity import Verbosity

    if verbose and quiet:
        raise UsageError("--verbose and --quiet contradict each other.", advice="Give one of them.")
    if quiet:
        return Verbosity.QUIET
    return Verbosity.VERBOSE if verbose or debug else Verbosity.NORMAL


@contextmanager
def rendering(log_format: LogFormat, verbosity: Verbosity) -> Iterator[Listener]:
    """Show a run: live on a terminal, else as lines."""
    from caldp.cli.lines import LineRenderer
    from caldp.domain.run.events import log_line
    from caldp.views.json import EventLines
    from caldp.views.verbosity import Verbosity

    if log_format is LogFormat.JSON:
        yield LineRenderer(EventLines(), verbosity)
    elif verbosity is Verbosity.NORMAL and sys.stderr.isatty():
        from rich.console import Console

        from caldp.views.live import LiveRenderer

        console = Console(stderr=True)
        if console.is_interactive:
            with LiveRenderer(console) as live:
                yield live
        else:
            yield LineRenderer(log_line, verbosity)
    else:
        yield LineRenderer(log_line, verbosity)
