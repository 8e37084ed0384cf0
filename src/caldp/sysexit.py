"""The readme's idiom for code that embeds caldp: a block of code, and the exit status that its failure means.

>>> from caldp import exit_codes
>>> with exit_receiver():
...     with exit_on_exception(exit_codes.STAGE1_ERROR, "Calibration of", "j8cb010b0", "failed."):
...         print("calibrating")
calibrating
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from caldp.domain.errors import CaldpError, Stopped
from caldp.domain.exit_codes import ExitCode, explain, explain_signal, is_memory_error, lookup

SIMULATE: Final = "CALDP_SIMULATE_ERROR"
"""Environment variable with the exit code of which the block is to fail as if for real."""


class CaldpExit(SystemExit):
    """The program is to end with a status that has already been explained."""


class SubprocessFailure(Exception):
    """A program that was run has failed.

    Parameters
    ----------
    returncode
        As `subprocess` has it: negative if a signal ended the program.
    """

    def __init__(self, returncode: int) -> None:
        reason = explain_signal(-returncode) if returncode < 0 else f"status {returncode}"
        super().__init__(f"A program ended with {reason}.")
        self.returncode = returncode


@contextmanager
def exit_on_exception(exit_code: int, *message: object) -> Iterator[None]:
    """Let the failure of a block of code end the program with a status of its own.

    Whatever is raised in the block is explained on standard error, and becomes a `CaldpExit` that carries the status
    to `exit_receiver`. A `CaldpExit` from a nested block passes through. A lack of memory has its own status whatever
    the block's: 32 for a MemoryError, 34 for what the operating system could not allocate, 31 or 33 for a `CaldpError`
    that says so.

    Parameters
    ----------
    exit_code
        The status, such as ``exit_codes.STAGE1_ERROR``.
    *message
        Words for the log, put together with blanks.

    Raises
    ------
    CaldpExit
        If the block raises an Exception.
    """
    try:
        _inject(exit_code)
        yield
    except Exception as error:
        status = _status_of(error, exit_code)
        _report(status, " ".join(map(str, message)), error)
        raise CaldpExit(status) from None


@contextmanager
def exit_receiver() -> Iterator[None]:
    """End the program at once, with the right status, if the block fails; put it around ``main()``.

    Output is flushed, then the process ends without further clean-up, so that nothing can change the status any more.
    What `exit_on_exception` did not see is a GENERIC_ERROR, or a lack of memory. If the block succeeds, or calls
    ``sys.exit`` itself, this does nothing.
    """
    try:
        yield
    except CaldpExit as leaving:
        _leave(leaving.code)
    except SystemExit:
        raise
    except BaseException as error:
        status = _status_of(error, ExitCode.GENERIC_ERROR)
        _report(status, "The program failed.", error)
        _leave(status)


def _inject(exit_code: int) -> None:
    """Fail in the way of the exit code that is to be injected: a lack of memory anywhere, others in their block."""
    injected = lookup(os.environ.get(SIMULATE, ""))
    if injected is ExitCode.CALDP_MEMORY_ERROR:
        raise MemoryError(f"injected by {SIMULATE}")
    if injected is ExitCode.OS_MEMORY_ERROR:
        raise OSError(errno.ENOMEM, f"{os.strerror(errno.ENOMEM)}, injected by {SIMULATE}")
    if injected is not None and (is_memory_error(injected) or injected == exit_code):
        raise CaldpError(f"Injected by {SIMULATE}.", exit_code=injected)


def _status_of(error: BaseException, otherwise: int) -> int:
    if isinstance(error, Stopped):
        return error.exit_code
    if isinstance(error, MemoryError):
        return ExitCode.CALDP_MEMORY_ERROR
    if isinstance(error, OSError) and (error.errno == errno.ENOMEM or os.strerror(errno.ENOMEM) in str(error)):
        return ExitCode.OS_MEMORY_ERROR
    if isinstance(error, CaldpError) and is_memory_error(error.exit_code):
        return error.exit_code
    return otherwise


def _report(status: int, message: str, error: BaseException) -> None:
    understood = isinstance(error, CaldpError | SubprocessFailure)
    details = f"{error}\n" if understood else "".join(traceback.format_exception(error))
    for line in (message, *details.splitlines()):
        if line:
            print(f"ERROR - {line}", file=sys.stderr)  # noqa: T201 - the embedding program's log
    print(explain(status), file=sys.stderr)  # noqa: T201


def _leave(status: object) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else ExitCode.GENERIC_ERROR)
