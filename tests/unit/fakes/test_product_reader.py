"""The fake of ProductReader keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.domain.report.page import Curve, FlagShare
from tests.contracts.product_reader import Case, ProductReaderContract
from tests.fakes.product_reader import FakeProducts


class TestFakeProducts(ProductReaderContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        wavelength = tuple(float(number) for number in range(20))
        curves = tuple(Curve(label, "s⁻¹", wavelength, (None, *wavelength[1:])) for label in ("FUVA", "FUVB"))
        shares = (FlagShare(16, "hot pixel", 0.5), FlagShare(8192, "cosmic ray", 0.5))
        reader = FakeProducts({"a_x1d.fits": curves}, {"a_flt.fits": shares})
        names = ("a_x1d.fits", "a_drz.fits", "a_flt.fits", "b_x1d.fits")
        return Case(reader, *(tmp_path / name for name in names))
