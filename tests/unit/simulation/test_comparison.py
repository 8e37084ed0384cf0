"""The judge of products: it lets the truth pass, and nothing else."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from caldp.simulation import Comparison, compare_with_truth
from caldp.simulation.camera import Camera, Pointing
from caldp.simulation.sky.stars import Star, render
from caldp.simulation.truth import ImageTruth, SpectrumTruth

TRUTH = SpectrumTruth(continuum=3e-14)
PIXEL = 0.39


def compare(path: Path, *, scale: float = 1.0, pixels: float = 0.0, noise: float = 1.0, bad: int = 0) -> Comparison:
    """Write an x1d whose flux is the truth with errors of 5 per cent, spoilt as asked, and judge it."""
    wavelength = np.linspace(2750.0, 2750.0 + 999 * PIXEL, 1000)
    error = 0.05 * TRUTH.flux(wavelength)
    chance = np.random.default_rng(3).normal(0.0, noise, len(wavelength))
    flux = scale * TRUTH.flux(wavelength - pixels * PIXEL) + chance * error
    weight = np.ones(len(wavelength))
    weight[:bad] = 0
    flux[:bad] = -1.0
    columns = {"WAVELENGTH": wavelength, "FLUX": flux, "ERROR": error, "DQ_WGT": weight}
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("SEGMENT", "4A", array=np.array(["NUVB"])),
            *(fits.Column(name, "1000D", array=values[np.newaxis]) for name, values in columns.items()),
        ]
    )
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return compare_with_truth(path, TRUTH)


def test_the_truth_agrees(tmp_path: Path) -> None:
    comparison = compare(tmp_path / "x1d.fits")
    (fit,) = comparison.fits
    assert comparison.agrees
    assert fit.part == "NUVB"
    assert fit.points == 1000
    assert fit.flux_ratio == pytest.approx(1.0, abs=0.01)
    assert fit.flux_ratio_error == pytest.approx(0.05 / np.sqrt(1000), rel=0.1)
    assert fit.reduced_chi_square == pytest.approx(1.0, abs=0.1)
    assert fit.shift == pytest.approx(0.0, abs=0.1)


def test_the_truth_is_compared_as_two_products_are(tmp_path: Path) -> None:
    """Without noise a factor of 1.25 is all that differs: measured is A, and the truth is B."""
    difference = compare(tmp_path / "x1d.fits", scale=1.25, noise=0.0, bad=100).fits[0].difference
    assert difference is not None
    assert (difference.column, difference.samples, difference.beyond) == ("NUVB", 900, 900)
    # The truth is averaged over the pixels' widths, which the made-up flux is not.
    assert difference.ratio == pytest.approx(1 / 1.25, rel=1e-3)
    assert difference.median == pytest.approx(0.25, rel=1e-2)


@pytest.mark.parametrize("spoilt", [{"scale": 1.02}, {"scale": 0.98}, {"pixels": 1.5}, {"noise": 1.3}])
def test_what_is_off_does_not(tmp_path: Path, spoilt: dict[str, Any]) -> None:
    assert not compare(tmp_path / "x1d.fits", **spoilt).agrees


def test_a_shift_is_measured_with_its_sign(tmp_path: Path) -> None:
    assert compare(tmp_path / "x1d.fits", pixels=1.5).fits[0].shift == pytest.approx(1.5, abs=0.1)


def test_pixels_flagged_bad_do_not_count(tmp_path: Path) -> None:
    comparison = compare(tmp_path / "x1d.fits", bad=100)
    assert comparison.agrees
    assert comparison.fits[0].points == 900


def test_no_spectrum_at_all_does_not_agree(tmp_path: Path) -> None:
    assert not Comparison(tmp_path / "x1d.fits", ()).agrees


def test_a_fit_reads_as_a_sentence(tmp_path: Path) -> None:
    sentence = str(compare(tmp_path / "x1d.fits").fits[0])
    assert sentence.startswith("NUVB: flux ")
    assert "over 1000 points" in sentence
    assert sentence.endswith("pixels off")


def test_a_missing_product_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        compare_with_truth(tmp_path / "none.fits", TRUTH)


STARS = ImageTruth(tuple(Star(150.0 + 0.002 * i, 30.0 + 0.001 * (i % 3), 500.0 + 100 * i) for i in range(-3, 4)), 6.0)
EXPOSURE_TIME = 400.0


def compare_stars(path: Path, *, scale: float = 1.0, pixels: float = 0.0) -> Comparison:
    """Write a drizzled image of stars on a noisy sky, spoilt as asked, and judge it."""
    camera = Camera(512, 0.13, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    pointing, window = Pointing(150.0, 30.0, 20.0), camera.full_window()
    rate = scale * render(STARS.stars, camera.sky_map(pointing, window), (512, 512), sigma=1.2) + 0.5
    counts = np.random.default_rng(5).poisson(rate * EXPOSURE_TIME)
    science = fits.ImageHDU((counts / EXPOSURE_TIME).astype(np.float32), name="SCI")
    science.header.update(camera.keywords(pointing, window))
    science.header["CRPIX1"] -= pixels
    primary = fits.PrimaryHDU()
    primary.header["EXPTIME"] = EXPOSURE_TIME
    fits.HDUList([primary, science]).writeto(path)
    return compare_with_truth(path, STARS)


def test_true_stars_agree(tmp_path: Path) -> None:
    comparison = compare_stars(tmp_path / "drz.fits")
    (fit,) = comparison.fits
    assert comparison.agrees
    assert (fit.part, fit.points) == ("7 stars", 7)
    assert fit.flux_ratio == pytest.approx(1.0, abs=0.01)
    assert fit.shift == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("spoilt", [{"scale": 1.05}, {"scale": 0.95}, {"pixels": 1.5}])
def test_stars_that_are_off_do_not(tmp_path: Path, spoilt: dict[str, Any]) -> None:
    assert not compare_stars(tmp_path / "drz.fits", **spoilt).agrees


def test_the_displacement_of_stars_is_measured(tmp_path: Path) -> None:
    assert compare_stars(tmp_path / "drz.fits", pixels=1.5).fits[0].shift == pytest.approx(1.5, abs=0.1)
