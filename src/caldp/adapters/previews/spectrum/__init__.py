"""PreviewRenderer of spectra: COS and STIS one-dimensional spectra as PNG plots, drawn with matplotlib."""

from caldp.adapters.previews.spectrum.renderer import SpectrumPreviewRenderer

__all__ = ["SpectrumPreviewRenderer"]
