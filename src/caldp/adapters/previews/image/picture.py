"""Compose pictures out of frames and write them as JPEG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from caldp.adapters.previews.image.frame import Frame, Pixels, open_frame
from caldp.adapters.previews.image.resize import shrink
from caldp.adapters.previews.image.stretch import Bytes, Limits, autoscale, to_colour, to_grey
from caldp.adapters.previews.tools import NothingToDraw
from caldp.adapters.support.partial import replacing
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
        _check_shapes(frames)
        full = _compose_full(frames, stretch)
        thumbnail = _compose_small(frames, request.thumbnail_size, stretch)
    return (
        _save(full, directory / request.full_name),
        _save(thumbnail, directory / request.thumbnail_name),
    )


def _check_shapes(frames: Sequence[Frame]) -> None:
    """Refuse frames of different shapes, or of one that a JPEG cannot have."""
    shapes = {frame.shape for frame in frames}
    if len(shapes) > 1:
        sizes = " and ".join(f"{width} x {height}" for height, width in sorted(shapes))
        raise NothingToDraw(f"the images have different pixel grids: they are {sizes} pixels")
    height, width = shapes.pop()
    if max(height, width) > JPEG_LARGEST_SIDE:
        raise NothingToDraw(f"{width} x {height} pixels are more than the {JPEG_LARGEST_SIDE} that a JPEG can have")


def _compose_full(frames: Sequence[Frame], stretch: Stretch) -> Bytes:
    limits = [autoscale(partial(_good_blocks, frame), stretch) for frame in frames]
    return _compose([frame.blocks() for frame in frames], frames[0].shape, limits, stretch)


def _good_blocks(frame: Frame) -> Iterator[Pixels]:
    """Go through an image as `Frame.blocks` does, with NaN where a pixel is too bright to be good."""
    for block in frame.blocks():
        yield block if np.isinf(frame.brightest) else np.where(block > frame.brightest, np.float32(np.nan), block)


def _compose_small(frames: Sequence[Frame], size: int, stretch: Stretch) -> Bytes:
    """Make the thumbnail, which is stretched by itself, after it got small."""
    small = [shrink(frame.blocks, frame.shape, size) for frame in frames]
    limits = [autoscale(partial(iter, (pixels,)), stretch) for pixels in small]
    return _compose([(pixels,) for pixels in small], small[0].shape, limits, stretch)


def _compose(
    images: Sequence[Iterable[Pixels]], shape: tuple[int, ...], limits: Sequence[Limits], stretch: Stretch
) -> Bytes:
    """Stretch one image to grey, or several to colour, and turn it upside down: FITS counts rows from the bottom."""
    picture = np.empty(shape if len(images) == 1 else (*shape, 4), dtype=np.uint8)
    top = shape[0]
    for rows in zip(*images, strict=True):
        bottom, top = top, top - len(rows[0])
        tones = to_grey(rows[0], limits[0], stretch) if len(rows) == 1 else to_colour(rows, limits, stretch)
        picture[top:bottom] = tones[::-1]
    return picture


def _save(picture: Bytes, path: Path) -> Path:
    mode = "L" if picture.ndim == 2 else "RGBX"
    size = (picture.shape[1], picture.shape[0])
    with replacing(path) as unfinished:
        Image.frombuffer(mode, size, picture, "raw", mode, 0, 1).save(unfinished, "JPEG", quality=JPEG_QUALITY)
    return path
