"""Images of single photons, smoothed so that what is faint can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]

_REACH = 3.0
"""Sigmas out to which the Gaussian goes."""


def reach(sigma: float) -> int:
    """Return how far a pixel's light is spread, pixels."""
    return ceil(_REACH * sigma)


def smoothed(pixels: Pixels, sigma: float) -> Pixels:
    """Smooth by a Gaussian. Pixels without data stay so, and take no part; nor does what lies beyond the edge.

    Parameters
    ----------
    pixels
        NaN where there is no data.
    sigma
        Of the Gaussian, pixels.
    """
    if not sigma:
        return pixels
    offsets = np.arange(reach(sigma) + 1)
    kernel = [float(weight) for weight in np.exp(-(offsets**2) / (2 * sigma**2))]
    known = np.isfinite(pixels)
    if known.all():
        edges = [_blurred(np.ones((length, 1), dtype=np.float32), kernel[:1], kernel) for length in pixels.shape]
        return _blurred(pixels, kernel, kernel) / (edges[0] * edges[1].T)
    light = _blurred(np.where(known, pixels, np.float32(0)), kernel, kernel)
    weight = _blurred(known.astype(np.float32), kernel, kernel)
    np.divide(light, weight, out=light, where=known)
    return np.where(known, light, pixels)


def _blurred(pixels: Pixels, across: Sequence[float], along: Sequence[float]) -> Pixels:
    """Add up neighbours by their weights: those of the same row, and then those of the same column.

    Parameters
    ----------
    pixels
        The image.
    across, along
        Weights of a pixel itself and of its neighbours at each distance, in its row and in its column.
    """
    for weights, axis in ((across, 1), (along, 0)):
        total, length = weights[0] * pixels, pixels.shape[axis]
        for distance, weight in enumerate(weights[1:length], start=1):
            low, high = slice(length - distance), slice(distance, length)
            part = pixels[:, high] if axis else pixels[high]
            weighted = weight * part
            total_part = total[:, low] if axis else total[low]
            total_part += weighted
            np.multiply(pixels[:, low] if axis else pixels[low], weight, out=weighted)
            total_part = total[:, high] if axis else total[high]
            total_part += weighted
        pixels = total
    return pixels
