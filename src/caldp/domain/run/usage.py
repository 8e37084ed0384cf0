"""Time and memory of a piece of work, and GNU time's text of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Self

from attrs import frozen

_SHORTEST: Final = 0.001  # s


@frozen
class ResourceUsage:
    """Time and memory of a process, or of several in a row.

    Attributes
    ----------
    wall_seconds, user_seconds, system_seconds
        Elapsed time, and CPU time outside and inside the kernel; s.
    max_rss_bytes
        The largest resident set of any one process; bytes.
    """

    wall_seconds: float = 0.0
    user_seconds: float = 0.0
    system_seconds: float = 0.0
    max_rss_bytes: int = 0

    @property
    def cpu_percent(self) -> int:
        """CPU time as a percentage of elapsed time; 0 if that was too short to be measured."""
        if self.wall_seconds < _SHORTEST:
            return 0
        return int(100 * (self.user_seconds + self.system_seconds) / self.wall_seconds)

    @classmethod
    def total(cls, usages: Iterable[ResourceUsage]) -> Self:
        """Add up work that was done one after the other: times add, the memory peak is the highest."""
        parts = tuple(usages)
        return cls(
            wall_seconds=sum(part.wall_seconds for part in parts),
            user_seconds=sum(part.user_seconds for part in parts),
            system_seconds=sum(part.system_seconds for part in parts),
            max_rss_bytes=max((part.max_rss_bytes for part in parts), default=0),
        )

    def __add__(self, other: ResourceUsage) -> ResourceUsage:
        return ResourceUsage.total((self, other))


_KIBIBYTE: Final = 1024


def resident_set(maxrss: int, platform: str) -> int:
    """Return a resident set in bytes.

    Parameters
    ----------
    maxrss
        As the kernel has it: in KiB, but for macOS, which counts bytes; see getrusage(2) of both.
    platform
        As ``sys.platform`` has it.
    """
    return maxrss if platform == "darwin" else maxrss * _KIBIBYTE


# The lines of GNU time 1.9, of which CALCLOUD reads the ones numbered 4, 9 and the last (counted from 0).
_ZERO_BEFORE_RSS: Final = (
    "Average shared text size (kbytes)",
    "Average unshared data size (kbytes)",
    "Average stack size (kbytes)",
    "Average total size (kbytes)",
)
_ZERO_AFTER_RSS: Final = (
    "Average resident set size (kbytes)",
    "Major (requiring I/O) page faults",
    "Minor (reclaiming a frame) page faults",
    "Voluntary context switches",
    "Involuntary context switches",
    "Swaps",
    "File system inputs",
    "File system outputs",
    "Socket messages sent",
    "Socket messages received",
    "Signals delivered",
)


def gnu_time_text(command: str, usage: ResourceUsage, status: int) -> str:
    """Write usage as ``/usr/bin/time --verbose`` does.

    Unlike GNU time, a failure adds no line at the top: readers count lines. What was not measured is 0.

    Parameters
    ----------
    command
        Command that was run, for the first line.
    usage
        Time and memory that it took.
    status
        Its exit status.
    """
    lines = [
        f'Command being timed: "{command}"',
        f"User time (seconds): {usage.user_seconds:.2f}",
        f"System time (seconds): {usage.system_seconds:.2f}",
        f"Percent of CPU this job got: {usage.cpu_percent}%",
        f"Elapsed (wall clock) time (h:mm:ss or m:ss): {_clock(usage.wall_seconds)}",
        *(f"{name}: 0" for name in _ZERO_BEFORE_RSS),
        f"Maximum resident set size (kbytes): {usage.max_rss_bytes // _KIBIBYTE}",
        *(f"{name}: 0" for name in _ZERO_AFTER_RSS),
        "Page size (bytes): 4096",
        f"Exit status: {status}",
    ]
    return "".join(f"\t{line}\n" for line in lines)


def _clock(seconds: float) -> str:
    centiseconds = round(seconds * 100)
    minutes, rest = divmod(centiseconds, 6000)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{rest // 100:02d}"
    return f"{minutes}:{rest // 100:02d}.{rest % 100:02d}"


@frozen
class TimedCommand:
    """Values in GNU time's text about one command.

    Attributes
    ----------
    status
        Its exit status; negative for the signal that ended it. GNU time itself says 0 then.
    """

    command: str
    usage: ResourceUsage
    status: int


_NUMBER: Final = r"[0-9]{1,12}(?:\.[0-9]{1,6})?"
_CLOCK: Final = rf"(?:[0-9]{{1,6}}:)?[0-9]{{1,6}}:{_NUMBER}"


def parse_gnu_time(text: str) -> TimedCommand:
    """Read the text of ``/usr/bin/time --verbose``; the command's own output may stand before it.

    Raises
    ------
    ValueError
        If the text lacks one of the lines that matter, or one is malformed.
    """
    usage = ResourceUsage(
        wall_seconds=_seconds(_value(text, "Elapsed (wall clock) time (h:mm:ss or m:ss)", _CLOCK)),
        user_seconds=float(_value(text, "User time (seconds)", _NUMBER)),
        system_seconds=float(_value(text, "System time (seconds)", _NUMBER)),
        max_rss_bytes=int(_value(text, "Maximum resident set size (kbytes)", "[0-9]{1,15}")) * _KIBIBYTE,
    )
    status = int(_value(text, "Exit status", "-?[0-9]{1,9}"))
    killed = re.search(r"^Command terminated by signal ([0-9]{1,3})$", text, re.MULTILINE)
    return TimedCommand(
        command=_value(text, "Command being timed", '".*"')[1:-1],
        usage=usage,
        status=status if killed is None else -int(killed[1]),
    )


def _value(text: str, name: str, pattern: str) -> str:
    """Find the last line that gives a name a value."""
    values = re.findall(rf"^\t?{re.escape(name)}: ({pattern})$", text, re.MULTILINE)
    if not values:
        raise ValueError(f"this is not GNU time's text: no line {name!r} with a value")
    return str(values[-1])


def _seconds(clock: str) -> float:
    seconds = 0.0
    for part in clock.split(":"):
        seconds = 60 * seconds + float(part)
    return seconds
