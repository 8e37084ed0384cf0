"""Draws spectra."""

from __future__ import annotations

from errno import ENOMEM
from pathlib import Path

from attrs import frozen

from caldp.app.ports import Drawing
from caldp.domain.errors import PreviewError
from caldp.domain.previews import PreviewRequest


@frozen
class SpectrumPreviewRenderer:
    """A `PreviewRenderer` of COS and STIS spectra."""

    def draw(self, request: PreviewRequest, directory: Path) -> Drawing:
        """Draw a spectrum; the port has the contract. For COS, a FITS table of what is plotted is written too."""
        from caldp.adapters.preview_spectrum.plot import draw_plots
        from caldp.adapters.preview_spectrum.reading import NothingToDraw, read_spectrum
        from caldp.adapters.preview_spectrum.table import write_table

        (source,) = request.sources
        try:
            spectrum = read_spectrum(source)
            files = draw_plots(spectrum, request, directory)
            if spectrum.instrument == "COS":
                files += (write_table(spectrum, source.name, directory / request.table_name),)
        except NothingToDraw as nothing:
            return Drawing(reason=f"{source.name}: {nothing}.")
        except MemoryError:
            raise
        except Exception as error:  # a damaged file makes a FITS library fail in more ways than can be listed
            if isinstance(error, OSError) and error.errno == ENOMEM:
                raise
            raise PreviewError(
                f"{source.name}: the preview could not be drawn: {error}.",
                advice="Check that the file is whole and that there is space to write.",
            ) from error
        return Drawing(files=files)
