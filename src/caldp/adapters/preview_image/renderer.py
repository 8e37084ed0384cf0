"""Draws images in grey and in colour."""

from __future__ import annotations

from errno import ENOMEM
from pathlib import Path

from attrs import frozen

from caldp.app.ports import Drawing
from caldp.domain.errors import PreviewError
from caldp.domain.previews import FITSCUT_STRETCH, PreviewRequest, Stretch


@frozen
class ImagePreviewRenderer:
    """A `PreviewRenderer` of images and colour images.

    Attributes
    ----------
    stretch
        From pixel values to grey.
    """

    stretch: Stretch = FITSCUT_STRETCH

    def draw(self, request: PreviewRequest, directory: Path) -> Drawing:
        """Draw a product; the port has the contract."""
        from caldp.adapters.preview_image.frame import NothingToDraw
        from caldp.adapters.preview_image.picture import draw_pictures

        names = ", ".join(path.name for path in request.sources)
        try:
            return Drawing(files=draw_pictures(request, directory, self.stretch))
        except NothingToDraw as nothing:
            return Drawing(reason=f"{names}: {nothing}.")
        except MemoryError:
            raise
        except Exception as error:  # a damaged file makes a FITS library fail in more ways than can be listed
            if isinstance(error, OSError) and error.errno == ENOMEM:
                raise
            raise PreviewError(
                f"{names}: the preview could not be drawn: {error}.",
                advice="Check that the file is whole and that there is space to write.",
            ) from error
