"""Rungs of the comparison of two assigned references, from "nothing changes" upwards."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Rung(StrEnum):
    """Degree to which another assignment matters to an exposure; the lowest one that can be proven counts."""

    UNCHANGED = "UNCHANGED"
    UNUSED = "UNUSED"
    SAME_CONTENT = "SAME-CONTENT"
    SAME_ROWS = "SAME-ROWS"
    CHANGED = "CHANGED"
    UNKNOWN = "UNKNOWN"

    @property
    def is_proof(self) -> bool:
        """True if the rung proves that calibration would make the same data."""
        return self not in (Rung.CHANGED, Rung.UNKNOWN)


MEANINGS: Final = {
    Rung.UNCHANGED: "the same file is assigned",
    Rung.UNUSED: "another file is assigned, and the step that reads it does not run",
    Rung.SAME_CONTENT: "another file is assigned, with the same data in every HDU",
    Rung.SAME_ROWS: "another file is assigned, with the same data in the rows or pixels that the exposure uses",
    Rung.CHANGED: "the data that the exposure uses differ",
    Rung.UNKNOWN: "it cannot be told, since a file is not at hand",
}
"""Meaning of each rung, in their order."""

_ORDER: Final = {rung: number for number, rung in enumerate(Rung)}


class Verdict(StrEnum):
    """Judgement of a dataset."""

    CURRENT = "current"
    STALE = "stale"
    UNKNOWN = "unknown"


def highest(rungs: Iterable[Rung]) -> Rung:
    """Return the highest of some rungs; `Rung.UNCHANGED` if there are none."""
    return max(rungs, key=_ORDER.__getitem__, default=Rung.UNCHANGED)


def verdict_of(rungs: Iterable[Rung]) -> Verdict:
    """Judge a dataset by the rungs of its types: stale if one has changed, unknown if one cannot be told."""
    found = set(rungs)
    if Rung.CHANGED in found:
        return Verdict.STALE
    return Verdict.UNKNOWN if Rung.UNKNOWN in found else Verdict.CURRENT
