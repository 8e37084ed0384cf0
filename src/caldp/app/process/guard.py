"""Guard of a step: errors inside get the step's exit code, and faults can be injected."""

from __future__ import annotations

import errno
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from caldp.app.ports.listener import Listener
from caldp.domain.calibration.diagnosis import Evidence, diagnose
from caldp.domain.calibration.judgement import Completion
from caldp.domain.errors import CaldpError, Stopped, WorkDirectoryError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.events import Level, Note, Step
from caldp.domain.run.record import Failure
from caldp.domain.run.shortage import memory_error, refuses_thread

_ENGINE_CODES: Final = frozenset({ExitCode.STAGE1_ERROR, ExitCode.STAGE2_ERROR, ExitCode.SVM_ERROR, ExitCode.MVM_ERROR})
_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def owning(code: ExitCode, inject: int = 0) -> Iterator[None]:
    """Run a step that owns an exit code.

    Errors of ours pass through, and so does what is no `Exception`: a stop. Any other error that is raised inside comes
    out as one of ours, with the step's code or, for a lack of memory, the code that says so.

    Parameters
    ----------
    code
        The exit code of the step's failures.
    inject
        Exit code of the fault to inject (``CALDP_SIMULATE_ERROR``); 0 for none. The step fails before it begins
        if the code is its own, or one of the memory errors that can happen in it.

    Raises
    ------
    CaldpError
        Instead of any other `Exception`.
    """
    try:
        _inject(code, inject)
        yield
    except CaldpError:
        raise
    except Exception as error:
        lacking = memory_error(error)
        if lacking is not None:
            raise _out_of_memory(error, lacking) from error
        if isinstance(error, OSError):
            raise _from_os_error(error, code) from error
        raise CaldpError(
            f"Unexpected {type(error).__name__}: {error}".rstrip(": ") + ".",
            advice="This is likely a bug in caldp: report it with the run's log, which has the traceback.",
            exit_code=code,
        ) from error


def failure_of_stop(stop: BaseException, advice: str, step: Step | None = None) -> Failure:
    """Return the failure of a stopped run: by a signal, or by an exception of its caller."""
    if isinstance(stop, KeyboardInterrupt):
        stop = Stopped(signal.SIGINT)
    if isinstance(stop, Stopped):
        return Failure(stop.exit_code, stop.message, advice, step)
    return Failure(ExitCode.GENERIC_ERROR, f"The run was stopped ({type(stop).__name__}).", advice, step)


def tell_cause(error: CaldpError, tell: Listener) -> None:
    """Tell the traceback of an error behind another one: the log always has it, ``--debug`` shows it."""
    if error.__cause__ is not None:
        tell(Note("".join(traceback.format_exception(error)).rstrip(), Level.DETAIL))


def _out_of_memory(error: Exception, code: ExitCode) -> CaldpError:
    """Say which memory was refused, and what to do."""
    if isinstance(error, MemoryError):
        message, advice = "caldp itself ran out of memory.", "Run it again with more memory."
    elif refuses_thread(error):
        message = "The operating system could not start a new thread."
        advice = (
            "Run it again with more memory, or raise the limit on it (ulimit -v); if there is enough, raise the limit "
            "on processes and threads (ulimit -u, or the container's limit on pids)."
        )
    else:
        message = f"The operating system could not allocate memory{_where(error)}."
        advice = "Run it again with more memory, or with fewer programs beside it."
    return CaldpError(message, advice=advice, exit_code=code)


def _where(error: Exception) -> str:
    filename = error.filename if isinstance(error, OSError) else None
    return f" ({filename})" if filename else ""


def _from_os_error(error: OSError, code: ExitCode) -> CaldpError:
    where = _where(error)
    if error.errno in _DISK_FULL:
        return WorkDirectoryError(
            f"The disk is full{where}.",
            advice="Make room, or set CALDP_HOME to a directory on a larger disk.",
            exit_code=code,
        )
    return CaldpError(
        f"{error.strerror or error}{where}.",
        advice="Check that the path exists, and its permissions." if error.filename else "",
        exit_code=code,
    )


def inject_own(code: ExitCode, inject: int) -> None:
    """Fail if the exit code to inject is the step's own.

    Raises
    ------
    CaldpError
        With that code.
    """
    if inject == code:
        raise CaldpError(
            f"Injected failure with status {inject}.", advice="Unset CALDP_SIMULATE_ERROR.", exit_code=code
        )


def _inject(code: ExitCode, inject: int) -> None:
    """Fail as a step with this code would fail for real."""
    inject_own(code, inject)
    if inject == ExitCode.CALDP_MEMORY_ERROR:
        raise MemoryError
    if inject == ExitCode.OS_MEMORY_ERROR:
        raise OSError(errno.ENOMEM, "Injected: cannot allocate memory")
    if code in _ENGINE_CODES and inject == ExitCode.SUBPROCESS_MEMORY_ERROR:
        raise diagnose(Evidence("engine with an injected fault", Completion(1), log=("MemoryError",)), code)
    if code in _ENGINE_CODES and inject == ExitCode.CONTAINER_MEMORY_ERROR:
        raise diagnose(Evidence("engine with an injected fault", Completion(None, signal=9), oom_kills=1), code)
