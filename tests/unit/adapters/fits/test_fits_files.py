"""The FITS adapter keeps the contract, and reads real files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits as astropy_fits

from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.ports.fits_files import FitsFiles
from caldp.domain.hst.association import Member
from caldp.domain.hst.files import FitsFacts, HeaderValue, UnreadableFits, Values
from tests.contracts.fits_files import FitsFilesContract


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

    def test_a_headerlet_within_a_file_is_an_extension_without_rows(self, fits: FitsFiles, tmp_path: Path) -> None:
        """Stwcs appends one for each solution of the astrometry database: a FITS file, in an extension of its type."""
        path = tmp_path / "jbz504ejq_flt.fits"
        write_fits(path, {"ROOTNAME": "jbz504ejq"})
        cards = {"XTENSION": "HDRLET", "BITPIX": 8, "NAXIS": 1, "NAXIS1": 5760, "PCOUNT": 0, "GCOUNT": 1}
        header = astropy_fits.Header([*cards.items(), ("EXTNAME", "HDRLET"), ("EXTVER", 1)])
        with path.open("ab") as file:
            file.write(header.tostring().encode() + bytes(5760))
        for science in (False, True):
            facts = fits.facts(path, science=science)
            assert isinstance(facts, FitsFacts)
            assert [(one.name, one.rows, one.data_bytes) for one in facts.extensions] == [
                ("SCI", None, 8000),
                ("HDRLET", None, 5760),
            ]

    def test_data_size_of_an_extension_is_in_bytes(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "x.fits"
        write_fits(path, {})
        facts = fits.facts(path)
        assert isinstance(facts, FitsFacts)
        assert facts.extensions[0].data_bytes == 40 * 50 * 4

    def test_versions_and_rows_of_extensions(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "x.fits"
        table = astropy_fits.BinTableHDU.from_columns([astropy_fits.Column("TIME", "E", array=[1.0, 2.0])])
        image = astropy_fits.ImageHDU(np.zeros(3), name="SCI", ver=2)
        astropy_fits.HDUList([astropy_fits.PrimaryHDU(), image, table]).writeto(path)
        facts = fits.facts(path)
        assert isinstance(facts, FitsFacts)
        assert [(extension.version, extension.rows) for extension in facts.extensions] == [(2, None), (1, 2)]

    @pytest.mark.parametrize("kind", ["u1", "i2", "u2", "i4", "f4", "f8"])
    def test_pixels_that_differ_are_found_wherever_they_are(self, kind: str, fits: FitsFiles, tmp_path: Path) -> None:
        pixels = np.full((700, 900), 3, kind)
        assert values_of(fits, tmp_path / "same.fits", pixels) == {"SCI": Values.CONSTANT}
        pixels[-1, -1] = 4
        assert values_of(fits, tmp_path / "last.fits", pixels) == {"SCI": Values.VARIED}

    def test_pixels_that_are_no_numbers(self, fits: FitsFiles, tmp_path: Path) -> None:
        pixels = np.full((700, 900), np.nan, "f4")
        assert values_of(fits, tmp_path / "nan.fits", pixels) == {"SCI": Values.NOT_FINITE}
        pixels[0, 0] = 1.0
        assert values_of(fits, tmp_path / "one.fits", pixels) == {"SCI": Values.CONSTANT}
        pixels[-1, -1] = 2.0
        assert values_of(fits, tmp_path / "two.fits", pixels) == {"SCI": Values.VARIED}

    def test_an_image_without_pixels(self, fits: FitsFiles, tmp_path: Path) -> None:
        assert values_of(fits, tmp_path / "none.fits", None) == {"SCI": Values.NONE}
        assert values_of(fits, tmp_path / "pixvalue.fits", None, PIXVALUE=0.0) == {"SCI": Values.CONSTANT}

    def test_the_columns_of_a_spectrum(self, fits: FitsFiles, tmp_path: Path) -> None:
        path, flux = tmp_path / "x.fits", np.zeros((3, 5000))
        columns = [
            astropy_fits.Column("SEGMENT", "4A", array=["FUVA", "FUVB", "NUVA"]),
            astropy_fits.Column("FLUX", "5000E", array=flux),
            astropy_fits.Column("NET", "5000D", array=flux + np.arange(3)[:, np.newaxis]),
        ]
        for rows in (3, 0):
            table = astropy_fits.BinTableHDU(astropy_fits.BinTableHDU.from_columns(columns).data[:rows], name="SCI")
            astropy_fits.HDUList([astropy_fits.PrimaryHDU(), table]).writeto(path, overwrite=True)
            facts = fits.facts(path, science=True)
            assert isinstance(facts, FitsFacts)
            told = (
                {"FLUX": Values.CONSTANT, "NET": Values.VARIED} if rows else dict.fromkeys(("FLUX", "NET"), Values.NONE)
            )
            assert facts.extensions[0].values == told

    def test_only_science_is_looked_at(self, fits: FitsFiles, tmp_path: Path) -> None:
        path = tmp_path / "x.fits"
        events = astropy_fits.BinTableHDU.from_columns([astropy_fits.Column("TIME", "E", array=[1.0, 2.0])])
        images = [astropy_fits.ImageHDU(np.zeros(3), name=name) for name in ("ERR", "DQ")]
        astropy_fits.HDUList([astropy_fits.PrimaryHDU(), *images, events]).writeto(path)
        facts = fits.facts(path, science=True)
        assert isinstance(facts, FitsFacts)
        assert [extension.values for extension in facts.extensions] == [{}, {}, {}]


def values_of(fits: FitsFiles, path: Path, pixels: object, **keywords: float) -> Mapping[str, Values]:
    """Write an SCI image, and say what its adapter finds in it."""
    image = astropy_fits.ImageHDU(pixels, name="SCI")
    image.header.update(keywords)
    astropy_fits.HDUList([astropy_fits.PrimaryHDU(), image]).writeto(path)
    facts = fits.facts(path, science=True)
    assert isinstance(facts, FitsFacts)
    return facts.extensions[0].values


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"<html>" + bytes(5000), "it is an HTML page"), (b"PK\x03\x04" + bytes(5000), "it is a zip archive")],
)
def test_a_raw_file_that_is_something_else_is_called_by_its_name(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "lsim01aaq_rawtag.fits"
    path.write_bytes(content)
    facts = AstropyFits().facts(path)
    assert isinstance(facts, UnreadableFits)
    assert facts.reason == reason


def test_a_flag_is_set_in_pixels_and_in_constant_values(tmp_path: Path) -> None:
    path = tmp_path / "isim01a1q_raw.fits"
    constant = astropy_fits.ImageHDU(name="DQ", ver=2)
    constant.header.update({"NPIX1": 3, "NPIX2": 2, "PIXVALUE": 4})
    pixels = np.array([[0, 16, 1024], [0, 0, 1]], dtype=np.int16)
    astropy_fits.HDUList(
        [
            astropy_fits.PrimaryHDU(), astropy_fits.ImageHDU(pixels, name="DQ", ver=1), constant,
            astropy_fits.ImageHDU(pixels, name="DQ", ver=3), astropy_fits.ImageHDU(pixels, name="SCI", ver=1),
        ]
    ).writeto(path)  # fmt: skip
    AstropyFits().flag(path, {1, 2}, 1024, ["caldp: reads 1, 2 flagged"])
    with astropy_fits.open(path) as hdus:
        assert (hdus["DQ", 1].data == (pixels | 1024)).all()
        assert hdus["DQ", 1].data.dtype.newbyteorder("=") == np.int16
        assert hdus["DQ", 2].header["PIXVALUE"] == 1028
        assert (hdus["DQ", 3].data == pixels).all()
        assert (hdus["SCI", 1].data == pixels).all()
        assert list(hdus[0].header["HISTORY"]) == ["caldp: reads 1, 2 flagged"]
