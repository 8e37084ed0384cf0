"""STIS's CCD with the G430L grating, as the simulated exposures and the reference files both know it.

Sizes and orders of magnitude are those of the STIS Instrument Handbook; every number is made up. Columns and rows
count from 1, as calstis's tables have them, on the 1024 x 1024 pixels that see light.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from caldp.simulation.truth import SpectrumTruth

TRUTH: Final = SpectrumTruth(continuum=4e-15)
GRATING: Final = "G430L"
CENWAVE: Final = 4300
APERTURE: Final = "52X0.2"
SIZE: Final = 1024

MIDDLE_ROW: Final = 513.0
"""Row of a target in the middle of the slit."""

PLATE_SCALE: Final = 0.05078
"""Arcseconds per row."""

SLIT_WIDTH: Final = 0.2
SLIT_LENGTH: Final = 50.65
BARS: Final = ((-11.62, 0.50), (11.86, 0.86))
"""Places and widths of the bars across the slit, arcseconds."""

GAIN: Final = 1.01
"""Electrons per DN."""

READ_NOISE: Final = 5.5
"""Electrons."""

BIAS_LEVEL: Final = 1510.0
"""DN, in the overscan too."""

BIAS_STRUCTURE: Final = 2.0
"""DN more on the pixels that see light."""

DARK_RATE: Final = 0.012
"""Electrons per second."""

SATURATION: Final = 33000.0
HOUSING_TEMPERATURE: Final = 20.0
"""Degrees Celsius, at which dark and sensitivity are the tabulated ones."""

LAMP: Final = "HITM2"
LAMP_CURRENT: Final = "3.8"

TDS_REFERENCE: Final = 51_000.0
"""MJD at which the sensitivity is the nominal one."""

TDS_SLOPE: Final = -0.25
"""Change of the sensitivity, per cent a year."""

DISPERSION: Final = (-1055.0, 0.36300, 3.3e-7)
"""Column as a polynomial of the wavelength in Angstrom, lowest power first."""

_TRACE_SLOPE: Final = 0.002
_PHOTONS_PER_ERG_ANGSTROM: Final = 5.03412e7
_MIRROR_AREA: Final = 45238.93
_LAMP_LINES: Final = 60
_LAMP_RANGE: Final = (2700.0, 5900.0)
_LAMP_LINE_SIGMA: Final = 0.8


def wavelength(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the wavelength (Angstrom) that falls on a column when nothing has shifted."""
    constant, linear, square = DISPERSION
    root: NDArray[np.float64] = np.sqrt(linear**2 - 4 * square * (constant - column))
    return (root - linear) / (2 * square)


def trace(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the rows by which a spectrum lies above its place in the middle column."""
    return _TRACE_SLOPE * (column - SIZE / 2)


def throughput(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the fraction of the photons on the mirror that become electrons, without the slit."""
    return 0.075 - 0.05 * ((wave - 4500.0) / 1800.0) ** 2


def slit_throughput(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the fraction of a point source's light that passes the slit."""
    return 0.80 + 0.1 * (wave - 2500.0) / 4000.0


def grating_correction(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the small correction for the grating used with this slit."""
    return 0.99 + 0.02 * (wave - 2600.0) / 3400.0


def time_dependent_sensitivity(mjd: float) -> float:
    """Give the sensitivity at a date as a fraction of the nominal one."""
    return 1 + TDS_SLOPE / 100 * (mjd - TDS_REFERENCE) / 365.25


def sensitivity(wave: NDArray[np.float64], mjd: float) -> NDArray[np.float64]:
    """Give electrons per second and Angstrom for a flux of 1 erg/s/cm2/Angstrom."""
    instrument = throughput(wave) * slit_throughput(wave) * grating_correction(wave)
    return _MIRROR_AREA * _PHOTONS_PER_ERG_ANGSTROM * wave * instrument * time_dependent_sensitivity(mjd)


def lamp(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the spectrum of the wavelength-calibration lamp, electrons per second and column at the detector."""
    lines = np.random.default_rng(430)
    centres = lines.uniform(*_LAMP_RANGE, _LAMP_LINES)
    peaks = 400.0 * lines.lognormal(0.0, 0.9, _LAMP_LINES)
    spectrum = np.full(wave.shape, 0.2)
    for centre, peak in zip(centres, peaks, strict=True):
        spectrum += peak * np.exp(-0.5 * ((wave - centre) / _LAMP_LINE_SIGMA) ** 2)
    return spectrum


def flat_field() -> NDArray[np.float32]:
    """Give the response of each pixel relative to the mean, shape (1024, 1024)."""
    grain = np.random.default_rng(52).normal(1.0, 0.01, (SIZE, SIZE))
    return grain.astype(np.float32)
