"""The port SpectrumReader."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from caldp.domain.report.page import Curve


class SpectrumReader(Protocol):
    """Samples of spectra."""

    def curves(self, path: Path) -> tuple[Curve, ...]:
        """Return the samples of a file's spectra, each segment or order by itself; none if it holds no spectrum.

        Wavelengths are finite and rise. A flux is the file's own value, or None where a sample is not to be trusted or
        has none. A file that cannot be read has no curves.

        Parameters
        ----------
        path
            A FITS file.
        """
