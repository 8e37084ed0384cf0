"""The port ProductReader."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from caldp.domain.report.page import Curve, FlagShare


class ProductReader(Protocol):
    """Values of products, for pages that show them."""

    def curves(self, path: Path) -> tuple[Curve, ...]:
        """Return the samples of a file's spectra, each segment or order by itself; none if it holds no spectrum.

        Wavelengths are finite and rise. A flux is the file's own value, or None where a sample is not to be trusted or
        has none. A file that cannot be read has no curves.

        Parameters
        ----------
        path
            A FITS file.
        """

    def flags(self, path: Path) -> tuple[FlagShare, ...]:
        """Return the share of values that has each data quality flag, in order of the flags; none if there are none.

        The flags are those of all images DQ, or of the columns DQ of a table, together. A file that cannot be read has
        none.

        Parameters
        ----------
        path
            A FITS file.
        """
