"""The port ReferenceComparison."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from caldp.domain.stale.findings import Comparison
from caldp.domain.stale.used import Used


class ReferenceComparison(Protocol):
    """Compares reference files by their values."""

    def values(self, path: Path, column: str) -> tuple[float, ...]:
        """Return the numbers in a column of all tables of a file, sorted, each once; none if it cannot be read.

        May be called from several threads.
        """

    def compare(self, old: Path, new: Path, used: Used) -> Comparison:
        """Compare what an exposure uses of two files, in full.

        Every column and array of the rows used counts, in every table, and every pixel used of every image; so do the
        cards of the headers, but for those that only describe the file. May be called from several threads.

        Parameters
        ----------
        old, new
            The files.
        used
            Part that the exposure uses. Where its conditions leave no row in either table, all rows are compared.

        Returns
        -------
        Comparison
            SAME_CONTENT, SAME_ROWS or CHANGED; UNKNOWN if a file cannot be read.
        """
