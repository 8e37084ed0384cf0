"""Compose pictures out of frames and write them as JPEG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from attrs import evolve, frozen

from caldp.adapters.previews.image.caption import image_caption
from caldp.adapters.previews.image.chip import Pixels
from caldp.adapters.previews.image.colour import dark_skies, to_colour
from caldp.adapters.previews.image.frame import Frame, open_frame
from caldp.adapters.previews.image.jpeg import STRIP_MULTIPLE, comment, write_jpeg, xmp_segment
from caldp.adapters.previews.image.resize import average_squares, resample, squares_side
from caldp.adapters.previews.image.stretch import Bytes, Extremes, Limits, autoscale, to_grey
from caldp.adapters.previews.metadata import xmp
from caldp.adapters.previews.tools import NothingToDraw
from caldp.domain.output.looks import Look, Stretch
from caldp.domain.output.previews import JPEG_LARGEST_SIDE, JPEG_QUALITY, PreviewRequest

_FINITE: Final = float(np.finfo(np.float32).max)


def draw_pictures(request: PreviewRequest, directory: Path, look: Look, *, annotates: bool = False) -> tuple[Path, ...]:
    """Draw one image in grey, or two or three in colour, at full size and as a thumbnail.

    Parameters
    ----------
    request
        Picture to draw.
    directory
        Directory for the pictures.
    look
        From pixel values to grey and colour.
    annotates
        True for a third picture, with compass, scale bar and more.

    Raises
    ------
    NothingToDraw
        If that cannot be drawn; the message says why.
    OSError
        If a file cannot be read or written.
    """
    with ExitStack() as stack, np.errstate(over="ignore", invalid="ignore"):
        frames = [stack.enter_context(open_frame(path, look.counters.smoothing)) for path in request.sources]
        shape = _common_shape(frames)
        side = squares_side(shape, request.thumbnail_size)
        surveys = [_survey(frame, side) for frame in frames]
        limits = [
            autoscale(partial(_good_blocks, frame, survey.brightest), _stretch(frame, look), survey.extremes)
            for frame, survey in zip(frames, surveys, strict=True)
        ]
        # The thumbnail is stretched by itself, after it got small.
        small = [resample(survey.reduced, request.thumbnail_size) for survey in surveys]
        small_limits = [
            autoscale(partial(iter, (_good(pixels, _FINITE),)), _stretch(frame, look))
            for frame, pixels in zip(frames, small, strict=True)
        ]
        tones = _toner(frames, look)

        full_size = directory / request.full_name
        strips = zip(*(frame.strips(STRIP_MULTIPLE) for frame in frames), strict=True)
        words = partial(_words, request, frames, look)
        pictures = (tones(strip, limits) for strip in strips)
        write_jpeg(pictures, shape[0], JPEG_QUALITY, full_size, words(limits, shape, 1.0))
        thumbnail = directory / request.thumbnail_name
        small_tones = tones([pixels[::-1] for pixels in small], small_limits)
        zoom = request.thumbnail_size / max(surveys[0].reduced.shape) / side
        small_words = words(small_limits, small_tones.shape[:2], zoom)
        write_jpeg((small_tones,), len(small_tones), JPEG_QUALITY, thumbnail, small_words)
        if not annotates:
            return full_size, thumbnail

        from caldp.adapters.previews.image.annotated import draw_annotated

        caption = image_caption(request, frames, limits, look, shape)
        annotated = directory / request.annotated_name
        draw_annotated(frames, limits, tones, _stretch(frames[0], look), caption, annotated)
    return full_size, thumbnail, annotated


def _words(
    request: PreviewRequest,
    frames: Sequence[Frame],
    look: Look,
    limits: Sequence[Limits],
    shape: tuple[int, int],
    zoom: float,
) -> bytes:
    """Return what a JPEG says in words: a comment that begins as fitscut's does, with the place in the sky, and XMP."""
    caption = image_caption(request, frames, limits, look, shape)
    sky_map = frames[0].sky_map
    lines = list(caption.lines())
    if sky_map is not None:
        sky_map = sky_map.scaled(zoom)
        caption = evolve(caption, tags={**caption.tags, **sky_map.tags(shape)})
        lines = [*sky_map.cards(), *(f"COMMENT {line}" for line in lines)]
    return xmp_segment(xmp(caption)) + comment("".join(f"{line}\n" for line in lines))


@frozen
class _Survey:
    """Result of a first look at all pixels.

    Attributes
    ----------
    extremes
        Of the good pixels.
    reduced
        Averages of squares.
    brightest
        Value beyond which no pixel is good; infinite if all are.
    """

    extremes: Extremes
    reduced: Pixels
    brightest: float


def _survey(frame: Frame, side: int) -> _Survey:
    extremes, reduced, brightest = Extremes(), [], frame.brightest
    for block in frame.blocks(side):
        with_block = extremes.with_block(_good(block, brightest))
        if np.isposinf(with_block.greatest):
            brightest = min(brightest, _FINITE)
            with_block = extremes.with_block(_good(block, brightest))
        extremes = with_block
        reduced.append(average_squares(block, side))
    return _Survey(extremes, np.concatenate(reduced), brightest)


def _good_blocks(frame: Frame, brightest: float) -> Iterator[Pixels]:
    return (_good(block, brightest) for block in frame.blocks())


def _good(block: Pixels, brightest: float) -> Pixels:
    """Return a block with NaN where a pixel is too bright to be good."""
    return block if np.isinf(brightest) else np.where(block > brightest, np.float32(np.nan), block)


def _stretch(frame: Frame, look: Look) -> Stretch:
    """Return the stretch of one image."""
    return look.counters if frame.counts_photons else look.grey


def _toner(frames: Sequence[Frame], look: Look) -> Callable[[Sequence[Pixels], Sequence[Limits]], Bytes]:
    """Return the function that stretches the same rows of one image to grey, or of several to colour."""
    if len(frames) == 1:
        return lambda strip, limits: to_grey(strip[0], limits[0], _stretch(frames[0], look))
    if not look.colour.keeps_hues:
        return lambda strip, limits: to_colour(strip, limits, look.colour)
    return lambda strip, limits: to_colour(strip, list(map(dark_skies, limits)), look.colour)


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
