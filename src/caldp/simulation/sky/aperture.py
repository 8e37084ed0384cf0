"""Aperture photometry, just enough of it to measure well-separated stars on a smooth background."""

from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

_INNER: Final = 1.5
_OUTER: Final = 2.5
"""Radii of the ring that shows the background, in radii of the aperture."""


_DRIZZLE_CORRELATION: Final = 1.5
"""By how much the noise of an aperture exceeds what the scatter of drizzled pixels suggests.

For pixels drizzled at their full size to pixels of the same size; Casertano et al. 2000, AJ 120, 2747.
"""


@frozen(eq=False)
class Measurement:
    """A star as measured.

    Parameters
    ----------
    rate
        Above the background, electrons per second.
    error
        One sigma, electrons per second.
    place
        Column and row of its centre, counted from 0.
    """

    rate: float
    error: float
    place: NDArray[np.float64]


def measure(image: NDArray[np.float32], place: NDArray[np.float64], radius: float, exposure_time: float) -> Measurement:
    """Measure the star at a place.

    Parameters
    ----------
    image
        Electrons per second, shape (rows, columns); NaN where it has no data.
    place
        Column and row, counted from 0.
    radius
        Of the aperture, pixels.
    exposure_time
        Seconds.
    """
    row, column = (axis.astype(float) for axis in np.indices(image.shape))
    distance = np.hypot(column - place[0], row - place[1])
    ring = image[(distance > _INNER * radius) & (distance < _OUTER * radius)]
    inside = distance < radius
    light = image[inside].astype(float) - float(np.nanmean(ring))
    rate = float(light.sum())
    scatter = _DRIZZLE_CORRELATION * float(np.nanstd(ring))
    error = np.sqrt(rate / exposure_time + len(light) * scatter**2)
    centre = np.array([np.sum(light * column[inside]), np.sum(light * row[inside])]) / rate
    return Measurement(rate, float(error), centre)
