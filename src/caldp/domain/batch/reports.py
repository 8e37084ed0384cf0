"""Lines by which a job tells its driver how it goes, among whatever else it prints."""

from __future__ import annotations

import json
from collections import deque
from typing import Any, Final

from attrs import define, evolve, field

from caldp.domain.batch.job import KILLED, AttemptEnd, EndKind
from caldp.domain.run.secrets import visible

MARK: Final = "\x1e"
"""Beginning of a line that is meant for the driver (RFC 7464); it must be the line's first character."""
_LONGEST: Final = 64 << 10  # bytes of a line
_TAIL: Final = 8  # lines


def step_line(step: str) -> str:
    """Write that a run has come to a step."""
    return MARK + json.dumps({"step": step})


def end_line(status: int, cause: str, advice: str, peak_bytes: int) -> str:
    """Write how a run ended.

    Parameters
    ----------
    status
        Its exit status.
    cause, advice
        Its first failure; empty if there is none.
    peak_bytes
        Greatest memory of any one process; bytes.
    """
    return MARK + json.dumps({"status": status, "cause": cause, "advice": advice, "peak_mib": peak_bytes >> 20})


@define
class JobReports:
    """Reader of a job's output."""

    _buffer: bytes = b""
    _end: dict[str, Any] = field(factory=dict)
    _tail: deque[str] = field(factory=lambda: deque(maxlen=_TAIL))

    def take(self, data: bytes) -> list[str]:
        """Take in some output; return the steps that it tells of."""
        *lines, rest = (self._buffer + data).split(b"\n")
        self._buffer = rest[-_LONGEST:]
        return [step for line in lines if (step := self._line(line[:_LONGEST].decode("utf-8", "replace")))]

    def _line(self, line: str) -> str:
        if not line.startswith(MARK):
            if line.strip():
                self._tail.append(visible(line.strip())[:300])
            return ""
        try:
            told = json.loads(line[1:])
        except ValueError:
            return ""
        if not isinstance(told, dict):
            return ""
        if "status" in told:
            self._end = told
        return str(told.get("step", ""))[:40]

    def told(self, seconds: float) -> AttemptEnd:
        """Return the end that the job itself has told; without a status if it has told none.

        Parameters
        ----------
        seconds
            Duration.
        """
        status = self._end.get("status")
        if not isinstance(status, int):
            return AttemptEnd(cause=" ".join(self._tail)[-600:], seconds=seconds)
        return self.end(status, seconds)

    def end(self, code: int, seconds: float, *, is_memory: bool | None = None) -> AttemptEnd:
        """Return the end of the attempt.

        Parameters
        ----------
        code
            Exit status of the process, negative for a signal.
        seconds
            Duration.
        is_memory
            For a job that was killed: True if the kernel did that for lack of memory, False if not, None if that
            cannot be known.
        """
        told = self._end
        peak = told.get("peak_mib", 0)
        end = AttemptEnd(status=code, seconds=seconds, peak_mib=peak if isinstance(peak, int) else 0)
        if code in KILLED and is_memory is not None:
            return evolve(end, kind=EndKind.OUT_OF_MEMORY if is_memory else EndKind.LOST)
        if told.get("status") == code:
            return evolve(end, cause=str(told.get("cause", "")), advice=str(told.get("advice", "")))
        return evolve(end, cause=" ".join(self._tail)[-600:] if code > 0 else "")
