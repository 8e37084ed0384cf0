"""The fake of ProductReader keeps the contract."""

from __future__ import annotations

import struct
from math import nan
from pathlib import Path

import pytest

from caldp.domain.report.image import ChipPlace, ImageValues
from caldp.domain.report.page import Curve, FlagShare
from caldp.domain.report.picture import Picture
from tests.contracts.product_reader import Case, ProductReaderContract
from tests.fakes.product_reader import FakeProducts


class TestFakeProducts(ProductReaderContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        wavelength = tuple(float(number) for number in range(20))
        curves = tuple(Curve(label, "s⁻¹", wavelength, (None, *wavelength[1:])) for label in ("FUVA", "FUVB"))
        shares = (FlagShare(16, "hot pixel", 1 / 3), FlagShare(8192, "cosmic ray", 1 / 3))
        values = struct.pack("<6f", 1, 2, 3, 4, 5, nan)
        picture = Picture("image.jpg", b"\xff\xd8\xff")
        image = ImageValues("", 3, 2, (ChipPlace("SCI,1", 0, 2),), 1, values, picture, 1, (1.0, 2.0, 3.0, 4.0, 5.0))
        header = {"TARGNAME": "M51", "EXPTIME": "12.5"}
        reader = FakeProducts(
            {"a_x1d.fits": curves}, {"a_flt.fits": shares}, {"a_flt.fits": image}, {"a_flt.fits": header}
        )
        names = ("a_x1d.fits", "a_drz.fits", "a_flt.fits", "b_x1d.fits")
        return Case(reader, *(tmp_path / name for name in names))
