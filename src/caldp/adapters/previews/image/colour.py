"""Pictures in colour: several images put together by fitscut's curve or by that of Lupton and others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial, reduce

import numpy as np
from numpy.typing import NDArray

from caldp.adapters.previews.image.chip import Pixels
from caldp.adapters.previews.image.stretch import Bytes, Limits, pieces_of
from caldp.domain.output.looks import ColourStretch

_CURVE_POINTS = 65_536
_SIGMAS_OF_CLIP = 2.576  # from the median of normal noise to where 0.5 % of it lie beyond
_BLACK = 0.5  # sigmas above the sky of each channel
_BRIGHTEST = 50.0  # times the upper limit: what the curve spans at most


def to_colour(channels: Sequence[Pixels], limits: Sequence[Limits], stretch: ColourStretch) -> Bytes:
    """Turn the values of two or three images into red, green and blue.

    Of two images, green is the mean of red and blue.

    Parameters
    ----------
    channels
        Two or three blocks of equal shape, from blue to red.
    limits
        Of each channel.
    stretch
        The curve.

    Returns
    -------
    ndarray of uint8
        Of shape (rows, columns, 4): red, green, blue, and a byte of padding.
    """
    colours = np.zeros((*channels[0].shape, 4), dtype=np.uint8)
    tint = partial(_keeping_hues if stretch.keeps_hues else _as_fitscut, limits=limits, stretch=stretch)
    top = 0
    for pieces in zip(*(pieces_of((pixels,)) for pixels in channels), strict=True):
        bottom = top + len(pieces[0])
        tint(pieces, colours=colours[top:bottom])
        top = bottom
    return colours


def dark_skies(limits: Limits) -> Limits:
    """Return limits by which the sky of a channel is black, and its noise all but black."""
    noise = (limits.sky - limits.low) / _SIGMAS_OF_CLIP
    return Limits(limits.sky + _BLACK * noise, limits.high, limits.sky)


def _as_fitscut(channels: Sequence[Pixels], limits: Sequence[Limits], stretch: ColourStretch, colours: Bytes) -> None:
    """Scale the channels of a pixel by one factor, so that the curve changes its brightness and not its colour."""
    scaled = [_scale(pixels, limit) for pixels, limit in zip(channels, limits, strict=True)]
    total = reduce(np.add, scaled) * stretch.softening
    with np.errstate(invalid="ignore"):
        weight = np.arcsinh(total) / total
    weight[total == 0] = 1
    brightest = np.maximum(reduce(np.maximum, scaled), 0)
    brightest *= weight
    weight /= np.maximum(brightest, 1, out=brightest)
    weight *= 255 / (stretch.white_of_three if len(scaled) > 2 else stretch.white_of_two)
    _write([np.clip(channel * weight, 0, 255).astype(np.uint8) for channel in scaled], colours)


def _scale(pixels: Pixels, limits: Limits) -> Pixels:
    """Return a copy in which the limits are 0 and 1, and a pixel without data is 0."""
    scaled = pixels - np.float32(limits.low)
    scaled /= np.float32(limits.high - limits.low)
    if not (np.isfinite(scaled.min()) and np.isfinite(scaled.max())):
        np.nan_to_num(scaled, copy=False, nan=0.0)
    return scaled


def _keeping_hues(channels: Sequence[Pixels], limits: Sequence[Limits], stretch: ColourStretch, colours: Bytes) -> None:
    """Give a pixel the brightness that the curve has for its mean, in its own colour however bright it is."""
    scaled = []
    for pixels, limit in zip(channels, limits, strict=True):
        channel = pixels - np.float32(limit.low)
        channel *= np.float32(1 / (limit.high - limit.low))
        scaled.append(np.minimum(np.maximum(channel, 0, out=channel), _BRIGHTEST, out=channel))
    mean = _mean(scaled)
    curve = _gain(stretch.softening)
    gain = curve.take((mean * np.float32((_CURVE_POINTS - 1) / _BRIGHTEST)).astype(np.intp))
    brightest = reduce(np.maximum, scaled) * gain
    gain /= np.maximum(brightest, 255 / 256, out=brightest)
    _write([(channel * (gain * 255)).astype(np.uint8) for channel in scaled], colours)


def _mean(scaled: Sequence[Pixels]) -> Pixels:
    """Return the mean of all channels; where one has no data, all become that of the others, which is grey."""
    mean = reduce(np.add, scaled) / np.float32(len(scaled))
    if np.isnan(mean.min()):
        holes = np.isnan(mean)
        values = np.stack([channel[holes] for channel in scaled])
        known = ~np.isnan(values)
        grey = np.where(known, values, np.float32(0)).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        for plane in (*scaled, mean):
            plane[holes] = grey
    return mean


@lru_cache
def _gain(softening: float) -> NDArray[np.float32]:
    """Tabulate by how much the curve scales a pixel, by the mean of its channels."""
    mean = np.linspace(0, _BRIGHTEST, _CURVE_POINTS)
    mean[0] = mean[1] / 2
    gain = np.arcsinh(softening * mean) / np.arcsinh(softening * _BRIGHTEST) / mean
    return np.asarray(gain, dtype=np.float32)


def _write(channels: Sequence[Bytes], colours: Bytes) -> None:
    """Put two or three channels, from blue to red, into their places."""
    blue, *middle, red = channels
    colours[..., 0], colours[..., 2] = red, blue
    colours[..., 1] = middle[0] if middle else (red.astype(np.uint16) + blue) // 2
