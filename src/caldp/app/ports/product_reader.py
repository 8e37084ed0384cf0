"""The port ProductReader."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from caldp.domain.report.image import ImageValues
from caldp.domain.report.page import Curve, FlagShare


class ProductReader(Protocol):
    """Values of products, for pages that show them. A file that cannot be read, or is not here, has none."""

    def curves(self, path: Path) -> tuple[Curve, ...]:
        """Return the samples of a file's spectra, each segment or order by itself; none if it holds no spectrum.

        Wavelengths are finite and rise. A flux is the file's own value, or None where a sample is not to be trusted or
        has none.

        Parameters
        ----------
        path
            A FITS file.
        """

    def image(self, path: Path) -> ImageValues | None:
        """Return a file's image; None if it holds none, or one without data.

        Its values are the file's own, of the first plane of SCI.

        Parameters
        ----------
        path
            A FITS file.
        """

    def flags(self, path: Path) -> tuple[FlagShare, ...]:
        """Return the share of values that has each data quality flag, in order of the flags; none if there are none.

        The flags are those of all images DQ, or of the columns DQ of a table, together.

        Parameters
        ----------
        path
            A FITS file.
        """

    def header(self, path: Path) -> Mapping[str, str]:
        """Return the values of `caldp.domain.report.target.KEYWORDS` that a file's headers have, as texts.

        The primary header comes before that of the first extension.

        Parameters
        ----------
        path
            A FITS file.
        """
