"""Samples of spectra for pages are those of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from caldp.adapters.previews.product_values import ProductValues
from tests.contracts.product_reader import Case, ProductReaderContract
from tests.support.sky import cos_segment, write_spectrum


class TestProductValues(ProductReaderContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        rows = [cos_segment("FUVA", 1300, 1450), cos_segment("FUVB", 1150, 1290)]
        spectrum = write_spectrum(tmp_path / "la8q99icq_x1d.fits", rows, OPT_ELEM="G130M", CENWAVE=1291)
        image, damaged = tmp_path / "a_flt.fits", tmp_path / "b_x1d.fits"
        fits.PrimaryHDU(np.zeros((3, 3))).writeto(image)
        damaged.write_bytes(spectrum.read_bytes()[:4000])
        primary = fits.PrimaryHDU()
        primary.header.update(INSTRUME="ACS", DETECTOR="WFC")
        flags = np.array([[0, 16], [8192, 16 + 8192]], "i2")
        flagged = tmp_path / "c_flt.fits"
        fits.HDUList([primary, fits.ImageHDU(np.ones((2, 2)), name="SCI"), fits.ImageHDU(flags, name="DQ")]).writeto(
            flagged
        )
        return Case(ProductValues(), spectrum, image, flagged, damaged)

    def test_values_are_the_files_own_and_flagged_samples_have_none(self, case: Case) -> None:
        (curve,) = (one for one in case.reader.curves(case.spectrum) if one.label == "FUVA")
        with fits.open(case.spectrum) as hdus:
            row = hdus[1].data[hdus[1].data["SEGMENT"] == "FUVA"][0]
            known = dict(zip(row["WAVELENGTH"].tolist(), row["FLUX"].tolist(), strict=True))
            weights = dict(zip(row["WAVELENGTH"].tolist(), row["DQ_WGT"].tolist(), strict=True))
        assert None in curve.flux
        for wavelength, flux in zip(curve.wavelength, curve.flux, strict=True):
            assert flux is None or (flux == known[wavelength] and weights[wavelength] > 0)
