"""Draws images in grey and in colour."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from attrs import frozen

from caldp.adapters.previews.tools import attempt
from caldp.app.ports.preview_renderer import Drawing
from caldp.domain.output.looks import LOOK, Look
from caldp.domain.output.previews import PreviewRequest


@frozen
class ImagePreviewRenderer:
    """A `PreviewRenderer` of images and colour images.

    Attributes
    ----------
    look
        From pixel values to grey and colour.
    annotates
        True to draw an annotated picture too.
    """

    look: Look = LOOK
    annotates: bool = False

    def prepare(self) -> None:
        """Import Pillow, and what reads images."""
        import caldp.adapters.previews.image.picture  # noqa: F401

    def draw(self, request: PreviewRequest, directory: Path) -> Drawing:
        """Draw one image in grey, or two or three in colour; the port has the contract."""
        from caldp.adapters.previews.image.picture import draw_pictures

        draw = partial(draw_pictures, request, directory, self.look, annotates=self.annotates)
        return attempt(request.sources, draw)
