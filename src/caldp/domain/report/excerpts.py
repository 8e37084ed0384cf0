"""Lines of a run's log around its warnings and errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from caldp.domain.report.page import Excerpt

_MARK: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (?:WARN |ERROR)|\s*(?:warning|error)\b", re.IGNORECASE)
_BEFORE: Final = 3
_AFTER: Final = 2
_MOST: Final = 12
_LONGEST: Final = 300  # characters of a line
_TALLEST: Final = 40  # lines of one place: an engine may warn of thousands of pixels in a row


def excerpts(log: str) -> tuple[Excerpt, ...]:
    """Cut the lines around warnings and errors out of a log, the first dozen of such places.

    Parameters
    ----------
    log
        Text of ``process.txt``.
    """
    lines = [line[:_LONGEST] for line in log.splitlines()]
    marked = [number for number, line in enumerate(lines) if _MARK.match(line)]
    return tuple(_cut(lines, first, last, marked) for first, last in _stretches(marked, len(lines)))


def _stretches(marked: list[int], count: int) -> Iterator[tuple[int, int]]:
    """Yield beginning and end of the stretches around marked lines; those that touch are one."""
    stretches: list[tuple[int, int]] = []
    for number in marked:
        first, last = max(0, number - _BEFORE), min(count, number + _AFTER + 1)
        if stretches and first <= stretches[-1][1]:
            begun = stretches[-1][0]
            stretches[-1] = (begun, min(last, begun + _TALLEST))
        elif len(stretches) < _MOST:
            stretches.append((first, last))
        else:
            break
    yield from stretches


def _cut(lines: list[str], first: int, last: int, marked: list[int]) -> Excerpt:
    inside = frozenset(number + 1 for number in marked if first <= number < last)
    return Excerpt(first + 1, tuple(lines[first:last]), inside)
