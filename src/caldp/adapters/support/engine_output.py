"""Output of a program, heard line by line: all of a usual log, and the head and tail of a flood."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Final

_CHUNK: Final = 1 << 16
_LONGEST_LINE: Final = 1 << 16
"""Bytes; a line that never ends is cut."""
HEAD: Final = 4 << 20
"""Bytes that are heard as they come."""
TAIL: Final = 4 << 20
"""Bytes of what follows that are kept, and heard at the end."""


class EngineOutput:
    """Reads a descriptor without blocking for long, in memory that does not grow.

    Parameters
    ----------
    descriptor
        The reading end of a pipe.
    hear
        Callback for each line, without its end.
    head, tail
        Amounts that are heard as they come, and kept of the rest for the end; bytes.
    """

    def __init__(self, descriptor: int, hear: Callable[[str], None], *, head: int = HEAD, tail: int = TAIL) -> None:
        self._descriptor = descriptor
        self._hear = hear
        self._head = head
        self._most_tail = tail
        self._rest: list[bytes] = []  # pieces of a line that has not ended
        self._size_of_rest = 0
        self._tail = bytearray()
        self._left_out = 0
        self.is_open = True

    def read(self) -> bool:
        """Read what is there, waiting for it if nothing is; tell whether there was anything."""
        chunk = os.read(self._descriptor, _CHUNK)
        self.is_open = bool(chunk)
        if self._head > 0:
            self._head -= len(chunk)
            self._take(chunk)
        else:
            self._put_aside(chunk)
        return self.is_open

    def finish(self) -> None:
        """Hear the tail, and a last line without an end."""
        self._forget(self._most_tail)
        if self._left_out:
            begin = self._tail.find(b"\n") + 1  # a line whose beginning is left out tells little
            self._left_out += begin
            del self._tail[:begin]
            self._end_line()
            self._hear(f"[caldp: {self._left_out:,} bytes of this output are left out here]")
        for begin in range(0, len(self._tail), _CHUNK):
            self._take(bytes(self._tail[begin : begin + _CHUNK]))
        self._tail.clear()
        self._end_line()

    def _take(self, chunk: bytes) -> None:
        """Hear the lines that end in a chunk; each byte is looked at a fixed number of times."""
        first, newline, others = chunk.partition(b"\n")
        self._rest.append(first)
        self._size_of_rest += len(first)
        if newline:
            self._end_line(always=True)
            *lines, last = others.split(b"\n")
            self._hear_all(lines)
            self._rest, self._size_of_rest = [last], len(last)
        if self._size_of_rest > _LONGEST_LINE:
            self._end_line()

    def _end_line(self, *, always: bool = False) -> None:
        line = b"".join(self._rest)
        self._rest, self._size_of_rest = [], 0
        if line or always:
            self._hear(_text(line))

    def _hear_all(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self._hear(_text(line))

    def _put_aside(self, chunk: bytes) -> None:
        self._tail += chunk
        if len(self._tail) > 2 * self._most_tail:  # seldom, so that each byte is moved once or twice
            self._forget(self._most_tail)

    def _forget(self, kept: int) -> None:
        """Leave out the beginning of what was put aside."""
        excess = len(self._tail) - kept
        if excess > 0:
            del self._tail[:excess]
            self._left_out += excess


def _text(line: bytes) -> str:
    """Decode a line as a terminal would show it: a carriage return begins it anew (progress bars)."""
    return line.rstrip(b"\r").rpartition(b"\r")[2].decode("utf-8", errors="replace")
