"""Samples of spectra for pages are those of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from caldp.adapters.previews.spectrum.samples import SpectrumSamples
from tests.contracts.spectrum_reader import Case, SpectrumReaderContract
from tests.support.sky import cos_segment, write_spectrum


class TestSpectrumSamples(SpectrumReaderContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        rows = [cos_segment("FUVA", 1300, 1450), cos_segment("FUVB", 1150, 1290)]
        spectrum = write_spectrum(tmp_path / "la8q99icq_x1d.fits", rows, OPT_ELEM="G130M", CENWAVE=1291)
        image, damaged = tmp_path / "a_flt.fits", tmp_path / "b_x1d.fits"
        fits.PrimaryHDU(np.zeros((3, 3))).writeto(image)
        damaged.write_bytes(spectrum.read_bytes()[:4000])
        return Case(SpectrumSamples(), spectrum, image, damaged)

    def test_values_are_the_files_own_and_flagged_samples_have_none(self, case: Case) -> None:
        (curve,) = (one for one in case.reader.curves(case.spectrum) if one.label == "FUVA")
        with fits.open(case.spectrum) as hdus:
            row = hdus[1].data[hdus[1].data["SEGMENT"] == "FUVA"][0]
            known = dict(zip(row["WAVELENGTH"].tolist(), row["FLUX"].tolist(), strict=True))
            weights = dict(zip(row["WAVELENGTH"].tolist(), row["DQ_WGT"].tolist(), strict=True))
        assert None in curve.flux
        for wavelength, flux in zip(curve.wavelength, curve.flux, strict=True):
            assert flux is None or (flux == known[wavelength] and weights[wavelength] > 0)
