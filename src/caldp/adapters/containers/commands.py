"""Commands of a container engine, shown before they are run."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from caldp.domain.errors import CaldpError
from caldp.domain.run.secrets import Blotter


def become(arguments: Sequence[str], environ: Mapping[str, str], variables: Mapping[str, str]) -> NoReturn:
    """Show a command, and replace this process by it.

    So the terminal, signals and the exit status are the command's own. A stop by a batch system reaches the
    container; a process in between would end by it and leave the container running.

    Parameters
    ----------
    arguments
        Program and arguments.
    environ
        Environment of the command.
    variables
        Variables that it gets too, which are not to be shown.

    Raises
    ------
    CaldpError
        If the program is not installed, or cannot be started.
    """
    _show(arguments, environ)
    sys.stdout.flush()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and the command would inherit that
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(arguments[0], list(arguments), {**environ, **variables})  # no shell is involved  # noqa: S606
    except OSError as error:
        raise _not_startable(arguments[0], error) from error


def feed(arguments: Sequence[str], environ: Mapping[str, str], text: str) -> int:
    """Show a command, run it with a text on its standard input, and return its exit status.

    Raises
    ------
    CaldpError
        If the program is not installed, or cannot be started.
    """
    _show(arguments, environ)
    try:
        return subprocess.run(arguments, check=False, env=environ, input=text, text=True).returncode
    except OSError as error:
        raise _not_startable(arguments[0], error) from error


def _show(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    sys.stderr.write(f"+ {Blotter.of(environ)(shlex.join(arguments))}\n")
    sys.stderr.flush()


def _not_startable(program: str, error: OSError) -> CaldpError:
    if isinstance(error, FileNotFoundError):
        return CaldpError(
            f"{program} is not installed, or not on PATH.", advice="Install Docker or Podman, or run caldp natively."
        )
    return CaldpError(f"{program} cannot be started: {error.strerror}.", advice="Look at its permissions.")
