"""Pixels without data, closed up from their neighbours.

Few pixels are blank as a rule. So it is their flat indices that are gone through, and not the image.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]
"""Flat indices of pixels, ascending, each once."""

WIDEST_GAP = 16
"""Widest gap that is closed, pixels. Bad columns and hot pixels are narrower; areas that no chip saw are wider."""

WIDEST_COSMIC_RAY = 4
"""Widest cosmic ray that is closed, pixels. A star taken for one is wider, and must not vanish."""

Flags = NDArray[np.bool_]

_WIDEST_CORE = 16
"""Widest core of a star that is looked for, pixels."""

_ABOVE_SKY = 5.0
"""Sigmas above the sky from which on a pixel belongs to a source."""

_CONTRASTS = (6.0, 6.0, 25.0, 25.0, 60.0)
"""Times by which a star's core of 0, 1, 2, 3, 4 or more pixels can be brighter than its flanks. The optics of ACS and
WFC3 put a quarter of a star's light or less into one pixel, and a tenth of that into the pixel after the next."""


def close_gaps(pixels: NDArray[np.float32], blank: Indices, widest: int = WIDEST_GAP) -> None:
    """Fill short runs of blank pixels between good ones, in place.

    They are filled along the rows first, and what remains along the columns. A run that touches the edge of the array
    stays as it is, and so does one that is too long.

    Parameters
    ----------
    pixels
        Of shape (rows, columns), contiguous.
    blank
        True for the pixels that are blank, whatever their values.
    widest
        Longest run that is filled, pixels.
    """
    height, width = pixels.shape
    flat = pixels.reshape(-1)
    left = _close_along(flat, blank, (1, width), width, widest)
    rows, columns = np.divmod(left, width)
    _close_along(flat, np.sort(columns * height + rows), (width, 1), height, widest)


def on_sources(pixels: NDArray[np.float32], flagged: Indices, sky: float, noise: float) -> Flags:
    """Find the flagged pixels that belong to a source, such as the core of a star that was taken for a cosmic ray.

    All around them it is bright, and they are no brighter than a source with such flanks can be. A cosmic ray, a hot
    pixel or a bad column has sky on two sides at least.

    Parameters
    ----------
    pixels
        Of shape (rows, columns), contiguous.
    flagged
        The flagged pixels.
    sky, noise
        Median of the image, and sigma around it.
    """
    flat, (height, width) = pixels.reshape(-1), pixels.shape
    threshold = sky + _ABOVE_SKY * noise
    left = np.flatnonzero(flat.take(flagged - 1, mode="clip") > threshold)
    for stride in (1, -width, width, 0):  # most have sky beside them, and are done with
        left = left[flat.take(flagged[left] + stride, mode="clip") > threshold]
    is_source = np.zeros(len(flagged), dtype=np.bool_)
    if not left.size:
        return is_source
    is_flagged = np.zeros(flat.size, dtype=np.bool_)
    is_flagged[flagged] = True
    faintest = np.full(len(left), np.inf, dtype=np.float32)
    widths = np.full(len(left), 2 * _WIDEST_CORE)
    for length, stride in ((width, 1), (height, width)):
        extents = np.ones(len(left), dtype=np.intp)
        for sign in (-1, 1):
            flank, distance = _flanks(flat, is_flagged, flagged[left], width, length, sign * stride)
            is_bright = flank > threshold
            left, extents = left[is_bright], (extents + distance - 1)[is_bright]
            faintest, widths = np.minimum(faintest, flank)[is_bright], widths[is_bright]
        widths = np.minimum(widths, extents)
    contrast = np.array(_CONTRASTS, dtype=np.float32)[np.minimum(widths, len(_CONTRASTS) - 1)]
    value = flat[flagged[left]]
    is_core = np.isposinf(value) | (value - sky < contrast * (faintest - sky))
    is_source[left[is_core]] = True
    return is_source


def _flanks(
    flat: NDArray[np.float32], is_flagged: Flags, places: Indices, width: int, length: int, stride: int
) -> tuple[NDArray[np.float32], Indices]:
    """Return value and distance of the first pixel in one direction that is not flagged; -inf if none is near."""
    along = places % width if abs(stride) == 1 else places // width
    values = np.full(len(places), -np.inf, dtype=np.float32)
    distances = np.full(len(places), _WIDEST_CORE + 1)
    left = np.arange(len(places))
    for step in range(1, _WIDEST_CORE + 1):
        place = along[left] + (step if stride > 0 else -step)
        left = left[(place >= 0) & (place < length)]
        beyond = places[left] + stride * step
        is_out = ~is_flagged[beyond]
        found, beyond = left[is_out], beyond[is_out]
        values[found], distances[found] = flat[beyond], step
        left = left[~is_out]
        if not left.size:
            break
    return values, distances


def union(*parts: Indices) -> Indices:
    """Put indices together."""
    filled = [part for part in parts if part.size]
    if len(filled) < 2:
        return filled[0] if filled else np.empty(0, dtype=np.intp)
    indices = np.sort(np.concatenate(filled))
    once: Indices = indices[np.append(True, indices[1:] != indices[:-1])]
    return once


def _close_along(
    flat: NDArray[np.float32], blank: Indices, strides: tuple[int, int], length: int, widest: int
) -> Indices:
    """Fill short runs along lines, and return what remains blank.

    Parameters
    ----------
    flat
        The pixels.
    blank
        Places of the blank ones, counted along the lines: line after line.
    strides
        Distances in `flat` from a pixel to the next of its line, and from a line to the next.
    length
        Pixels of a line.
    widest
        Longest run that is filled, pixels.
    """

    def address(place: Indices) -> Indices:
        line, along = np.divmod(place, length)
        addresses: Indices = along * strides[0] + line * strides[1]
        return addresses

    begins = np.flatnonzero(np.diff(blank, prepend=-2) != 1)
    runs = np.diff(begins, append=len(blank))
    first = blank[begins]
    offset = first % length
    # One that goes on in the next line touches edges with each of its parts; the sum is beyond the line's end then.
    is_inner = (offset > 0) & (offset + runs < length) & (runs <= widest)
    begins, first, runs = begins[is_inner], first[is_inner], runs[is_inner]
    run = np.repeat(np.arange(len(runs)), runs)
    step = np.arange(len(run)) - (np.cumsum(runs) - runs)[run]
    weight = ((step + 1) / (runs[run] + 1)).astype(np.float32)
    before, after = flat[address(first - 1)], flat[address(first + runs)]
    flat[address(first[run] + step)] = before[run] * (1 - weight) + after[run] * weight
    remains = np.ones(len(blank), dtype=np.bool_)
    remains[begins[run] + step] = False
    return blank[remains]
