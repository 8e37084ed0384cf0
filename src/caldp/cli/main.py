"""The ``caldp`` command: the one place that turns errors and outcomes into a process status."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from caldp.cli import (
    batch,
    batch_definition,
    clean,
    demo,
    docker,
    doctor,
    explain,
    preview,
    process,
    profile,
    status,
    sync,
)
from caldp.cli.interrupts import ignore_stops, stop_at_once
from caldp.cli.plain_values import take_plainly
from caldp.cli.streams import flush, open_closed
from caldp.cli.text import say
from caldp.domain.errors import CaldpError, Stopped
from caldp.domain.exit_codes import STOPS, ExitCode
from caldp.domain.run.shortage import memory_error

_DEBUG = "--debug"

app = typer.Typer(
    name="caldp",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing rich takes longer than all the rest of it
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=process.EXAMPLES, short_help="Process a dataset, from its name to its products.")(process.process)
app.command(epilog=demo.EXAMPLES, short_help="Process a simulated observation, as a demonstration.")(demo.demo)
app.command(epilog=preview.EXAMPLES, short_help="Draw previews of products.")(preview.preview)
app.command(epilog=status.EXAMPLES, short_help="Show the state of the datasets of an output.")(status.status)
app.command(epilog=sync.EXAMPLES, short_help="Fetch finished datasets into a directory.")(sync.sync)
app.command(epilog=clean.EXAMPLES, short_help="Remove leftovers of runs that are gone.")(clean.clean)
app.command(epilog=doctor.EXAMPLES, short_help="Examine whether a run could work here.")(doctor.doctor)
app.command(
    epilog=explain.EXAMPLES,
    short_help="Explain an exit status or a signal.",
    context_settings={"ignore_unknown_options": True},
)(explain.explain)
app.command(epilog=batch_definition.EXAMPLES, short_help="Print AWS Batch job definitions.")(
    batch_definition.batch_definition
)
app.add_typer(batch.app, short_help="Process many datasets.")
app.add_typer(profile.app, short_help="List and show profiles; print their variables.")
app.add_typer(docker.app, short_help="Build, push and run the Docker image.")


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
        say(f"caldp: {stop.message}", err=True)
        return stop.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:
        if _DEBUG in words:
            say(traceback.format_exc(), err=True)
        status, message, advice = _explained(error)
        say(f"caldp: {message}" + (f"\n       {advice}" if advice else ""), err=True)
        return status


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
    atexit.register(ignore_stops)  # the first to be registered is called last
    open_closed()
    stop_at_once(signal.SIGTERM, signal.SIGHUP)  # Ctrl-C is a KeyboardInterrupt, on which commands clean up


def end(status: int) -> NoReturn:
    """End the process. After a stop, do not wait for threads, which may hang in a read from a silent server."""
    stop_at_once(*STOPS)
    flush()
    if status in STOPS.values():
        os._exit(status)
    sys.exit(status)
