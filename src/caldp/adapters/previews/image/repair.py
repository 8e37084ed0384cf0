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
