"""Logs of engines: the lines that tell most."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_STRONG: Final = re.compile(
    r"error|exception|traceback|not found|missing|cannot|can't|could ?n[o']t|fail|does not exist|did not|no such|"
    r"killed|memory|truncat|corrupt|unable|invalid|no viable|already exist",
    re.IGNORECASE,
)
_WEAK: Final = re.compile(r"warning|skip|caution", re.IGNORECASE)
# calcos measures with errors, HSTCAL misses support files that it can do without, a traceback quotes code.
_HARMLESS: Final = re.compile(
    r"error on centroid|error estimate|shift err|_spt\.fits|^\s*(?:info:|file \"|raise |self\.)", re.IGNORECASE
)


def telling_lines(log: Sequence[str], most: int = 8) -> tuple[str, ...]:
    """Pick the lines of an engine's log that are likely to say what went wrong.

    Parameters
    ----------
    log
        Lines in order, without line ends.
    most
        Greatest number of lines to return; the last ones are kept.
    """
    lines = [" ".join(line.split()) for line in log if not _HARMLESS.search(line)]
    for pattern in (_STRONG, _WEAK):
        telling = tuple(dict.fromkeys(line for line in lines if pattern.search(line)))
        if telling:
            return telling[-most:]
    return ()
