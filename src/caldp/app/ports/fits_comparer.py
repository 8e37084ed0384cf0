"""The port FitsComparer."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from caldp.domain.comparison.agreement import Tolerance
from caldp.domain.comparison.difference import ProductDifference


class FitsComparer(Protocol):
    """Compares FITS files, HDU by HDU and value by value."""

    def compare(self, a: Path, b: Path, tolerance: Tolerance) -> ProductDifference:
        """Compare two files, in memory that does not grow with their size.

        HDUs are paired by EXTNAME and EXTVER, columns by name. NaN is the same as NaN, an infinity the same as itself.
        Values that are the same but written otherwise (-0.0 and 0.0, integers of other widths) agree within any
        tolerance, but not exactly.

        Parameters
        ----------
        a, b
            The files; the result has the name of the first.
        tolerance
            Difference that values may have.

        Returns
        -------
        ProductDifference
            NOT_COMPARABLE with a reason if one of them is no whole FITS file; nothing is raised for that.
        """
