"""Contract of the port ProductReader."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import frozen

from caldp.app.ports.product_reader import ProductReader


@frozen
class Case:
    """A reader; a file with spectra of two segments, one without spectra or flags, one with flags, and a damaged one.

    Of four values in the file with flags one has 16, another 8192, and a third both.
    """

    reader: ProductReader
    spectrum: Path
    image: Path
    flagged: Path
    damaged: Path


class ProductReaderContract:
    """Override the fixture `case`; the rest is the contract."""

    @pytest.fixture
    def case(self) -> Case:
        raise NotImplementedError

    def test_each_segment_has_samples_in_order_of_their_wavelengths(self, case: Case) -> None:
        curves = case.reader.curves(case.spectrum)
        assert len({curve.label for curve in curves}) == len(curves) == 2
        for curve in curves:
            assert len(curve.wavelength) == len(curve.flux) > 10
            assert list(curve.wavelength) == sorted(curve.wavelength)
            assert all(isinstance(flux, float) or flux is None for flux in curve.flux)
            assert curve.unit

    def test_a_file_without_a_spectrum_has_none(self, case: Case) -> None:
        assert case.reader.curves(case.image) == ()
        assert case.reader.curves(case.damaged) == ()
        assert case.reader.curves(case.damaged.with_name("nowhere.fits")) == ()

    def test_shares_of_flags_are_told_in_order(self, case: Case) -> None:
        found = case.reader.flags(case.flagged)
        assert [(one.flag, round(one.share, 4)) for one in found] == [(16, 0.5), (8192, 0.5)]
        assert found[0].name == "hot pixel"

    def test_a_file_without_flags_has_none(self, case: Case) -> None:
        assert case.reader.flags(case.image) == ()
        assert case.reader.flags(case.damaged) == ()
        assert case.reader.flags(case.damaged.with_name("nowhere.fits")) == ()
