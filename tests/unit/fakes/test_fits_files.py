"""The fake of FitsFiles keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from caldp.app.ports.fits_files import FitsFiles
from caldp.domain.hst.association import Association, Member
from caldp.domain.hst.files import Extension, FitsFacts, HeaderValue, Values
from tests.contracts.fits_files import FitsFilesContract
from tests.fakes.fits_files import FakeFits


class TestFakeFits(FitsFilesContract):
    @pytest.fixture
    def fits(self) -> FakeFits:
        return FakeFits()

    def write(self, fits: FitsFiles, path: Path, primary: Mapping[str, HeaderValue]) -> None:
        assert isinstance(fits, FakeFits)
        zeros = Extension("SCI", {"EXPTIME": 70.5}, values={"SCI": Values.CONSTANT})
        fits.put(path, FitsFacts(path.name, primary, (zeros,)))

    def write_table(self, fits: FitsFiles, path: Path, members: tuple[Member, ...]) -> None:
        assert isinstance(fits, FakeFits)
        fits.put(path, FitsFacts(path.name), Association(path.name[:9], members))
