"""The simulated sky of the spectrographs: a quasar of low redshift behind the interstellar gas of our Galaxy."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

SPEED_OF_LIGHT: Final = 299792.458
"""km/s."""

_REDSHIFT: Final = 0.02
_BROAD_FWHM: Final = 3500.0
_NARROW_FWHM: Final = 350.0
_FWHM_PER_SIGMA: Final = 2.3548

# Laboratory wavelengths in vacuum (Angstrom) and strengths: the peak over the continuum for the quasar's broad
# emission, the depth of the line for the Galaxy's absorption.
_EMISSION: Final = (
    (1640.4, 0.5),  # He II
    (1749.7, 0.15),  # N III]
    (1908.7, 1.2),  # C III]
    (2326.0, 0.3),  # C II]
    (2799.1, 1.5),  # Mg II
    (4341.7, 0.5),  # H gamma
    (4862.7, 1.4),  # H beta
    (5008.2, 0.9),  # [O III]
)
_ABSORPTION: Final = (
    (1670.8, 0.9),  # Al II
    (1808.0, 0.6),  # Si II
    (1854.7, 0.8),  # Al III
    (1862.8, 0.7),  # Al III
    (1937.6, 0.7),  # As I, far too strong here: the second-order stripe of COS needs lines to be judged by
    (2012.2, 0.7),  # Co II, likewise
    (2026.1, 0.9),  # Zn II
    (2056.3, 0.8),  # Cr II
    (2062.2, 0.8),  # Cr II and Zn II
    (2796.4, 0.9),  # Mg II
    (2803.5, 0.9),  # Mg II
    (2853.0, 0.8),  # Mg I
    (2967.8, 0.5),  # Fe I
    (3021.5, 0.6),  # Fe I
    (3934.8, 0.8),  # Ca II K
    (3969.6, 0.7),  # Ca II H
)


def flux(wavelength: NDArray[np.float64], continuum: float) -> NDArray[np.float64]:
    """Give the flux of the quasar.

    Parameters
    ----------
    wavelength
        In vacuum, heliocentric, Angstrom; any shape.
    continuum
        At 2000 Angstrom, erg/s/cm2/Angstrom.

    Returns
    -------
    numpy.ndarray
        erg/s/cm2/Angstrom, shape of `wavelength`.
    """
    spectrum = continuum * (wavelength / 2000.0) ** -1.3
    broad = sum(peak * _line(wavelength, at * (1 + _REDSHIFT), _BROAD_FWHM) for at, peak in _EMISSION)
    spectrum *= 1 + broad
    for at, depth in _ABSORPTION:
        spectrum *= 1 - depth * _line(wavelength, at, _NARROW_FWHM)
    return spectrum


def _line(wavelength: NDArray[np.float64], centre: float, fwhm: float) -> NDArray[np.float64]:
    """Give a Gaussian of peak 1, its width in km/s."""
    sigma = centre * fwhm / SPEED_OF_LIGHT / _FWHM_PER_SIGMA
    profile: NDArray[np.float64] = np.exp(-0.5 * ((wavelength - centre) / sigma) ** 2)
    return profile
