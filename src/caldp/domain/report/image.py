"""Pixels of an image, as a page shows them."""

from __future__ import annotations

from attrs import field, frozen

from caldp.domain.report.picture import Picture


@frozen
class SkyGrid:
    """Places in the sky of some pixels of a chip, between which a page interpolates.

    Places are offsets in the plane that touches the sky at a point: in it a drizzled image is linear, and an exposure
    nearly so.

    Attributes
    ----------
    centre
        Right ascension and declination of that point, degrees.
    columns, rows
        Pixels at which places are known; the first pixel of a chip is 1, 1, as in FITS headers.
    offsets
        Offset to the east and to the north of each, arcseconds; row by row.
    """

    centre: tuple[float, float]
    columns: tuple[float, ...]
    rows: tuple[float, ...]
    offsets: tuple[tuple[float, float], ...] = field(repr=False)


@frozen
class ChipPlace:
    """A detector chip in an image.

    Attributes
    ----------
    name
        EXTNAME and EXTVER, such as ``SCI,1``.
    bottom
        Number of rows of the image that lie below it.
    height
        Its number of rows.
    sky
        Its place in the sky; None where the header tells none.
    """

    name: str
    bottom: int
    height: int
    sky: SkyGrid | None = None


@frozen
class ImageValues:
    """An image of a product: a picture of it, and the values of some of its pixels.

    Attributes
    ----------
    unit
        Unit of the values, such as ``ELECTRONS/S``; empty if the header has none.
    width, height
        Columns and rows of the image, all chips together.
    chips
        Its chips, the lowest first.
    step
        Distance of the pixels whose values are known; the first of them is ``step // 2`` pixels from the lower left
        one, along both axes.
    values
        Their values, row by row from the bottom, as 32-bit numbers of IEEE 754, the least byte first; NaN for none.
    picture
        The image in grey.
    square
        Side of the square of pixels that is one pixel of the picture. Squares are counted from the lower left.
    scale
        Values that are black, of one, two and three quarters of full grey, and white.
    """

    unit: str
    width: int
    height: int
    chips: tuple[ChipPlace, ...]
    step: int
    values: bytes = field(repr=False)
    picture: Picture
    square: int
    scale: tuple[float, ...]
