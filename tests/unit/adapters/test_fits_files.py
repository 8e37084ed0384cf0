"""The FITS adapter and its fake keep the contract; what only real files can show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits as astropy_fits

from caldp.adapters.fits_astropy import AstropyFits
from caldp.app.ports import FitsFiles
from caldp.domain.association import Association, Member
from caldp.domain.files import Extension, FitsFacts, HeaderValue, UnreadableFits
from tests.contracts.fits_files import FitsFilesContract
from tests.fakes.fits import FakeFits


def write_fits(path: Path, primary: Mapping[str, HeaderValue]) -> None:
    science = astropy_fits.ImageHDU(np.zeros((40, 50), np.float32), name="SCI")
    science.header["EXPTIME"] = 70.5
    hdus = astropy_fits.HDUList([astropy_fits.PrimaryHDU(), science])
    hdus[0].header.update(primary)
    hdus.writeto(path)


class TestAstropyFits(FitsFilesContract):
    @pytest.fixture
    def fits(self) -> AstropyFits:
        return AstropyFits()

    def write(self, fits: FitsFiles, path: Path, primary: Mapping[str, HeaderValue]) -> None:
        write_fits(path, primary)

    def write_table(self, fits: FitsFiles, path: Path, members: tuple[Member, ...]) -> None:
        columns = [
            astropy_fits.Column("MEMNAME", "14A", array=[member.name.upper() for member in members]),
            astropy_fits.Column("MEMTYPE", "14A", array=[member.kind for member in members]),
            astropy_fits.Column("MEMPRSNT", "L", array=[member.present for member in members]),
        ]
        table = astropy_fits.BinTableHDU.from_columns(columns)
        astropy_fits.HDUList([astropy_fits.PrimaryHDU(), table]).writeto(path)

    @pytest.mark.parametrize("keep", [0.0, 0.05, 0.3, 0.7, 0.99])
    def test_a_file_that_is_cut_off_is_unreadable(self, fits: FitsFiles, tmp_path: Path, keep: float) -> None:
        path = tmp_path / "ldfd01vnq_x1d.fits"
        write_fits(path, {"ROOTNAME": "ldfd01vnq"})
        assert isinstance(fits.facts(path), FitsFacts)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * keep)])
        assert isinstance(fits.facts(path), UnreadableFits)

    def test_a_file_that_is_not_there_is_unreadable(self, fits: FitsFiles, tmp_path: Path) -> None:
        assert isinstance(fits.facts(tmp_path / "ldfd01vnq_x1d.fits"), UnreadableFits)

    def test_data_size_of_an_extension_is_in_bytes(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "x.fits"
        write_fits(path, {})
        facts = fits.facts(path)
        assert isinstance(facts, FitsFacts)
        assert facts.extensions[0].data_bytes == 40 * 50 * 4


class TestFakeFits(FitsFilesContract):
    @pytest.fixture
    def fits(self) -> FakeFits:
        return FakeFits()

    def write(self, fits: FitsFiles, path: Path, primary: Mapping[str, HeaderValue]) -> None:
        assert isinstance(fits, FakeFits)
        fits.put(path, FitsFacts(path.name, primary, (Extension("SCI", {"EXPTIME": 70.5}),)))

    def write_table(self, fits: FitsFiles, path: Path, members: tuple[Member, ...]) -> None:
        assert isinstance(fits, FakeFits)
        fits.put(path, FitsFacts(path.name), Association(path.name[:9], members))
