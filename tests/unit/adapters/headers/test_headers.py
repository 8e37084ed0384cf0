"""Headers of many files, read without astropy and compared with what astropy reads."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from caldp.adapters.headers.cards import read_headers, value_of
from caldp.adapters.headers.files import Headers
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.stale.header_values import FileHeaders
from tests.contracts.header_source import DAMAGED, NAMES, Case, HeaderSourceContract
from tests.support.raws import raw


def write_files(directory: Path) -> None:
    for name in NAMES:
        (directory / name).write_bytes(raw(name.partition("_")[0], "ACS"))
    (directory / DAMAGED).write_text("no FITS")
    (directory / "notes.txt").write_text("of the observer")


class TestHeaders(HeaderSourceContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        write_files(tmp_path)
        return Case(Headers(), tmp_path)


def headers_of(path: Path) -> FileHeaders:
    (found,) = Headers().files(path)
    assert isinstance(found, FileHeaders)
    return found


def test_values_are_those_that_astropy_reads(tmp_path: Path) -> None:
    primary = fits.PrimaryHDU()
    primary.header.update({
        "TEXT": "it's / not a comment", "EMPTY": "", "BLANKS": "a  ", "TRUTH": True, "LIE": False, "COUNT": -17,
        "SMALL": 1.5e-20, "LARGE": 12345678.25, "QUOTES": "'' ''",
    })  # fmt: skip
    primary.header["COUNT"] = (-17, "number of things / of all")
    primary.header.add_history("no = value")
    primary.header["HIERARCH ESO LONG KEY"] = 5
    table = fits.BinTableHDU(np.zeros(7, dtype=[("A", "i4"), ("B", "f8", 3)]), name="EVENTS")
    image = fits.ImageHDU(np.zeros((33, 65), dtype="int16"), name="SCI")
    path = tmp_path / "j8cb01u2q_raw.fits"
    fits.HDUList([primary, table, image, fits.ImageHDU(name="ERR")]).writeto(path)
    found = headers_of(path).hdus
    with fits.open(path) as hdus:
        assert len(found) == len(hdus)
        for mine, hdu in zip(found, hdus, strict=True):
            theirs = {card.keyword: card.value for card in hdu.header.cards if len(card.keyword) <= 8}
            theirs = {key: value for key, value in theirs.items() if key not in ("", "HISTORY", "COMMENT")}
            assert mine == theirs
            assert {key: type(value) for key, value in mine.items()} == {key: type(theirs[key]) for key in theirs}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("1.5D3", 1500.0),
        ("'a''b  ' / c", "a'b"),
        ("T", True),
        ("", None),
        ("'open", None),
        ("(1, 2)", None),
        ("7/x", 7),
    ],
)
def test_fields_are_read_as_the_standard_says(field: str, value: object) -> None:
    assert value_of(field) == value


def test_the_first_of_repeated_keywords_counts(tmp_path: Path) -> None:
    primary = fits.PrimaryHDU()
    primary.header.append(("ASN_ID", "FIRST"))
    primary.header.append(("ASN_ID", "SECOND"))
    primary.writeto(tmp_path / "x.fits")
    assert headers_of(tmp_path / "x.fits").hdus[0]["ASN_ID"] == "FIRST"


def test_data_are_passed_over(tmp_path: Path) -> None:
    """The headers of two images of 8 MB are had for a few requests."""
    path = tmp_path / "j8cb01u2q_raw.fits"
    images = [fits.ImageHDU(np.zeros((1024, 1024)), name="SCI", ver=version) for version in (1, 2)]
    fits.HDUList([fits.PrimaryHDU(), *images]).writeto(path)
    data, asked = path.read_bytes(), list[int]()

    def read(start: int, size: int) -> bytes:
        asked.append(size)
        return data[start : start + size]

    found = Headers().parts(path.name, "s3://bucket/x", read)
    assert isinstance(found, FileHeaders)
    assert found.hdus == headers_of(path).hdus
    assert len(asked) <= 4
    assert sum(asked) < 300_000


@pytest.mark.parametrize("size", [0, 100, 2880 * 1 - 1])
def test_a_header_that_is_cut_off_is_damage(size: int) -> None:
    source = io.BytesIO(raw("j8cb01u2q")[:size])
    with pytest.raises(ValueError, match=r"cut off|empty"):
        read_headers(source.read, lambda count: source.seek(count, 1))


def test_zeros_behind_the_last_hdu_are_padding() -> None:
    source = io.BytesIO(raw("j8cb01u2q") + bytes(2880))
    assert len(read_headers(source.read, lambda count: source.seek(count, 1))) == 2


def test_compressed_files_and_tarballs_are_read(tmp_path: Path) -> None:
    data = {name: raw(name.partition("_")[0], "ACS") for name in NAMES}
    (tmp_path / f"{NAMES[0]}.gz").write_bytes(gzip.compress(data[NAMES[0]]))
    with tarfile.open(tmp_path / "jbz504010.tar.gz", "w:gz") as tar:
        for name in reversed(NAMES[1:]):
            member = tarfile.TarInfo(f"jbz504010/{name}")
            member.size = len(data[name])
            tar.addfile(member, io.BytesIO(data[name]))
    found = list(Headers().files(tmp_path))
    assert [one.name for one in found] == [*NAMES[1:], NAMES[0]]
    containers = [one.container for one in found if isinstance(one, FileHeaders)]
    assert containers == [*2 * [str(tmp_path / "jbz504010.tar.gz")], str(tmp_path)]


def test_a_damaged_tarball_of_a_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "jbz504010.tar.gz").write_bytes(gzip.compress(b"no tarball"))
    (found,) = Headers().files(tmp_path)
    assert isinstance(found, UnreadableFits)
    assert found.name == "jbz504010.tar.gz"
