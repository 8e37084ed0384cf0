"""Comparison of calibrated products with the simulated sky that went in."""

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from attrs import frozen
from numpy.typing import NDArray

from caldp.adapters.comparison.values import Tally
from caldp.domain.comparison.agreement import Tolerance
from caldp.domain.comparison.difference import ValueDifference
from caldp.simulation.sky import aperture
from caldp.simulation.truth import ImageTruth, SpectrumTruth, Truth

_SIGMAS: Final = 4.0
_WITHIN_PIXEL: Final = np.linspace(-0.4, 0.4, 5)
"""Points within a pixel at which the truth is sampled, to average it over the pixel's width."""

_TRIAL_SHIFTS: Final = np.linspace(-3.0, 3.0, 121)


@frozen
class Fit:
    """Agreement of one spectrum, or of the stars of an image, with the truth.

    Attributes
    ----------
    part
        Part that was compared: a stripe of COS ("NUVA"), an order, the stars.
    points
        Number of measurements that were compared.
    flux_ratio, flux_ratio_error
        Ratio of the measured flux to the true one, and the one-sigma error that the product itself claims.
    reduced_chi_square
        Of the measurements about the truth.
    shift
        By how many pixels it lies off its true place: along the dispersion for a spectrum, the distance (of the
        median star) for stars.
    difference
        Difference of the measurements (A) from the truth (B), as products of two runs are compared; None if there is
        none.
    """

    part: str
    points: int
    flux_ratio: float
    flux_ratio_error: float
    reduced_chi_square: float
    shift: float
    difference: ValueDifference | None = None

    @property
    def agrees(self) -> bool:
        """True if the flux is right within its errors (4 sigma) and the place within a pixel."""
        sum_agrees = abs(self.flux_ratio - 1) <= _SIGMAS * self.flux_ratio_error
        each_agrees = self.reduced_chi_square <= 1 + _SIGMAS * math.sqrt(2 / self.points)
        return sum_agrees and each_agrees and abs(self.shift) < 1

    def __str__(self) -> str:
        return (
            f"{self.part}: flux {self.flux_ratio:.4f} +- {self.flux_ratio_error:.4f} of the truth, "
            f"reduced chi square {self.reduced_chi_square:.2f} over {self.points} points, "
            f"{self.shift:+.2f} pixels off"
        )


@frozen
class Comparison:
    """Agreement of a whole product with the truth.

    Attributes
    ----------
    product
        The file that was compared.
    fits
        One for each spectrum, or for the stars of an image.
    """

    product: Path
    fits: tuple[Fit, ...]

    @property
    def agrees(self) -> bool:
        """True if there is something to compare and all of it agrees."""
        return bool(self.fits) and all(fit.agrees for fit in self.fits)


def compare_with_truth(product: Path, truth: Truth) -> Comparison:
    """Compare a calibrated product with the truth behind it.

    Parameters
    ----------
    product
        The calibrated file: x1d, x1dsum or sx1 for a spectrum, drz for an image.
    truth
        The truth that the simulation gave with the observation.

    Raises
    ------
    OSError
        If the product is not there or is no FITS file.
    """
    with fits.open(product) as hdus:
        if isinstance(truth, SpectrumTruth):
            rows = hdus[1].data
            return Comparison(product, tuple(_fit_spectrum(row, rows.names, truth) for row in rows))
        return Comparison(product, (_fit_stars(hdus, truth),))


def _fit_spectrum(row: Any, names: list[str], truth: SpectrumTruth) -> Fit:
    """Compare one row of a table of spectra, leaving out the pixels that it calls bad."""
    good = (row["DQ_WGT"] > 0) if "DQ_WGT" in names else (row["DQ"] == 0)
    good &= row["ERROR"] > 0
    wavelength, flux, error = (row[name][good].astype(float) for name in ("WAVELENGTH", "FLUX", "ERROR"))
    pixel = float(np.median(np.diff(row["WAVELENGTH"])))

    def expected(shift: float) -> NDArray[np.float64]:
        within = wavelength[:, np.newaxis] + (_WITHIN_PIXEL - shift) * pixel
        return np.asarray(truth.flux(within).mean(axis=1))

    def chi_square(shift: float) -> float:
        return float(np.sum(((flux - expected(shift)) / error) ** 2))

    return _fit(
        str(row["SEGMENT"]) if "SEGMENT" in names else f"order {row['SPORDER']}",
        np.stack([flux, error, expected(0.0)]),
        shift=float(min(_TRIAL_SHIFTS, key=chi_square)),
    )


def _fit_stars(hdus: fits.HDUList, truth: ImageTruth) -> Fit:
    """Compare the stars of a drizzled image in electrons per second: apertures around their true places."""
    science = hdus["SCI"]
    places = np.array([(star.right_ascension, star.declination) for star in truth.stars])
    pixels = WCS(science.header).all_world2pix(places, 0)
    exposure_time = hdus[0].header["EXPTIME"]
    measured = [aperture.measure(science.data, place, truth.aperture, exposure_time) for place in pixels]
    values = [(star.rate, star.error, true.rate) for star, true in zip(measured, truth.stars, strict=True)]
    offsets = [np.hypot(*(star.place - place)) for star, place in zip(measured, pixels, strict=True)]
    return _fit(f"{len(offsets)} stars", np.transpose(values), shift=float(np.median(offsets)))


def _fit(part: str, values: NDArray[np.float64], shift: float) -> Fit:
    """Sum up measured values, their errors and the true values, shape (3, points)."""
    measured, error, expected = values
    tally = Tally(Tolerance(), lambda number: f"point {number + 1}")
    tally.add(measured, expected)
    return Fit(
        part=part,
        points=len(measured),
        # Sums without weights: errors estimated from few counts are smallest where chance made the flux small.
        flux_ratio=float(np.sum(measured) / np.sum(expected)),
        flux_ratio_error=float(np.sqrt(np.sum(error**2)) / np.sum(expected)),
        reduced_chi_square=float(np.mean(((measured - expected) / error) ** 2)),
        shift=shift,
        difference=tally.result(part),
    )
