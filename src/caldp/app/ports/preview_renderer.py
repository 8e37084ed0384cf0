"""The port PreviewRenderer."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from attrs import frozen

from caldp.domain.output.previews import PreviewRequest


@frozen
class Drawing:
    """Result of drawing a product.

    Attributes
    ----------
    files
        The pictures, full size first; none if the product cannot be drawn.
    reason
        Reason for no picture: one sentence, empty if there is one.
    """

    files: tuple[Path, ...] = ()
    reason: str = ""


class PreviewRenderer(Protocol):
    """Draws the previews of products."""

    def prepare(self) -> None:
        """Import what takes long to import. May be left out."""

    def draw(self, request: PreviewRequest, directory: Path) -> Drawing:
        """Draw a product at full size and as a thumbnail.

        May be called from several threads at once. Each picture appears whole or not at all, and replaces an
        earlier one of its name; the product is unchanged. That a file holds nothing to draw (an empty or constant
        image of zeros, a table where an image is expected) is no failure: the drawing says so.

        Parameters
        ----------
        request
            Picture to draw.
        directory
            An existing directory for the pictures.

        Raises
        ------
        PreviewError
            If the product cannot be read or the pictures cannot be written.
        MemoryError, OSError
            If memory runs out (of the latter only ENOMEM).
        """
