"""Pixels of an image for pages: a grey picture of it, some of its values, and the places of its chips in the sky."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from math import sinh
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from caldp.adapters.previews.image.chip import Chip
from caldp.adapters.previews.image.frame import Frame, open_frame
from caldp.adapters.previews.image.resize import average_squares
from caldp.adapters.previews.image.stretch import Bytes, Limits, autoscale, to_grey
from caldp.adapters.previews.tools import open_quietly
from caldp.adapters.support.foreign import reading_foreign
from caldp.domain.output.looks import LOOK, Stretch
from caldp.domain.report.image import ChipPlace, ImageValues, SkyGrid
from caldp.domain.report.picture import Picture

_PICTURE_SIDE: Final = 1050
"""Longest side of the picture, pixels: a page is no wider, and has 2 MB at most."""
_VALUES_SIDE: Final = 240
"""Values along the longest side: as many as a page can hold."""
_NODES: Final = 33
"""Places along each side of a chip: between them the distortion of ACS/WFC departs by 0.05 pixels from a line."""
_QUARTERS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_QUALITY: Final = 82
_ARCSECONDS: Final = float(np.degrees(1.0) * 3600)


class NoPlace(Exception):
    """Chip whose header tells no place in the sky."""


def read_image(path: Path) -> ImageValues:
    """Read the image that a file holds.

    Raises
    ------
    NothingToDraw
        If it holds none, or one without data.
    OSError
        If it cannot be read.
    """
    with np.errstate(over="ignore", invalid="ignore"), open_frame(path, LOOK.counters.smoothing) as frame:
        height, width = frame.shape
        square, step = (-(-max(height, width) // side) for side in (_PICTURE_SIDE, _VALUES_SIDE))
        reduced = np.concatenate([average_squares(block, square) for block in frame.blocks(square)])
        stretch = LOOK.counters if frame.counts_photons else LOOK.grey
        limits = autoscale(partial(iter, (reduced,)), stretch)
        picture = _jpeg(to_grey(reduced[::-1], limits, stretch))
        values = np.concatenate([*_rows(frame, step)]).astype("<f4")
        unit = str(frame.chips[0].science.header.get("BUNIT", "")).strip()
        scale = _scale(limits, stretch, frame.factor)
        places = tuple(_places(frame.chips, path))
    return ImageValues(unit, width, height, places, step, values.tobytes(), picture, square, scale)


def _jpeg(grey: Bytes) -> Picture:
    from PIL import Image

    buffer = BytesIO()
    Image.fromarray(grey).save(buffer, "JPEG", quality=_QUALITY)
    return Picture("image.jpg", buffer.getvalue())


def _scale(limits: Limits, stretch: Stretch, factor: float) -> tuple[float, ...]:
    """Return the values of some greys, by the inverse of the stretch."""
    at_white = stretch.softening * stretch.white
    spread = (limits.high - limits.low) / stretch.softening
    return tuple((limits.low + spread * sinh(grey * at_white)) / factor for grey in _QUARTERS)


def _rows(frame: Frame, step: int) -> Iterator[NDArray[Any]]:
    """Yield every so many pixels of every so many rows, as the file has them; beside a narrower chip there are none."""
    bottom, width = 0, frame.shape[1]
    columns = np.arange(step // 2, width, step)
    for chip in frame.chips:
        height, own = chip.shape
        inside = columns[columns < own]
        for row in range(bottom + (step // 2 - bottom) % step, bottom + height, step):
            values = np.full((1, columns.size), np.nan)
            values[0, : inside.size] = chip.science.rows(row - bottom, row - bottom + 1)[0, inside]
            yield np.where(np.isfinite(values), values, np.nan)
        bottom += height


def _places(chips: Sequence[Chip], path: Path) -> Iterator[ChipPlace]:
    bottom = 0
    with open_quietly(path) as hdus:
        for chip in chips:
            name = chip.science.name, chip.science.version
            try:
                with reading_foreign(NoPlace):
                    sky = _sky(hdus, name, chip.shape)
            except NoPlace:
                sky = None
            yield ChipPlace(f"{name[0]},{name[1]}", bottom, chip.shape[0], sky)
            bottom += chip.shape[0]


def _sky(hdus: Any, name: tuple[str, int], shape: tuple[int, int]) -> SkyGrid:
    """Find the places of a chip's pixels by its header and the tables of its distortion."""
    from astropy.utils.exceptions import AstropyWarning
    from astropy.wcs import WCS

    from caldp.adapters.support.quiet import ignoring_warnings

    with ignoring_warnings(AstropyWarning):
        hdu = hdus[name] if name[0] else next(one for one in hdus if one.is_image and one.size)
        wcs = WCS(hdu.header, hdus)
        if not str(wcs.wcs.ctype[0]).startswith("RA---") or not str(wcs.wcs.ctype[1]).startswith("DEC--"):
            raise NoPlace
        rows, columns = (np.linspace(1, length, min(_NODES, length)) for length in shape)
        across, up = np.meshgrid(columns, rows)
        sky = np.radians(wcs.all_pix2world(np.column_stack([across.ravel(), up.ravel()]), 1))
    centre = np.radians(wcs.wcs.crval)
    east, north = _offsets(sky[:, 0], sky[:, 1], centre)
    if not (np.isfinite(east).all() and np.isfinite(north).all()):
        raise NoPlace
    return SkyGrid(
        (float(wcs.wcs.crval[0]), float(wcs.wcs.crval[1])),
        tuple(columns.tolist()),
        tuple(rows.tolist()),
        tuple(zip(east.tolist(), north.tolist(), strict=True)),
    )


def _offsets(
    right_ascension: NDArray[Any], declination: NDArray[Any], centre: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Project places, in radians, onto the plane that touches the sky at a point; arcseconds.

    Source: the gnomonic projection TAN of Calabretta and Greisen (2002), A&A 395, 1077, section 5.1.3.
    """
    turn, sine, cosine = right_ascension - centre[0], np.sin(centre[1]), np.cos(centre[1])
    depth = sine * np.sin(declination) + cosine * np.cos(declination) * np.cos(turn)
    depth = np.where(depth > 0, depth, np.nan)
    east = np.cos(declination) * np.sin(turn) / depth
    north = (cosine * np.sin(declination) - sine * np.cos(declination) * np.cos(turn)) / depth
    return east * _ARCSECONDS, north * _ARCSECONDS
