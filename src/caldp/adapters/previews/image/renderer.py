"""Draws images in grey and in colour."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from attrs import frozen

from caldp.adapters.previews.tools import attempt
from caldp.app.ports.preview_renderer import Drawing
from caldp.domain.output.previews import FITSCUT_STRETCH, PreviewRequest, Stretch


@frozen
class ImagePreviewRenderer:
    """A `PreviewRenderer` of images and colour images.

    Attributes
    ----------
    stretch
        From pixel values to grey.
    """

    stretch: Stretch = FITSCUT_STRETCH

    def prepare(self) -> None:
        """Import Pillow, and what reads images."""
        import caldp.adapters.previews.image.picture  # noqa: F401

    def draw(self, request: PreviewRequest, directory: Path) -> Drawing:
        """Draw one image in grey, or two or three in colour; the port has the contract."""
        from caldp.adapters.previews.image.picture import draw_pictures

        return attempt(request.sources, partial(draw_pictures, request, directory, self.stretch))
