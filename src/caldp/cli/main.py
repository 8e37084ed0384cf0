"""The ``caldp`` command: the one place that turns errors and outcomes into a process status."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from caldp.cli.commands import SETTINGS, Caldp
from caldp.cli.interrupts import ignore_stops, stop_at_once
from caldp.cli.plain_values import take_plainly
from caldp.cli.streams import flush, open_closed
from caldp.cli.text import say
from caldp.domain.errors import CaldpError, Stopped
from caldp.domain.exit_codes import STOPS, ExitCode
from caldp.domain.run.shortage import memory_error

_DEBUG = "--debug"
_INDENT = " " * len("caldp: ")
_MANY = 20_000
"""Objects made between two searches for garbage: with Python's 700, searches take a tenth of a short run."""

app = typer.Typer(name="caldp", cls=Caldp, **SETTINGS, context_settings={"help_option_names": ["-h", "--help"]})


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    _debug: Annotated[bool, typer.Option(_DEBUG, help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Show versions, the engines' too.")] = False,
) -> None:
    """Process Hubble datasets: from a dataset's name to its calibrated products."""
    if version:
        from caldp.factories import installed_versions

        say("\n".join(f"{name} {found}" for name, found in installed_versions(os.environ).items()))
        raise typer.Exit
    if context.invoked_subcommand is None:
        say(context.get_help())
        raise typer.Exit(ExitCode.CMDLINE_ERROR)


def main(arguments: Sequence[str]) -> int:
    """Run a command line and return its status: an exit code, or the status of the container that it ran.

    Parameters
    ----------
    arguments
        Without the program's name.
    """
    return guarded(lambda: arguments)


def guarded(arguments: Callable[[], Sequence[str]]) -> int:
    """Run the command line that a function makes; what either raises becomes a status and a sentence."""
    words: Sequence[str] = ()
    try:
        words = arguments()
        plain = [word for word in words if word != _DEBUG]
        command = take_plainly(get_command(app))
        return int(command.main(args=plain, prog_name="caldp", standalone_mode=False, obj=_DEBUG in words) or 0)
    except BrokenPipeError:  # whoever read our output has seen enough
        return ExitCode.GENERIC_ERROR
    except Stopped as stop:
        _tell(words, stop.exit_code, stop.message, "")
        return stop.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:
        if _DEBUG in words:
            say(traceback.format_exc(), err=True)
        status, message, advice = _explained(error)
        _tell(words, status, message, advice)
        return status


def _tell(words: Sequence[str], status: ExitCode, message: str, advice: str) -> None:
    """Tell an error: in words, and to machines that asked for JSON in theirs."""
    from caldp.cli.answers import logs_json, wants_json
    from caldp.cli.streams import width_of
    from caldp.views.wrapping import wrapped

    if logs_json(words):
        from datetime import UTC, datetime

        from caldp.views.json import error_event_json

        say(error_event_json(status, message, advice, datetime.now(UTC)), err=True)
    else:
        text = f"caldp: {message}" + (f"\n{_INDENT}{advice}" if advice else "")
        say(wrapped(text, width_of(sys.stderr), _INDENT), err=True)
    if wants_json(words):
        from caldp.views.json import error_json

        with suppress(BrokenPipeError, CaldpError):
            say(error_json(status, message, advice))


def _explained(error: Exception) -> tuple[ExitCode, str, str]:
    """Return the status, the sentence and the advice that an error deserves."""
    if isinstance(error, CaldpError):
        return error.exit_code, error.message, error.advice
    if isinstance(error, typer.TyperException):
        command = getattr(getattr(error, "ctx", None), "command_path", "caldp")
        return ExitCode.CMDLINE_ERROR, error.format_message(), f"See {command} --help."
    lacking = memory_error(error)
    if lacking is not None:
        return lacking, "caldp ran out of memory, or could not start a thread.", "Use more memory."
    return (
        ExitCode.GENERIC_ERROR,
        f"Unexpected {type(error).__name__}: {error}",
        "This is likely a bug in caldp: run again with --debug and report the traceback.",
    )


def run() -> NoReturn:
    """Run the command line of this process and exit with its status."""
    begin()
    end(main(sys.argv[1:]))


def begin() -> None:
    """Prepare the process of a command: streams that are there, and signals that end it with our statuses."""
    gc.set_threshold(_MANY)
    atexit.register(ignore_stops)  # the first to be registered is called last
    open_closed()
    stop_at_once(signal.SIGTERM, signal.SIGHUP)  # Ctrl-C is a KeyboardInterrupt, on which commands clean up


def end(status: int) -> NoReturn:
    """End the process. After a stop, do not wait for threads, which may hang in a read from a silent server."""
    stop_at_once(*STOPS)
    flush()
    gc.freeze()  # Python looks through everything that was imported, several times, before it ends
    if status in STOPS.values():
        os._exit(status)
    sys.exit(status)
