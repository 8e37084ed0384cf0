"""Parts of reference files that exposures use: rows of tables, and regions of images."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from attrs import evolve, frozen

ANY_VALUE: Final = frozenset({"ANY", "N/A", "*", ""})
"""Texts that match anything, in rows and in headers: ``getTable`` of calcos, ``*wild.h`` and ``dodqi.c`` of HSTCAL."""
ANY_NUMBER: Final = -999.0
"""Number that matches anything in a row: ``*wild.h`` of HSTCAL; ``cosutil.py`` of calcos has none."""


class Match(StrEnum):
    """Relation of a row's value to the exposure's."""

    EQUAL = "equal"
    BEGINS = "begins with"
    AT_MOST = "at most"


@frozen
class Region:
    """Region of a detector, in its own coordinates.

    A pixel of an image has the detector coordinate of its index less LTV (FITS keywords LTV1 and LTV2), indices counted
    from 1.

    Attributes
    ----------
    left, bottom
        Coordinates of the first pixel.
    width, height
        Pixels.
    """

    left: int
    bottom: int
    width: int
    height: int


@frozen
class Criterion:
    """Condition on the rows of a table: the column has one of some values, or one that matches any.

    Attributes
    ----------
    column
        Name of the column; the condition holds where a table has none of this name.
    match
        Relation of the row's value to these.
    values
        Values of the exposure.
    """

    column: str
    match: Match
    values: tuple[str, ...]


@frozen
class Used:
    """Part of a reference file that an exposure uses.

    Attributes
    ----------
    criteria
        Conditions on the rows of its tables; none for all rows.
    region
        Region of its images; None for the whole.
    of_fewer
        Columns that are used of fewer rows, each with the further condition on these.
    """

    criteria: tuple[Criterion, ...] = ()
    region: Region | None = None
    of_fewer: tuple[tuple[str, Criterion], ...] = ()

    @property
    def is_whole(self) -> bool:
        """True if the whole file is compared."""
        return not self.criteria and self.region is None

    @property
    def limited(self) -> tuple[str, ...]:
        """Columns of which values up to a limit are used."""
        return tuple(one.column for one in self.criteria if one.match is Match.AT_MOST)

    def rounded(self, values: Mapping[str, Sequence[float]]) -> Used:
        """Lower limits to values that there are, so that all exposures between two of these use one part.

        Parameters
        ----------
        values
            Sorted values of the limited columns.
        """
        return evolve(self, criteria=tuple(_rounded(one, values.get(one.column, ())) for one in self.criteria))


def _rounded(criterion: Criterion, values: Sequence[float]) -> Criterion:
    if criterion.match is not Match.AT_MOST:
        return criterion
    try:
        count = bisect_right(values, max(map(float, criterion.values)))
    except ValueError:  # a header may say anything
        return criterion
    return evolve(criterion, values=(repr(values[count - 1]) if count else "-inf",))
