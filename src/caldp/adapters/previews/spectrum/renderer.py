"""Draws spectra."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from attrs import frozen

from caldp.adapters.previews.tools import attempt
from caldp.app.ports.preview_renderer import Drawing
from caldp.domain.output.previews import PreviewRequest


@frozen
class SpectrumPreviewRenderer:
    """A `PreviewRenderer` of COS and STIS spectra."""

    def prepare(self) -> None:
        """Import matplotlib, and what reads spectra."""
        import caldp.adapters.previews.spectrum.plot
        import caldp.adapters.previews.spectrum.reading
        import caldp.adapters.previews.spectrum.table  # noqa: F401

    def draw(self, request: PreviewRequest, directory: Path) -> Drawing:
        """Draw a spectrum; the port has the contract. For COS, a FITS table of what is plotted is written too."""
        return attempt(request.sources, partial(_draw, request, directory))


def _draw(request: PreviewRequest, directory: Path) -> tuple[Path, ...]:
    from caldp.adapters.previews.spectrum.plot import draw_plots
    from caldp.adapters.previews.spectrum.reading import read_spectrum
    from caldp.adapters.previews.spectrum.table import write_table

    (source,) = request.sources
    spectrum = read_spectrum(source)
    pictures = draw_plots(spectrum, request, directory)
    if spectrum.instrument != "COS":
        return pictures
    return (*pictures, write_table(spectrum, source.name, directory / request.table_name))
