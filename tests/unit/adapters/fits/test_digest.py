"""Digests of files, compared with what astropy and hashlib say of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from caldp.adapters.fits.digest import file_digest
from caldp.domain.hst.digests import VOLATILE_CARDS


def make(path: Path, *, keywords: dict[str, object] | None = None, value: float = 1.0) -> Path:
    primary = fits.PrimaryHDU()
    primary.header["ROOTNAME"] = "j8cb01u2q"
    primary.header["HISTORY"] = "made for a test"
    primary.header.update(keywords or {})
    image = fits.ImageHDU(np.full((7, 5), value, dtype=">f4"), name="SCI", ver=2)
    columns = [
        fits.Column("WAVELENGTH", "3D", array=np.arange(6.0).reshape(2, 3)),
        fits.Column("EVENTS", "PJ()", array=np.array([np.arange(3), np.arange(5)], dtype=object)),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="x1d")
    fits.HDUList([primary, image, table]).writeto(path)
    return path


def test_digests_are_of_the_bytes_that_astropy_finds(tmp_path: Path) -> None:
    path = make(tmp_path / "a.fits")
    found = file_digest(path)
    whole = path.read_bytes()
    assert (found.size, found.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert [(hdu.name, hdu.version) for hdu in found.hdus] == [("", 1), ("SCI", 2), ("X1D", 1)]
    with fits.open(path) as hdus:
        for hdu, digest in zip(hdus, found.hdus, strict=True):
            place = hdu.fileinfo()
            size = hdu.size
            data = whole[place["datLoc"] : place["datLoc"] + size]
            assert digest.data == hashlib.sha256(data).hexdigest(), hdu.name


@pytest.mark.parametrize("keyword", sorted(VOLATILE_CARDS))
def test_volatile_cards_change_the_file_and_no_hdu(tmp_path: Path, keyword: str) -> None:
    first = file_digest(make(tmp_path / "a.fits", keywords={keyword: "2026-11-25"}))
    second = file_digest(make(tmp_path / "b.fits", keywords={keyword: "2026-11-26"}))
    assert first.sha256 != second.sha256
    assert first.hdus == second.hdus


def test_any_other_card_changes_the_digest_of_its_header_alone(tmp_path: Path) -> None:
    first = file_digest(make(tmp_path / "a.fits", keywords={"FLATCORR": "PERFORM"}))
    second = file_digest(make(tmp_path / "b.fits", keywords={"FLATCORR": "COMPLETE"}))
    assert first.hdus[0].header != second.hdus[0].header
    assert first.hdus[0].data == second.hdus[0].data
    assert first.hdus[1:] == second.hdus[1:]


def test_a_pixel_changes_the_digest_of_its_data_alone(tmp_path: Path) -> None:
    first, second = file_digest(make(tmp_path / "a.fits")), file_digest(make(tmp_path / "b.fits", value=2.0))
    assert first.hdus[1].data != second.hdus[1].data
    assert [hdu.header for hdu in first.hdus] == [hdu.header for hdu in second.hdus]
    assert (first.hdus[0], first.hdus[2]) == (second.hdus[0], second.hdus[2])


@pytest.mark.parametrize("size", [0, 5, 2880, 2881, 5760, 9000])
def test_a_cut_off_file_has_the_digest_of_the_whole_only(tmp_path: Path, size: int) -> None:
    whole = make(tmp_path / "a.fits").read_bytes()
    path = tmp_path / "cut.fits"
    path.write_bytes(whole[:size])
    found = file_digest(path)
    assert (found.size, found.sha256) == (size, hashlib.sha256(whole[:size]).hexdigest())
    assert len(found.hdus) == (1 if size == 2880 else 0)


def test_texts_have_no_hdus(tmp_path: Path) -> None:
    path = tmp_path / "j8cb01u2q.tra"
    path.write_text("Trl file\n")
    assert file_digest(path).hdus == ()


def test_zeros_behind_the_last_hdu_are_padding(tmp_path: Path) -> None:
    path = make(tmp_path / "a.fits")
    hdus = file_digest(path).hdus
    with path.open("ab") as file:
        file.write(bytes(2880 * 3))
    assert file_digest(path).hdus == hdus


def test_several_mebibytes_are_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "large.fits"
    pixels = np.arange(1 << 20, dtype=">f4").reshape(1024, 1024)
    fits.HDUList([fits.PrimaryHDU(), *(fits.ImageHDU(pixels + each, name="SCI", ver=each) for each in (1, 2))]).writeto(
        path
    )
    found = file_digest(path)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [hdu.data for hdu in found.hdus[1:]] == [
        hashlib.sha256((pixels + each).astype(">f4").tobytes()).hexdigest() for each in (1, 2)
    ]


@pytest.mark.parametrize(
    ("card", "value"),
    [
        ("NAXIS1", "-5"),
        ("NAXIS1", "99999999999999"),
        ("NAXIS", "999"),
        ("BITPIX", "x"),
        ("EXTVER", "1.5"),
        ("PCOUNT", "-99"),
    ],
)
def test_headers_that_tell_no_size_give_no_hdus(tmp_path: Path, card: str, value: str) -> None:
    path = make(tmp_path / "a.fits")
    content = bytearray(path.read_bytes())
    place = content.index(f"{card:8}=".encode(), 2880)
    content[place : place + 80] = f"{card:8}= {value:>20}".encode().ljust(80)
    path.write_bytes(content)
    found = file_digest(path)
    assert found.hdus == ()
    assert found.sha256 == hashlib.sha256(content).hexdigest()


def test_a_header_without_end_is_no_fits_file(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    path.write_bytes(b"SIMPLE  =                    T".ljust(2880) + b" " * 2880 * 3)
    assert file_digest(path).hdus == ()
