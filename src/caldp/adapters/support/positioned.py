"""Reads from a position of a file, which leave the file's own position alone."""

from __future__ import annotations

import os


def read_at(descriptor: int, buffer: memoryview, position: int) -> int:
    """Read bytes into a buffer, without a copy where the system can (it need not on macOS).

    Returns
    -------
    int
        Number of bytes that were read, fewer than the buffer takes perhaps; 0 at the end of the file.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    if hasattr(os, "preadv"):
        return os.preadv(descriptor, [buffer], position)
    data = os.pread(descriptor, len(buffer), position)
    buffer[: len(data)] = data
    return len(data)
