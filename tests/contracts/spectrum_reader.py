"""Contract of the port SpectrumReader."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import frozen

from caldp.app.ports.spectrum_reader import SpectrumReader


@frozen
class Case:
    """A reader, a file with spectra of two segments, a file without any, and a file that is damaged."""

    reader: SpectrumReader
    spectrum: Path
    image: Path
    damaged: Path


class SpectrumReaderContract:
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
