"""COS's NUV channel with G230L/2950, as the simulated photons and the reference files both know it.

Sizes, orders of magnitude and the order of the stripes are those of the COS Instrument Handbook; every number
is made up. Pixel coordinates count from 0 and increase with wavelength, in calcos's USER orientation.
"""

from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from caldp.simulation.truth import SpectrumTruth

TRUTH: Final = SpectrumTruth(continuum=3e-14)
GRATING: Final = "G230L"
CENWAVE: Final = 2950
SIZE: Final = 1024
"""Rows and columns of the detector."""

MARGIN: Final = 150
"""Columns beyond each edge whose light FP-POS and drift may bring onto the detector."""

SLOPE: Final = 0.004
"""Rows by which a stripe climbs per column."""

EXTRACTION_HEIGHT: Final = 57
BACKGROUND_ROWS: Final = (880.0, 955.0)
DARK_RATE: Final = 2.0e-4
"""Counts per second and pixel."""

FP_OFFSETS: Final = (-2, -1, 0, 1)
PIXELS_PER_FP_STEP: Final = 52.0
DEAD_TIME: Final = 2.8e-7
"""Seconds per event."""

TDS_REFERENCE: Final = 54952.0
"""MJD at which the sensitivity is the nominal one."""

TDS_SLOPE: Final = -1.5
"""Change of the sensitivity, per cent a year."""

BAD_REGIONS: Final = ((0, 0, 4, SIZE, 8), (SIZE - 4, 0, 4, SIZE, 8), (402, 170, 9, 28, 16))
"""Left column, bottom row, width, height and data-quality flag."""

_PHOTONS_PER_ERG_ANGSTROM: Final = 5.03412e7
_LAMP_LINE_SIGMA: Final = 1.5
_LAMP_LINES_PER_STRIPE: Final = 26


@frozen
class Stripe:
    """One of the three spectra that G230L throws on the detector.

    Parameters
    ----------
    name
        NUVA, NUVB or NUVC.
    coefficients
        Wavelength (Angstrom) as a polynomial of the column, lowest power first.
    target_row, lamp_row
        Row at which the spectrum through each aperture (PSA, WCA) crosses column 0.
    area
        Effective area at the middle, cm2.
    """

    name: str
    coefficients: tuple[float, float, float]
    target_row: float
    lamp_row: float
    area: float

    def wavelength(self, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the wavelength (Angstrom) at columns free of shifts."""
        constant, linear, square = self.coefficients
        return constant + column * (linear + column * square)

    def dispersion(self, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give Angstrom per column."""
        _, linear, square = self.coefficients
        return linear + 2 * column * square

    def sensitivity(self, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give counts per second and column for a flux of 1 erg/s/cm2/Angstrom, at the nominal date."""
        area = self.area * (1 - 0.35 * ((column - SIZE / 2) / SIZE) ** 2)
        photons_per_erg = self.wavelength(column) * _PHOTONS_PER_ERG_ANGSTROM
        return area * photons_per_erg * self.dispersion(column)

    def lamp(self, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the counts of the wavelength-calibration lamp at columns free of shifts, in one flash."""
        lines = np.random.default_rng([ord(letter) for letter in self.name])
        centres = lines.uniform(-MARGIN, SIZE + MARGIN, _LAMP_LINES_PER_STRIPE)
        peaks = 120.0 * lines.lognormal(0.0, 0.8, _LAMP_LINES_PER_STRIPE)
        profiles = np.exp(-0.5 * ((column[:, np.newaxis] - centres) / _LAMP_LINE_SIGMA) ** 2)
        counts: NDArray[np.float64] = profiles @ peaks
        return counts


STRIPES: Final = (
    Stripe("NUVA", (1650.0, 0.3905, -2.0e-6), target_row=185.0, lamp_row=555.0, area=420.0),
    Stripe("NUVB", (2750.0, 0.3895, -2.0e-6), target_row=285.0, lamp_row=655.0, area=300.0),
    Stripe("NUVC", (1900.0, 0.1950, -1.0e-6), target_row=423.0, lamp_row=793.0, area=260.0),
)


def flat_field() -> NDArray[np.float32]:
    """Give the response of each pixel relative to the mean, shape (1024, 1024)."""
    grain = np.random.default_rng(230).normal(1.0, 0.03, (SIZE, SIZE))
    return grain.astype(np.float32)


def time_dependent_sensitivity(mjd: float) -> float:
    """Give the sensitivity at a date as a fraction of the nominal one."""
    years = (mjd - TDS_REFERENCE) / 365.25
    return 1 + TDS_SLOPE / 100 * years


def live_fraction(true_rate: float) -> float:
    """Give the fraction of events that the electronics register at a true rate (events per second)."""
    return 1 / (1 + true_rate * DEAD_TIME)


def fp_shift(fp_offset: int) -> float:
    """Give the columns by which an FP-POS step of the grating moves a spectrum."""
    return PIXELS_PER_FP_STEP * fp_offset
