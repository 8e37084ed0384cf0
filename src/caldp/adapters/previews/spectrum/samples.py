"""Samples of spectra for pages, as plain numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from caldp.domain.report.page import Curve

if TYPE_CHECKING:
    from caldp.adapters.previews.spectrum.reading import Trace


class SpectrumSamples:
    """Reads spectra of COS and STIS; implements the port SpectrumReader."""

    def curves(self, path: Path) -> tuple[Curve, ...]:
        """Read the segments or orders of a file."""
        from caldp.adapters.previews.spectrum.reading import read_spectrum
        from caldp.adapters.previews.tools import NothingToDraw

        try:
            spectrum = read_spectrum(path)
        except (NothingToDraw, OSError, ValueError, KeyError, TypeError):
            return ()
        return tuple(_curve(trace, spectrum.unit) for panel in spectrum.panels for trace in panel.traces)


def _curve(trace: Trace, unit: str) -> Curve:
    import numpy as np

    trusted = np.isfinite(trace.flux) & ~trace.flagged & ~trace.unknown
    flux = tuple(float(value) if good else None for value, good in zip(trace.flux, trusted, strict=True))
    return Curve(trace.label, unit, tuple(float(value) for value in trace.wavelength), flux)
