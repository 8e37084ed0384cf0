"""Standard streams that are closed, full, or without a reader: none of these ends a run or changes its status."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from shutil import get_terminal_size
from typing import Final, TextIO

from caldp.domain.errors import CaldpError

_STREAMS: Final = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def open_closed() -> None:
    """Open the null device for each standard stream that is closed: the next file would get its number instead."""
    for number, (name, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
            os.set_inheritable(number, True)
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115


def write(text: str, *, err: bool = False) -> None:
    """Write a text and a line end; to standard error as far as that is possible.

    Raises
    ------
    BrokenPipeError
        If the reader of standard output has gone.
    CaldpError
        If standard output cannot be written for another reason, such as a full disk.
    """
    stream = sys.stderr if err else sys.stdout
    try:
        _write_line(stream, text)
        stream.flush()
    except OSError as error:
        _give_up(stream)
        if err:
            return
        if isinstance(error, BrokenPipeError):
            raise
        raise CaldpError(
            f"Standard output cannot be written: {error.strerror or error}.", advice="Send it elsewhere."
        ) from error


def _write_line(stream: TextIO, text: str) -> None:
    """Write a line; characters that the stream's encoding does not have are written as Python escapes them."""
    try:
        stream.write(f"{text}\n")
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(f"{text.encode(encoding, 'backslashreplace').decode(encoding)}\n")


def width_of(stream: TextIO) -> int | None:
    """Return the width of the terminal that a stream is shown on, characters; None if it is none."""
    try:
        return get_terminal_size().columns if stream.isatty() else None
    except ValueError:  # it is closed
        return None


def flush() -> None:
    """Write what is left in buffers; the interpreter would end with a status of its own if it could not."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            _give_up(stream)


def _give_up(stream: TextIO) -> None:
    """Let a stream lead nowhere from now on."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
