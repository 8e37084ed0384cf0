"""Values for pages are those of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from caldp.adapters.previews.product_values import ProductValues
from tests.contracts.product_reader import Case, ProductReaderContract
from tests.support.sky import cos_segment, starfield, write_chips, write_image, write_spectrum


class TestProductValues(ProductReaderContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        rows = [cos_segment("FUVA", 1300, 1450), cos_segment("FUVB", 1150, 1290)]
        spectrum = write_spectrum(tmp_path / "la8q99icq_x1d.fits", rows, OPT_ELEM="G130M", CENWAVE=1291)
        image, damaged = tmp_path / "a_flt.fits", tmp_path / "b_x1d.fits"
        fits.PrimaryHDU(np.zeros((3, 3))).writeto(image)
        damaged.write_bytes(spectrum.read_bytes()[:4000])
        primary = fits.PrimaryHDU()
        primary.header.update(INSTRUME="ACS", DETECTOR="WFC", TARGNAME="M51")
        pixels = np.array([[1, 2, 3], [4, 5, np.nan]], "f4")
        science = fits.ImageHDU(pixels, fits.Header({"EXPTIME": 12.5}), name="SCI")
        flags = fits.ImageHDU(np.array([[0, 16, 0], [8192, 16 + 8192, 0]], "i2"), name="DQ")
        flagged = tmp_path / "c_flt.fits"
        fits.HDUList([primary, science, flags]).writeto(flagged)
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

    def test_places_in_the_sky_are_those_of_the_distorted_chips(self, tmp_path: Path) -> None:
        path = write_chips(tmp_path / "j_flt.fits")
        image = ProductValues().image(path)
        assert image is not None
        assert [(chip.name, chip.bottom, chip.height) for chip in image.chips] == [
            ("SCI,1", 0, 200),
            ("SCI,2", 200, 200),
        ]
        assert (image.width, image.height, image.step) == (500, 400, 3)
        with fits.open(path) as hdus:
            frame = np.vstack([hdus["SCI", 1].data, hdus["SCI", 2].data])
            assert np.array_equal(np.frombuffer(image.values, "<f4").reshape(133, 167), frame[1::3, 1::3])
            for number, chip in enumerate(image.chips, 1):
                assert chip.sky is not None
                wcs = WCS(hdus["SCI", number].header, hdus)
                sky = SkyCoord(*wcs.all_pix2world([[10, 1], [470, 190]], 1).T, unit="deg")
                centre = SkyCoord(*chip.sky.centre, unit="deg").skyoffset_frame()
                east, north = (value.arcsec for value in (sky.transform_to(centre).lon, sky.transform_to(centre).lat))
                offsets = np.array(chip.sky.offsets).reshape(len(chip.sky.rows), len(chip.sky.columns), 2)
                for index, (x, y) in enumerate([(10, 1), (470, 190)]):
                    rows = np.array([np.interp(x, chip.sky.columns, row[:, 0]) for row in offsets])
                    ups = np.array([np.interp(x, chip.sky.columns, row[:, 1]) for row in offsets])
                    assert abs(np.interp(y, chip.sky.rows, rows) - east[index]) < 0.002
                    assert abs(np.interp(y, chip.sky.rows, ups) - north[index]) < 0.002

    def test_an_image_whose_header_tells_no_place_has_none(self, tmp_path: Path) -> None:
        path = write_image(tmp_path / "a_flt.fits", {"SCI": starfield(20, 30)}, CTYPE1="RA---TAN", CTYPE2="nonsense")
        image = ProductValues().image(path)
        assert image is not None
        assert image.chips[0].sky is None
