"""The simulated sky of the cameras: a field of stars, always the same."""

import math

import numpy as np
from astropy.wcs import WCS
from attrs import frozen
from numpy.typing import NDArray

from caldp.simulation import observatory

_REACH = 6.0
"""Sigmas out to which a star's light is drawn."""


@frozen
class Star:
    """A star.

    Parameters
    ----------
    right_ascension, declination
        Degrees.
    rate
        Electrons (or counts, where the detector counts photons) per second in the simulated filter.
    """

    right_ascension: float
    declination: float
    rate: float


def field(half_width: float, rates: tuple[float, float], number: int = 14) -> tuple[Star, ...]:
    """Make a field of stars around the point that all simulated observations look at.

    Parameters
    ----------
    half_width
        Greatest distance of stars from the middle, arcseconds.
    rates
        Of the faintest and the brightest star, electrons per second.
    number
        Number of stars.
    """
    spread = np.random.default_rng(number)
    cells = _cells_apart(number, spread)
    east, north = (cells * 2 - 1) * half_width / 3600.0
    narrowing = math.cos(math.radians(observatory.DECLINATION))
    return tuple(
        Star(observatory.RIGHT_ASCENSION + x / narrowing, observatory.DECLINATION + y, rate)
        for x, y, rate in zip(east, north, np.geomspace(*rates, number), strict=True)
    )


def _cells_apart(number: int, spread: np.random.Generator) -> NDArray[np.float64]:
    """Draw places in the unit square, shape (2, number), each in a cell of its own so that no two come close."""
    side = math.ceil(math.sqrt(number))
    chosen = spread.permutation(side**2)[:number]
    corner = np.array(np.divmod(chosen, side), dtype=float)
    places: NDArray[np.float64] = (corner + spread.uniform(0.25, 0.75, corner.shape)) / side
    return places


def render(stars: tuple[Star, ...], sky_map: WCS, shape: tuple[int, int], sigma: float) -> NDArray[np.float64]:
    """Draw stars on a detector.

    Parameters
    ----------
    stars
        The stars.
    sky_map
        The relation of pixels and sky.
    shape
        Rows and columns.
    sigma
        Width of the Gaussian that the optics make of a star, pixels.

    Returns
    -------
    numpy.ndarray
        Electrons per second and pixel, of the given shape.
    """
    image = np.zeros(shape)
    for star in stars:
        column, row = sky_map.all_world2pix(star.right_ascension, star.declination, 0)
        rows, across = _profile(float(row), sigma, shape[0]), _profile(float(column), sigma, shape[1])
        image += star.rate * rows[:, np.newaxis] * across
    return image


def _profile(centre: float, sigma: float, length: int) -> NDArray[np.float64]:
    """Integrate a Gaussian over each pixel along one axis."""
    edges = np.arange(length + 1) - 0.5 - centre
    near = np.clip(edges / sigma, -_REACH, _REACH)
    cumulative = np.array([math.erf(edge / math.sqrt(2)) / 2 for edge in near])
    return np.diff(cumulative)
