"""Thumbnails: an image brought to a given size, to the pixel as fitscut does it."""

from __future__ import annotations

import numpy as np

from caldp.adapters.previews.image.chip import Pixels


def squares_side(shape: tuple[int, int], size: int) -> int:
    """Return the side of the squares of pixels that are averaged on the way to a longest side of ``size`` pixels."""
    return max(max(shape) // size, 1)


def resample(reduced: Pixels, size: int) -> Pixels:
    """Bring the longest side of an image to ``size`` pixels, by leaving rows and columns out or repeating them.

    Parameters
    ----------
    reduced
        Image whose squares of pixels were averaged, as far as that goes.
    size
        Longest side of the thumbnail, pixels.

    Returns
    -------
    ndarray of float32
        NaN where a whole square has no data.
    """
    zoom = size / max(reduced.shape)
    rows, columns = (_nearest(length, zoom) for length in reduced.shape)
    return reduced[np.ix_(rows, columns)]


def average_squares(block: Pixels, side: int) -> Pixels:
    """Average squares, of which those at the upper and right edge may be cut off, leaving out NaN.

    Parameters
    ----------
    block
        Rows of an image, whole squares of them unless they are its last.
    side
        Side of a square, pixels.
    """
    if side == 1:
        return block
    total = _sums(block, side)
    if not np.isnan(total).any():
        ones = [np.ones((1, length), dtype=np.float32) for length in block.shape]
        return total / (_sums(ones[0].T, side) * _sums(ones[1], side))
    known = ~np.isnan(block)
    total = _sums(np.where(known, block, np.float32(0)), side)
    count = _sums(known.astype(np.float32), side)
    mean = np.full_like(total, np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def _sums(block: Pixels, side: int) -> Pixels:
    """Add up squares: whole ones of rows by reshaping, which is many times as fast, and what is left over."""
    whole = block.shape[0] // side * side
    rows = block[:whole].reshape(-1, side, block.shape[1]).sum(axis=1)
    if whole < block.shape[0]:
        rows = np.vstack([rows, block[whole:].sum(axis=0)])
    sums: Pixels = np.add.reduceat(rows, np.arange(0, block.shape[1], side), axis=1)
    return sums


def _nearest(length: int, zoom: float) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return which of ``length`` pixels lies nearest to each pixel of a side ``zoom`` times as long."""
    wanted = np.arange(max(int(length * zoom + 0.5), 1))
    return np.minimum(((wanted + 0.5) / zoom).astype(np.intp), length - 1)
