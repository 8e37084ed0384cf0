"""Words about plots of spectra."""

from __future__ import annotations

from typing import Any

import numpy as np

from caldp.adapters.previews.metadata import Caption
from caldp.adapters.previews.spectrum.binning import wavelength_range
from caldp.adapters.previews.spectrum.reading import Spectrum
from caldp.domain.output.previews import PreviewRequest


def spectrum_caption(spectrum: Spectrum, request: PreviewRequest) -> Caption:
    """Describe a plot: what is drawn, and how high and how certain it is."""
    ends = np.array([wavelength_range(panel) for panel in spectrum.panels])
    traces = [trace for panel in spectrum.panels for trace in panel.traces]
    flux = np.concatenate([trace.flux[~(trace.flagged | trace.unknown)] for trace in traces])
    parts = [f"Plot of the {spectrum.quantity.lower()} from {ends.min():.0f} to {ends.max():.0f} Angstrom"]
    if spectrum.subtitle:
        parts.append(f"of {spectrum.subtitle.replace(' · ', ', ')}")
    if flux.size:
        low, middle, high = np.percentile(flux, (5, 50, 95))
        parts.append(f"; its median is {middle:.3g}, nine tenths lie between {low:.3g} and {high:.3g} {spectrum.unit}")
    facts = {"Source": request.sources[0].name, "Observation": spectrum.subtitle}
    tags: dict[str, Any] = {
        "Title": request.stem,
        "Facility": ("Hubble",),
        "Instrument": (spectrum.instrument,),
        "Spectral.Bandpass": ("Ultraviolet" if ends.max() < 4000 else "Optical",),
    }
    description = f"{' '.join(parts).replace(' ;', ';')}."
    return Caption(request.stem, description, {name: value for name, value in facts.items() if value}, tags)
