"""The fake of SpectrumReader keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.domain.report.page import Curve
from tests.contracts.spectrum_reader import Case, SpectrumReaderContract
from tests.fakes.spectrum_reader import FakeSpectra


class TestFakeSpectra(SpectrumReaderContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        wavelength = tuple(float(number) for number in range(20))
        curves = tuple(Curve(label, "s⁻¹", wavelength, (None, *wavelength[1:])) for label in ("FUVA", "FUVB"))
        reader = FakeSpectra({"a_x1d.fits": curves})
        return Case(reader, tmp_path / "a_x1d.fits", tmp_path / "a_flt.fits", tmp_path / "b_x1d.fits")
