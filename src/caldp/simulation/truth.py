"""Truth of a simulated observation, for products to be judged by."""

from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from caldp.simulation.sky import quasar
from caldp.simulation.sky.stars import Star


@frozen
class SpectrumTruth:
    """The quasar that a spectrograph looked at.

    Parameters
    ----------
    continuum
        Its continuum at 2000 Angstrom, erg/s/cm2/Angstrom.
    """

    continuum: float

    def flux(self, wavelength: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the flux (erg/s/cm2/Angstrom) at heliocentric vacuum wavelengths (Angstrom)."""
        return quasar.flux(wavelength, self.continuum)


@frozen
class ImageTruth:
    """The stars that a camera looked at.

    Parameters
    ----------
    stars
        With their true places and rates.
    aperture
        Radius within which the image of a star has all its light, pixels.
    """

    stars: tuple[Star, ...]
    aperture: float


Truth: TypeAlias = SpectrumTruth | ImageTruth
