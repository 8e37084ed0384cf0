"""How well a calibrated product agrees with the simulated sky that went in."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits
from attrs import frozen
from numpy.typing import NDArray

from caldp.adapters.simulation.truth import SpectrumTruth, Truth

_SIGMAS: Final = 4.0
_MOST_CHI_SQUARE: Final = 1.3
_TRIAL_SHIFTS: Final = np.linspace(-3.0, 3.0, 121)


@frozen
class Fit:
    """How one spectrum, or one star, came out.

    Parameters
    ----------
    part
        Which: a stripe of COS ("NUVA"), an order, a star.
    points
        How many measurements were compared.
    flux_ratio, flux_ratio_error
        What was measured over what was put in, and the one-sigma error that the product itself claims.
    reduced_chi_square
        Of the measurements about the truth.
    shift
        By how many pixels it lies off its true place, along the dispersion for a spectrum.
    """

    part: str
    points: int
    flux_ratio: float
    flux_ratio_error: float
    reduced_chi_square: float
    shift: float

    @property
    def agrees(self) -> bool:
        """Whether the flux is right within its errors (4 sigma) and the place within a pixel."""
        flux = abs(self.flux_ratio - 1) <= _SIGMAS * self.flux_ratio_error
        return flux and self.reduced_chi_square <= _MOST_CHI_SQUARE and abs(self.shift) < 1

    def __str__(self) -> str:
        return (
            f"{self.part}: flux {self.flux_ratio:.4f} +- {self.flux_ratio_error:.4f} of the truth, "
            f"reduced chi square {self.reduced_chi_square:.2f} over {self.points} points, "
            f"{self.shift:+.2f} pixels off"
        )


@frozen
class Comparison:
    """How a whole product came out.

    Parameters
    ----------
    product
        The file that was compared.
    fits
        One for each spectrum or star.
    """

    product: Path
    fits: tuple[Fit, ...]

    @property
    def agrees(self) -> bool:
        """Whether there is something to compare and all of it agrees."""
        return bool(self.fits) and all(fit.agrees for fit in self.fits)


def compare_with_truth(product: Path, truth: Truth) -> Comparison:
    """Compare a calibrated product with the truth behind it.

    Parameters
    ----------
    product
        The calibrated file: x1d, x1dsum or sx1 for a spectrum.
    truth
        The truth that the simulation gave with the observation.

    Raises
    ------
    OSError
        If the product is not there or is no FITS file.
    """
    with fits.open(product) as hdus:
        rows = hdus[1].data
        return Comparison(product, tuple(_fit_spectrum(row, rows.names, truth) for row in rows))


def _fit_spectrum(row: Any, names: list[str], truth: SpectrumTruth) -> Fit:
    """Compare one row of a table of spectra, leaving out the pixels that it calls bad."""
    good = (row["DQ_WGT"] > 0) if "DQ_WGT" in names else (row["DQ"] == 0)
    good &= row["ERROR"] > 0
    wavelength, flux, error = (row[name][good].astype(float) for name in ("WAVELENGTH", "FLUX", "ERROR"))
    expected = truth.flux(wavelength)
    pixel = float(np.median(np.diff(row["WAVELENGTH"])))
    return Fit(
        part=str(row["SEGMENT"]) if "SEGMENT" in names else f"order {row['SPORDER']}",
        points=len(flux),
        # Sums without weights: errors estimated from few counts are smallest where chance made the flux small.
        flux_ratio=float(np.sum(flux) / np.sum(expected)),
        flux_ratio_error=float(np.sqrt(np.sum(error**2)) / np.sum(expected)),
        reduced_chi_square=float(np.mean(((flux - expected) / error) ** 2)),
        shift=_shift(wavelength, flux, error, pixel, truth),
    )


def _shift(
    wavelength: NDArray[np.float64],
    flux: NDArray[np.float64],
    error: NDArray[np.float64],
    pixel: float,
    truth: SpectrumTruth,
) -> float:
    """Find the shift, in pixels, at which the truth fits best."""
    chi_square = [np.sum(((flux - truth.flux(wavelength - shift * pixel)) / error) ** 2) for shift in _TRIAL_SHIFTS]
    return float(_TRIAL_SHIFTS[int(np.argmin(chi_square))])
