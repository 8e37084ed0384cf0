"""Exit statuses of caldp and their meanings.

The numbers are frozen: CALCLOUD decides by them whether to run a job again with more memory. Those of a run that was
stopped by a signal are the shell's, 128 and the signal's number.
"""

from __future__ import annotations

import signal
from enum import IntEnum


class ExitCode(IntEnum):
    """The process status of a caldp command."""

    SUCCESS = 0
    GENERIC_ERROR = 1
    CMDLINE_ERROR = 2
    INPUT_TAR_FILE_ERROR = 21
    ASTROQUERY_ERROR = 22
    STAGE1_ERROR = 23
    STAGE2_ERROR = 24
    S3_UPLOAD_ERROR = 25
    S3_DOWNLOAD_ERROR = 26
    BESTREFS_ERROR = 27
    CREATE_PREVIEWS_ERROR = 28
    SUBPROCESS_MEMORY_ERROR = 31
    CALDP_MEMORY_ERROR = 32
    CONTAINER_MEMORY_ERROR = 33
    OS_MEMORY_ERROR = 34
    SVM_ERROR = 40
    MVM_ERROR = 41
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


_MEANINGS: dict[ExitCode, str] = {
    ExitCode.SUCCESS: "The dataset was processed, and all that belongs to it is in place.",
    ExitCode.GENERIC_ERROR: "Something failed that has no code of its own.",
    ExitCode.CMDLINE_ERROR: "The command line or a setting could not be understood.",
    ExitCode.INPUT_TAR_FILE_ERROR: "The tarball of inputs is missing, damaged or unsafe.",
    ExitCode.ASTROQUERY_ERROR: "The inputs could not be downloaded from MAST.",
    ExitCode.STAGE1_ERROR: "The instrument's calibration program failed or did not do its job.",
    ExitCode.STAGE2_ERROR: "Drizzling the calibrated exposures failed or was not done.",
    ExitCode.S3_UPLOAD_ERROR: "Products, logs or messages could not be written to S3.",
    ExitCode.S3_DOWNLOAD_ERROR: "The inputs could not be read from S3.",
    ExitCode.BESTREFS_ERROR: "CRDS reference files could not be assigned or found.",
    ExitCode.CREATE_PREVIEWS_ERROR: "A preview image could not be drawn.",
    ExitCode.SUBPROCESS_MEMORY_ERROR: "A calibration program ran out of memory.",
    ExitCode.CALDP_MEMORY_ERROR: "caldp itself ran out of memory.",
    ExitCode.CONTAINER_MEMORY_ERROR: "The container or the kernel killed the job for its use of memory.",
    ExitCode.OS_MEMORY_ERROR: "The operating system could not allocate memory, perhaps for a new process.",
    ExitCode.SVM_ERROR: "Single-visit mosaicking (runsinglehap) failed.",
    ExitCode.MVM_ERROR: "Multi-visit mosaicking (runmultihap) failed.",
    ExitCode.HUNG_UP: "The run was stopped: its terminal or connection was closed (SIGHUP).",
    ExitCode.INTERRUPTED: "The run was stopped from the keyboard (SIGINT, Ctrl-C).",
    ExitCode.TERMINATED: "The run was stopped by the batch system or by kill (SIGTERM).",
}

_STARTERS: dict[int, str] = {
    124: "the time limit of the program timeout has passed.",
    125: "Docker or Podman could not start the container; nothing ran in it.",
    126: "the program was found and cannot be executed (shell, container).",
    127: "the program was not found (shell, container).",
}
"""Statuses that programs have which start others: a container engine, a shell, timeout."""

MEMORY_ERRORS = frozenset(
    {
        ExitCode.SUBPROCESS_MEMORY_ERROR,
        ExitCode.CALDP_MEMORY_ERROR,
        ExitCode.CONTAINER_MEMORY_ERROR,
        ExitCode.OS_MEMORY_ERROR,
    }
)

STOPS: dict[int, ExitCode] = {
    signal.SIGHUP: ExitCode.HUNG_UP,
    signal.SIGINT: ExitCode.INTERRUPTED,
    signal.SIGTERM: ExitCode.TERMINATED,
}
"""Exit codes of a run that a signal stopped, by the signal."""

_BY_NUMBER = {int(code): code for code in ExitCode}
_MOST_DIGITS = 9  # more cannot be a status, and int() of a very long text raises


def lookup(code: object) -> ExitCode | None:
    """Find the exit code of an int, a numeric string or a name.

    Parameters
    ----------
    code
        Anything; names are matched without regard to case.

    Returns
    -------
    ExitCode or None
        None for whatever is not one of ours; never raises.
    """
    if isinstance(code, str):
        text = code.strip()
        if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
            return _BY_NUMBER.get(int(text))
        return ExitCode.__members__.get(text.upper())
    if isinstance(code, int) and not isinstance(code, bool):
        return _BY_NUMBER.get(code)
    return None


def explain(code: object) -> str:
    """Say in one line what an exit code means.

    Parameters
    ----------
    code
        An int, a numeric string, a name, or anything else.

    Returns
    -------
    str
        For example ``EXIT - STAGE1_ERROR[23]: ...``; what is not ours is explained as a signal where it can
        be one (128 + n as shells report it, or negative as Python does), as the status of a container engine or shell
        (124 to 127), and else called unknown. Never raises.

    Examples
    --------
    >>> explain("stage2_error")
    'EXIT - STAGE2_ERROR[24]: Drizzling the calibrated exposures failed or was not done.'
    """
    known = lookup(code)
    if known is not None:
        return f"EXIT - {known.name}[{int(known)}]: {meaning(known)}"
    number = signal_number(code)
    if number is not None:
        return f"EXIT - {explain_signal(number)}"
    starter = _of_starter(code)
    if starter is not None:
        return f"EXIT - status {starter}: {_STARTERS[starter]}"
    return f"EXIT - unknown exit code: {_shown(code)}"


def is_known(code: object) -> bool:
    """Tell whether `explain` has more to say of a status, name or signal than that it is unknown."""
    return lookup(code) is not None or signal_number(code) is not None or _of_starter(code) is not None


def _of_starter(code: object) -> int | None:
    """Find the status of a program that starts others, given as an int or a numeric string."""
    text = code.strip() if isinstance(code, str) else code
    return next((status for status in _STARTERS if text in (status, str(status)) and text is not True), None)


def meaning(code: ExitCode) -> str:
    """Return the sentence that belongs to an exit code."""
    return _MEANINGS[code]


def is_memory_error(code: object) -> bool:
    """Tell whether an exit code (int, numeric string, name, or anything) stands for a lack of memory."""
    return lookup(code) in MEMORY_ERRORS


_SIGNALS: dict[int, str] = {
    signal.SIGHUP: "the terminal or the connection was closed",
    signal.SIGINT: "interrupted from the keyboard",
    signal.SIGQUIT: "quit from the keyboard",
    signal.SIGILL: "illegal instruction; the program was perhaps built for another processor",
    signal.SIGABRT: "the program aborted itself",
    signal.SIGBUS: "bus error; a mapped file was perhaps truncated, or the disk is full",
    signal.SIGFPE: "arithmetic error",
    signal.SIGKILL: "killed; most often by the kernel or the container for lack of memory",
    signal.SIGSEGV: "segmentation fault, a bug in the program or an input that it does not expect",
    signal.SIGPIPE: "wrote to a closed pipe",
    signal.SIGTERM: "asked to terminate",
    signal.SIGXCPU: "used more CPU time than its limit",
    signal.SIGXFSZ: "wrote a file larger than its limit",
}


def explain_signal(number: int) -> str:
    """Say in one phrase what a signal number means; never raises.

    Examples
    --------
    >>> explain_signal(15)
    'SIGTERM (signal 15): asked to terminate'
    """
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"unknown signal {number}"
    detail = _SIGNALS.get(number)
    return f"{name} (signal {number})" + (f": {detail}" if detail else "")


def signal_number(code: object) -> int | None:
    """Find the signal that a name, a negative status (Python) or a status of 128 + n (shells) means.

    Examples
    --------
    >>> signal_number("SIGKILL"), signal_number(137), signal_number("-11"), signal_number(23)
    (9, 9, 11, None)
    """
    if isinstance(code, str):
        text = code.strip().upper()
        named = signal.Signals.__members__.get(text if text.startswith("SIG") else f"SIG{text}")
        if named is not None:
            return int(named)
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS):
            return None
        code = int(text)
    if not isinstance(code, int) or isinstance(code, bool):
        return None
    number = -code if code < 0 else code - 128
    return number if number in set(signal.Signals) else None


def _shown(code: object) -> str:
    try:
        return " ".join(str(code).split())[:80]
    except Exception:  # explain() is called while errors are reported: it must not add one
        return f"<{type(code).__name__}>"
