"""Contract of the port ProductReader."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from attrs import frozen

from caldp.app.ports.product_reader import ProductReader


@frozen
class Case:
    """A reader; a file with spectra of two segments, one with an empty image, one with flags, and a damaged one.

    The file with flags has an image of 3 columns and 2 rows, 1 to 6 from the lower left, the last of which has no data.
    Of its values one has the flag 16, another 8192, and a third both. Its target is ``M51``.
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
        assert [(one.flag, round(one.share, 4)) for one in found] == [(16, 0.3333), (8192, 0.3333)]
        assert found[0].name == "hot pixel"

    def test_a_file_without_flags_has_none(self, case: Case) -> None:
        assert case.reader.flags(case.image) == ()
        assert case.reader.flags(case.damaged) == ()
        assert case.reader.flags(case.damaged.with_name("nowhere.fits")) == ()

    def test_an_image_has_the_files_own_values_row_by_row(self, case: Case) -> None:
        image = case.reader.image(case.flagged)
        assert image is not None
        assert (image.width, image.height, image.step, [chip.name for chip in image.chips]) == (3, 2, 1, ["SCI,1"])
        values = struct.unpack("<6f", image.values)
        assert values[:5] == (1, 2, 3, 4, 5)
        assert values[5] != values[5], "no data"
        assert image.picture.media_type == "image/jpeg"
        assert list(image.scale) == sorted(image.scale)

    def test_a_file_without_an_image_has_none(self, case: Case) -> None:
        for path in (case.spectrum, case.image, case.damaged, case.damaged.with_name("nowhere.fits")):
            assert case.reader.image(path) is None

    def test_header_values_are_texts(self, case: Case) -> None:
        assert case.reader.header(case.flagged) == {"TARGNAME": "M51", "EXPTIME": "12.5"}
        assert case.reader.header(case.damaged.with_name("nowhere.fits")) == {}
