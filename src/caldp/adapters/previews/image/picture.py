"""Compose pictures out of frames and write them as JPEG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
from attrs import frozen

from caldp.adapters.previews.image.chip import Pixels
from caldp.adapters.previews.image.frame import Frame, open_frame
from caldp.adapters.previews.image.jpeg import STRIP_MULTIPLE, write_jpeg
from caldp.adapters.previews.image.resize import average_squares, resample, squares_side
from caldp.adapters.previews.image.stretch import Bytes, Extremes, Limits, autoscale, to_colour, to_grey
from caldp.adapters.previews.tools import NothingToDraw
from caldp.domain.output.previews import JPEG_LARGEST_SIDE, JPEG_QUALITY, PreviewRequest, Stretch


def draw_pictures(request: PreviewRequest, directory: Path, stretch: Stretch) -> tuple[Path, ...]:
    """Draw one image in grey, or two or three in colour, at full size and as a thumbnail.

    Parameters
    ----------
    request
        Picture to draw.
    directory
        Directory for the pictures.
    stretch
        From pixel values to grey.

    Raises
    ------
    NothingToDraw
        If that cannot be drawn; the message says why.
    OSError
        If a file cannot be read or written.
    """
    with ExitStack() as stack, np.errstate(over="ignore", invalid="ignore"):
        frames = [stack.enter_context(open_frame(path)) for path in request.sources]
        shape = _common_shape(frames)
        side = squares_side(shape, request.thumbnail_size)
        surveys = [_survey(frame, side) for frame in frames]
        limits = [
            autoscale(partial(_good_blocks, frame), stretch, survey.extremes)
            for frame, survey in zip(frames, surveys, strict=True)
        ]
        # The thumbnail is stretched by itself, after it got small.
        small = [resample(survey.reduced, request.thumbnail_size) for survey in surveys]
        small_limits = [autoscale(partial(iter, (pixels,)), stretch) for pixels in small]

        full_size = directory / request.full_name
        strips = zip(*(frame.strips(STRIP_MULTIPLE) for frame in frames), strict=True)
        write_jpeg((_tones(strip, limits, stretch) for strip in strips), shape[0], JPEG_QUALITY, full_size)
        thumbnail = directory / request.thumbnail_name
        tones = _tones([pixels[::-1] for pixels in small], small_limits, stretch)
        write_jpeg((tones,), len(tones), JPEG_QUALITY, thumbnail)
    return full_size, thumbnail


@frozen
class _Survey:
    """Result of a first look at all pixels: the extremes of the good ones, and the averages of squares."""

    extremes: Extremes
    reduced: Pixels


def _survey(frame: Frame, side: int) -> _Survey:
    extremes, reduced = Extremes(), []
    for block in frame.blocks(side):
        extremes = extremes.with_block(_good(block, frame.brightest))
        reduced.append(average_squares(block, side))
    return _Survey(extremes, np.concatenate(reduced))


def _good_blocks(frame: Frame) -> Iterator[Pixels]:
    return (_good(block, frame.brightest) for block in frame.blocks())


def _good(block: Pixels, brightest: float) -> Pixels:
    """Return a block with NaN where a pixel is too bright to be good."""
    return block if np.isinf(brightest) else np.where(block > brightest, np.float32(np.nan), block)


def _common_shape(frames: Sequence[Frame]) -> tuple[int, int]:
    """Return the shape of all frames; refuse different ones, and one that a JPEG cannot have."""
    shapes = {frame.shape for frame in frames}
    if len(shapes) > 1:
        sizes = " and ".join(f"{width} x {height}" for height, width in sorted(shapes))
        raise NothingToDraw(f"the images have different pixel grids: they are {sizes} pixels")
    height, width = shapes.pop()
    if max(height, width) > JPEG_LARGEST_SIDE:
        raise NothingToDraw(f"{width} x {height} pixels are more than the {JPEG_LARGEST_SIDE} that a JPEG can have")
    return height, width


def _tones(strip: Sequence[Pixels], limits: Sequence[Limits], stretch: Stretch) -> Bytes:
    """Stretch the same rows of one image to grey, or of several to colour."""
    return to_grey(strip[0], limits[0], stretch) if len(strip) == 1 else to_colour(strip, limits, stretch)
