"""The light on STIS's CCD in the simulated exposures, and how the CCD digitizes it."""

from collections.abc import Callable
from typing import Final

import numpy as np
from attrs import frozen
from numpy.random import Generator
from numpy.typing import NDArray

from caldp.simulation import observatory
from caldp.simulation.fits_files import Keywords
from caldp.simulation.sky.quasar import SPEED_OF_LIGHT
from caldp.simulation.stis import model

Wavelength = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Wavelengths (Angstrom) that fall on columns when nothing has shifted."""

SHIFT: Final = (1.3, -0.8)
"""Columns and rows by which the grating wheel has put everything off its place."""

_PROFILE_SIGMA: Final = 0.9
_SAMPLES_PER_COLUMN: Final = 11
_SKY_RATE: Final = 0.004
_COSMIC_RAYS_PER_SECOND: Final = 0.5


@frozen
class Readout:
    """Rows and columns of a raw image beside the pixels that see light.

    Parameters
    ----------
    overscan
        Columns of overscan on either side.
    virtual
        Rows of overscan at the bottom.
    first_row, rows
        The rows that see light.
    """

    overscan: int
    virtual: int
    first_row: int
    rows: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the raw image."""
        return self.virtual + self.rows, model.SIZE + 2 * self.overscan

    @property
    def lit(self) -> tuple[slice, slice]:
        """The part of the raw image that sees light."""
        return slice(self.virtual, None), slice(self.overscan, self.overscan + model.SIZE)

    @property
    def on_detector(self) -> slice:
        """The rows of the detector that are read."""
        return slice(self.first_row - 1, self.first_row - 1 + self.rows)

    @property
    def keywords(self) -> Keywords:
        """Keywords of raw headers that describe it."""
        rows, columns = self.shape
        return {"CENTERA1": 532, "CENTERA2": 513, "SIZAXIS1": columns, "SIZAXIS2": rows, "BINAXIS1": 1, "BINAXIS2": 1}


FULL_FRAME: Final = Readout(overscan=19, virtual=20, first_row=1, rows=model.SIZE)
SUBARRAY: Final = Readout(overscan=18, virtual=0, first_row=449, rows=128)


def spectrum(mjd: float, wavelength: Wavelength = model.wavelength) -> NDArray[np.float64]:
    """Give the quasar's spectrum on the detector, electrons per second, shape (1024, 1024)."""
    samples = _column_samples()
    wave = wavelength(samples - SHIFT[0])
    emitted = wave * (1 - observatory.heliocentric_velocity(mjd) / SPEED_OF_LIGHT)
    dispersion = np.gradient(wave, axis=1) * _SAMPLES_PER_COLUMN
    rate = (model.TRUTH.flux(emitted) * model.sensitivity(wave, mjd) * dispersion).mean(axis=1)
    profile = np.exp(-0.5 * (_along_slit() / _PROFILE_SIGMA) ** 2)
    image: NDArray[np.float64] = rate * profile / profile.sum(axis=0) + _SKY_RATE
    return image


def lamp(wavelength: Wavelength = model.wavelength) -> NDArray[np.float64]:
    """Give the lamp's light through the slit on the detector, electrons per second, shape (1024, 1024)."""
    light = model.lamp(wavelength(_column_samples() - SHIFT[0])).ravel()
    slit = np.ones(round(model.SLIT_WIDTH / model.PLATE_SCALE * _SAMPLES_PER_COLUMN))
    seen = np.convolve(light, slit / slit.size, mode="same").reshape(model.SIZE, _SAMPLES_PER_COLUMN).mean(axis=1)
    lit = _covered(0.0, model.SLIT_LENGTH)
    for place, width in model.BARS:
        lit -= _covered(place, width)
    return np.asarray(seen * lit)


def _along_slit() -> NDArray[np.float64]:
    """Give the rows by which each pixel lies above the middle of the slit, shape (1024, 1024)."""
    row = np.arange(1.0, model.SIZE + 1)[:, np.newaxis]
    column = np.arange(1.0, model.SIZE + 1)
    return np.asarray(row - model.MIDDLE_ROW - SHIFT[1] - model.trace(column))


def _covered(place: float, width: float) -> NDArray[np.float64]:
    """Give the fraction of each pixel that lies within a stretch of the slit (arcseconds), shape (1024, 1024)."""
    centre, half = place / model.PLATE_SCALE, width / model.PLATE_SCALE / 2
    covered: NDArray[np.float64] = np.clip(half + 0.5 - np.abs(_along_slit() - centre), 0.0, 1.0)
    return covered


def _column_samples() -> NDArray[np.float64]:
    """Give places within each column, shape (1024, samples)."""
    within = (np.arange(_SAMPLES_PER_COLUMN) + 0.5) / _SAMPLES_PER_COLUMN - 0.5
    return np.arange(1.0, model.SIZE + 1)[:, np.newaxis] + within


def digitized(rate: NDArray[np.float64], exposure_time: float, readout: Readout, draw: Generator) -> NDArray[np.uint16]:
    """Expose and read the CCD: photons, dark current, cosmic rays, bias and read noise, in DN."""
    expected = (rate * model.flat_field() + model.DARK_RATE)[readout.on_detector] * exposure_time
    electrons = draw.poisson(expected).astype(float)
    _strike(electrons, draw.poisson(_COSMIC_RAYS_PER_SECOND * exposure_time), draw)
    image = draw.normal(model.BIAS_LEVEL, model.READ_NOISE / model.GAIN, readout.shape)
    image[readout.lit] += model.BIAS_STRUCTURE + electrons / model.GAIN
    return np.rint(image).astype(np.uint16)


def _strike(electrons: NDArray[np.float64], number: int, draw: Generator) -> None:
    """Let cosmic rays leave their short bright tracks."""
    rows, columns = electrons.shape
    for _ in range(number):
        row, column = draw.integers(rows), draw.integers(columns - 3)
        length = draw.integers(1, 4)
        electrons[row, column : column + length] += draw.uniform(1500.0, 8000.0)
