"""The photons of one simulated COS/NUV exposure: drawn from the sky, the lamp and the dark, then detected."""

from typing import Final

import numpy as np
from attrs import frozen
from numpy.random import Generator
from numpy.typing import NDArray

from caldp.simulation import observatory
from caldp.simulation.cos import model
from caldp.simulation.sky.quasar import SPEED_OF_LIGHT

DOPPLER_VELOCITY: Final = 6.5
"""km/s that the telescope's orbit adds at most to the source's velocity."""

_PROFILE_SIGMA: Final = 3.0
_TICK: Final = 0.032
_SAMPLES_PER_COLUMN: Final = 4
_SECONDS_PER_DAY: Final = 86400.0


@frozen
class Exposure:
    """Properties that set one simulated exposure apart.

    Parameters
    ----------
    rootname
        Its name.
    start
        Modified Julian Date.
    exposure_time
        Seconds.
    fp_offset
        Step of the grating from its nominal place (-2 to 1).
    drift
        Columns by which the grating creeps from the beginning to the end.
    offset
        Columns and rows by which all spectra lie off their nominal place at the beginning.
    flashes
        Times (seconds since the start) at which the lamp goes on and off.
    """

    rootname: str
    start: float
    exposure_time: float
    fp_offset: int
    drift: float
    offset: tuple[float, float]
    flashes: tuple[tuple[float, float], ...]

    @property
    def doppler_zero(self) -> float:
        """Time at which the orbit's Doppler shift is zero and increasing (Modified Julian Date)."""
        return self.start - 900.0 / _SECONDS_PER_DAY

    def shift(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the columns by which light lies off its place at some time (seconds since the start)."""
        creep = self.drift * time / self.exposure_time
        return model.fp_shift(self.fp_offset) + self.offset[0] + creep


@frozen(eq=False)
class Photons:
    """Events on the detector, one element each.

    Parameters
    ----------
    time
        Seconds since the start of the exposure.
    column, row
        Positions in pixels; whole numbers lie in the middle of a pixel.
    """

    time: NDArray[np.float64]
    column: NDArray[np.float64]
    row: NDArray[np.float64]


def detect(exposure: Exposure, draw: Generator) -> Photons:
    """Draw every event of an exposure, as the detector reports them: in order of time, at whole pixels.

    Parameters
    ----------
    exposure
        The exposure.
    draw
        Random numbers.
    """
    groups = [_dark(exposure, draw)]
    for stripe in model.STRIPES:
        groups.append(_source(stripe, exposure, draw))
        groups.extend(_flash(stripe, exposure, on, off, draw) for on, off in exposure.flashes)
    time, column, row = (
        np.concatenate([getattr(group, axis) for group in groups]) for axis in ("time", "column", "row")
    )
    ticks, column, row = np.floor(time / _TICK), np.floor(column + 0.5), np.floor(row + 0.5)
    seen = (column >= 0) & (column < model.SIZE) & (row >= 0) & (row < model.SIZE)
    time, column, row = ticks[seen] * _TICK, column[seen], row[seen]
    kept = draw.random(len(time)) < _detection_probability(time, column, row, exposure)
    order = np.argsort(time[kept], kind="stable")
    return Photons(time[kept][order], column[kept][order], row[kept][order])


# The flat field's brightest pixel. Photons are drawn as if every pixel were this good, then thinned out to
# what each pixel really detects.
_BEST_PIXEL: Final = 1.2


def _detection_probability(
    time: NDArray[np.float64], column: NDArray[np.float64], row: NDArray[np.float64], exposure: Exposure
) -> NDArray[np.float64]:
    response: NDArray[np.float64] = model.flat_field()[row.astype(int), column.astype(int)].astype(float)
    live = model.live_fraction(len(time) / exposure.exposure_time / _BEST_PIXEL)
    return response / _BEST_PIXEL * live


def _source(stripe: model.Stripe, exposure: Exposure, draw: Generator) -> Photons:
    """Draw the target's photons in one stripe."""
    edges = _sample_edges()
    columns = (edges[:-1] + edges[1:]) / 2
    middle = exposure.start + exposure.exposure_time / 2 / _SECONDS_PER_DAY
    velocity = observatory.heliocentric_velocity(middle)
    emitted = stripe.wavelength(columns) * (1 - velocity / SPEED_OF_LIGHT)
    sensitivity = stripe.sensitivity(columns) * model.time_dependent_sensitivity(exposure.start)
    rate = model.TRUTH.flux(emitted) * sensitivity
    place, time = _along_spectrum(edges, rate, (0.0, exposure.exposure_time), draw)
    seconds = (exposure.start - exposure.doppler_zero) * _SECONDS_PER_DAY + time
    orbital = DOPPLER_VELOCITY * np.sin(2 * np.pi * seconds / observatory.ORBIT_PERIOD)
    doppler = orbital / SPEED_OF_LIGHT * stripe.wavelength(place) / stripe.dispersion(place)
    column = place + exposure.shift(time) + doppler
    return Photons(time, column, _rows(stripe.target_row, place, exposure, draw))


def _flash(stripe: model.Stripe, exposure: Exposure, on: float, off: float, draw: Generator) -> Photons:
    """Draw the lamp's photons in one stripe, during one flash."""
    edges = _sample_edges()
    rate = stripe.lamp((edges[:-1] + edges[1:]) / 2) / (off - on)
    place, time = _along_spectrum(edges, rate, (on, off), draw)
    return Photons(time, place + exposure.shift(time), _rows(stripe.lamp_row, place, exposure, draw))


def _dark(exposure: Exposure, draw: Generator) -> Photons:
    """Draw the detector's own events."""
    expected = model.DARK_RATE * model.SIZE**2 * exposure.exposure_time
    count = draw.poisson(expected * _BEST_PIXEL)
    time = draw.uniform(0, exposure.exposure_time, count)
    return Photons(time, *draw.uniform(-0.5, model.SIZE - 0.5, (2, count)))


def _sample_edges() -> NDArray[np.float64]:
    columns = model.SIZE + 2 * model.MARGIN
    return np.linspace(-model.MARGIN, model.SIZE + model.MARGIN, columns * _SAMPLES_PER_COLUMN + 1) - 0.5


def _along_spectrum(
    edges: NDArray[np.float64], rate: NDArray[np.float64], interval: tuple[float, float], draw: Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw places (columns) and times of photons from a rate per second and column."""
    duration = interval[1] - interval[0]
    cumulative = np.concatenate([[0.0], np.cumsum(rate * np.diff(edges))]) * duration * _BEST_PIXEL
    count = draw.poisson(cumulative[-1])
    place = np.interp(draw.uniform(0, cumulative[-1], count), cumulative, edges)
    return place, draw.uniform(*interval, count)


def _rows(stripe_row: float, place: NDArray[np.float64], exposure: Exposure, draw: Generator) -> NDArray[np.float64]:
    """Draw the rows of photons: along the tilted stripe, off by the exposure's offset, spread by the optics."""
    spread = draw.normal(0.0, _PROFILE_SIGMA, len(place))
    return stripe_row + model.SLOPE * place + exposure.offset[1] + spread
