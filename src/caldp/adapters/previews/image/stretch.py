"""Transfer function of fitscut, from pixel values to grey (docs/reference/contracts/previews.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, reduce

import numpy as np
from attrs import Factory, field, frozen
from numpy.typing import NDArray

from caldp.adapters.previews.image.chip import Pixels
from caldp.adapters.previews.tools import NothingToDraw
from caldp.domain.output.looks import Stretch

Bytes = NDArray[np.uint8]
Blocks = Callable[[], Iterable[Pixels]]
"""Gives the blocks of rows of one image, again at each call; pixels without data are NaN."""

_BINS = 50_000
_NARROWEST = 10
_ROUNDING = 1e-6  # of single precision, in which pixels are put into bins
_NO_CONTRAST = 1e-30  # a smaller range overflows single precision when it is divided by
_CURVE_POINTS = 65_536
_INFINITE = np.float32(np.inf)
_PIECE_PIXELS = 2**16  # so many and what is made of them lie in a processor's own cache


@frozen
class Limits:
    """Pixel values between which an image is stretched.

    Attributes
    ----------
    low, high
        The limits.
    sky
        Median of the image; `low` where that is not known.
    """

    low: float
    high: float
    sky: float = field(default=Factory(lambda limits: limits.low, takes_self=True))


@frozen
class Extremes:
    """Least and greatest pixel of an image; inf and -inf if there is none."""

    least: float = np.inf
    greatest: float = -np.inf

    def with_block(self, block: Pixels) -> Extremes:
        """Take the pixels of a block into account, but for NaN."""
        return Extremes(
            min(self.least, float(np.fmin.reduce(block, axis=None, initial=np.inf))),
            max(self.greatest, float(np.fmax.reduce(block, axis=None, initial=-np.inf))),
        )


def autoscale(blocks: Blocks, stretch: Stretch, extremes: Extremes | None = None) -> Limits:
    """Find the limits that leave out a given percentage of the pixels at either end.

    They are read off a histogram of 50,000 bins, as fitscut does. Where outliers squeeze the image into a few bins,
    the histogram is taken again without them. The upper limit is kept well away from the median, or mere noise would
    fill the whole range of grey.

    Parameters
    ----------
    blocks
        Function that returns the blocks of an image.
    stretch
        Stretch with the percentage to leave out.
    extremes
        Of the blocks, if they are known.

    Raises
    ------
    NothingToDraw
        If no pixel has data, or all of them are zero.
    """
    extremes = extremes or reduce(Extremes.with_block, blocks(), Extremes())
    lowest, highest = extremes.least, extremes.greatest
    if lowest > highest:
        raise NothingToDraw("no pixel has data")
    if lowest == highest == 0:
        raise NothingToDraw("all pixels are zero")
    while highest - lowest > _NO_CONTRAST:
        histogram = _histogram(blocks, lowest, highest)
        low, median, high, is_narrow = _percentiles(histogram, lowest, highest, stretch.clip_percent / 100)
        limits = Limits(low, max(high, median + 5 * (median - low)), median)
        if not is_narrow:
            return limits
        rounding = _ROUNDING * (highest - lowest)
        narrower = _extremes_between(blocks, max(lowest, low), min(highest, high + rounding))
        if narrower[0] >= narrower[1]:
            # Nearly all pixels have one value, as in a picture of single photons: the rest decides.
            return _above(blocks, narrower[0], stretch)
        if narrower == (lowest, highest):
            return limits
        lowest, highest = narrower
    return _around(lowest)


def _above(blocks: Blocks, floor: float, stretch: Stretch) -> Limits:
    """Find the limits of an image that is one value nearly everywhere from its brighter pixels."""
    bright = np.concatenate([block[block > floor] for block in blocks()])
    if not bright.size:
        return _around(floor)
    high = float(np.percentile(bright, 100 - stretch.clip_percent, method="lower"))
    return Limits(floor, max(high, floor + _NO_CONTRAST))


def _around(value: float) -> Limits:
    """Return limits by which a value has the grey of an empty sky."""
    margin = max(abs(value), 1.0)
    return Limits(value - margin, value + 5 * margin)


def _extremes_between(blocks: Blocks, lowest: float, highest: float) -> tuple[float, float]:
    """Return the least and greatest pixel between two values; inf and -inf if there is none."""
    least, greatest = np.inf, -np.inf
    for piece in pieces_of(blocks()):
        least = min(least, float(np.fmin.reduce(np.where(piece < lowest, _INFINITE, piece), axis=None)))
        greatest = max(greatest, float(np.fmax.reduce(np.where(piece > highest, -_INFINITE, piece), axis=None)))
    return (least, greatest) if least <= greatest else (np.inf, -np.inf)


def _histogram(blocks: Blocks, lowest: float, highest: float) -> NDArray[np.int64]:
    """Count pixels: bin 0 up to ``lowest``, then bins closed above, the last with all that lies beyond."""
    counts = np.zeros(_BINS, dtype=np.int64)
    for piece in pieces_of(blocks()):
        bins = piece - np.float32(lowest)
        bins *= (_BINS - 1) / (highest - lowest)
        np.ceil(bins, out=bins)
        np.clip(bins, 0, _BINS - 1, out=bins)
        known = bins[~np.isnan(bins)] if np.isnan(bins.min()) else bins.ravel()
        counts += np.bincount(known.astype(np.intp), minlength=_BINS)
    return counts


def pieces_of(blocks: Iterable[Pixels]) -> Iterator[Pixels]:
    """Cut blocks into groups of rows that fit into a processor's own cache."""
    for block in blocks:
        rows = max(_PIECE_PIXELS // block.shape[1], 1)
        for start in range(0, len(block), rows):
            yield block[start : start + rows]


def _percentiles(
    histogram: NDArray[np.int64], lowest: float, highest: float, clip: float
) -> tuple[float, float, float, bool]:
    """Return lower limit, median, upper limit, and whether so few bins lie between that they mean little."""
    total = int(histogram.sum())
    upwards = np.cumsum(histogram)
    first = int(np.searchsorted(upwards, int(total * clip), side="right"))
    middle = max(first, int(np.searchsorted(upwards, int(total * 0.5), side="right")))
    downwards = np.cumsum(histogram[::-1])
    last = _BINS - 1 - int(np.searchsorted(downwards, int(total * clip), side="right"))
    step = (highest - lowest) / (_BINS - 1)
    if first == last:
        middle = first
    low, median, high = (lowest + step * bins for bins in (first - 1, middle - 0.5, last))
    return low, median, high, first + _NARROWEST >= last


def to_grey(pixels: Pixels, limits: Limits, stretch: Stretch) -> Bytes:
    """Turn values into grey; pixels without data become black.

    Returns
    -------
    ndarray of uint8
        Of the shape of ``pixels``.
    """
    brightest, curve = _grey_curve(stretch)
    grey = np.empty(pixels.shape, dtype=np.uint8)
    top = 0
    for piece in pieces_of((pixels,)):
        steps = piece - np.float32(limits.low)
        steps *= (len(curve) - 1) / (brightest * (limits.high - limits.low))
        np.fmax(steps, 0, out=steps)
        np.minimum(steps, len(curve) - 1, out=steps)
        curve.take(steps.astype(np.intp), mode="clip", out=grey[top : top + len(piece)])
        top += len(piece)
    return grey


@lru_cache
def _grey_curve(stretch: Stretch) -> tuple[float, Bytes]:
    """Tabulate the curve from black to white, and say where it ends: a look-up is several times faster than asinh."""
    brightest = float(np.sinh(stretch.softening * stretch.white) / stretch.softening)
    t = np.linspace(0, brightest, _CURVE_POINTS)
    curve = 255 * np.arcsinh(stretch.softening * t) / (stretch.softening * stretch.white)
    curve[-1] = 255
    return brightest, curve.astype(np.uint8)
