"""The ``caldp`` command: the one place that turns errors and outcomes into a process status."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from caldp.cli.process import process
from caldp.domain.errors import CaldpError
from caldp.domain.exit_codes import ExitCode

app = typer.Typer(
    name="caldp",
    help="Process Hubble datasets: from a dataset's name to its calibrated products.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(process)

_DEBUG = "--debug"


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option(_DEBUG, help="Show the traceback of whatever goes wrong.")] = False,
) -> None:
    """Process Hubble datasets: from a dataset's name to its calibrated products."""


def main(arguments: Sequence[str]) -> ExitCode:
    """Run a command line and return its status.

    Parameters
    ----------
    arguments
        Without the program's name.
    """
    debug = _DEBUG in arguments
    try:
        status = app(args=[argument for argument in arguments if argument != _DEBUG], standalone_mode=False)
        return ExitCode(status or 0)
    except CaldpError as error:
        return _report(error.exit_code, error.message, error.advice, debug=debug)
    except typer.TyperException as error:
        return _report(ExitCode.CMDLINE_ERROR, error.format_message(), "See caldp --help.", debug=False)
    except (KeyboardInterrupt, typer.Abort):
        return _report(ExitCode.GENERIC_ERROR, "Interrupted.", "", debug=debug)
    except MemoryError:
        return _report(ExitCode.CALDP_MEMORY_ERROR, "caldp ran out of memory.", "Use more memory.", debug=debug)
    except Exception as error:
        return _report(
            ExitCode.GENERIC_ERROR,
            f"Unexpected {type(error).__name__}: {error}",
            "This is likely a bug in caldp: run again with --debug and report the traceback.",
            debug=debug,
        )


def _report(status: ExitCode, message: str, advice: str, *, debug: bool) -> ExitCode:
    if debug:
        traceback.print_exc()
    sys.stderr.write(f"caldp: {message}\n" + (f"       {advice}\n" if advice else ""))
    return status


def run() -> NoReturn:
    """Run the command line of this process and exit with its status."""
    sys.exit(int(main(sys.argv[1:])))
