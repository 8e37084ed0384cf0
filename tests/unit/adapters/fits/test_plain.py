"""HDUs that are read without astropy are those that astropy reads, or are left to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from caldp.adapters.fits import astropy as by_astropy
from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.fits.hdus import Hdu
from caldp.adapters.fits.plain import plain_hdus, plain_members
from caldp.adapters.support.plain_fits import Unordinary
from caldp.domain.errors import InvalidInput
from caldp.domain.hst.association import Member
from caldp.domain.hst.files import FitsFacts, UnreadableFits

_BLOCK = 2880
MEMBERS = (Member("ldfd01vnq", "EXP-FP"), Member("ldfd01010", "PROD-FP", present=False))


def write_product(path: Path) -> Path:
    """Write images and a table of all kinds of columns that calibration makes, and a long string."""
    primary = fits.PrimaryHDU()
    primary.header["ROOTNAME"] = "ldfd01vnq"
    primary.header["LONG"] = "ten letters" * 12
    science = fits.ImageHDU(np.arange(2000, dtype="f4").reshape(40, 50), name="SCI")
    constant = fits.ImageHDU(name="ERR", ver=2)
    constant.header.update(PIXVALUE=0.0, NPIX1=50, NPIX2=40)
    counts = fits.ImageHDU(np.arange(30, dtype="u2"), name="DQ")
    columns = [
        fits.Column("SEGMENT", "4A", array=["FUVA", "FUVB"]),
        fits.Column("EXPTIME", "D", array=[1.0, 2.0]),
        fits.Column("DQ", "3I", array=np.arange(6).reshape(2, 3)),
        fits.Column("NELEM", "J", array=[3, 3]),
        fits.Column("IS_GOOD", "L", array=[True, False]),
        fits.Column("FLUX", "3E", array=np.arange(6.0).reshape(2, 3)),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="SCI", ver=3)
    fits.HDUList([primary, science, constant, counts, table]).writeto(path)
    return path


def write_table(path: Path) -> Path:
    columns = [
        fits.Column("MEMNAME", "14A", array=[member.name.upper() for member in MEMBERS]),
        fits.Column("MEMTYPE", "14A", array=[member.kind for member in MEMBERS]),
        fits.Column("MEMPRSNT", "L", array=[member.present for member in MEMBERS]),
    ]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)]).writeto(path)
    return path


def shown(hdus: object) -> list[tuple[object, ...]]:
    assert isinstance(hdus, list | tuple)
    return [(hdu.cards, hdu.start, None if hdu.row is None else _offsets(hdu)) for hdu in hdus]


def _offsets(hdu: Hdu) -> tuple[object, ...]:
    assert hdu.row is not None
    return hdu.row.itemsize, [(name.upper(), hdu.row.fields[name][1]) for name in hdu.row.names or () if hdu.row.fields]


def test_headers_places_and_rows_are_those_that_astropy_finds(tmp_path: Path) -> None:
    path = write_product(tmp_path / "ldfd01vnq_x1d.fits")
    plain = plain_hdus(path, with_rows=True)
    assert shown(plain) == shown(by_astropy._hdus_by_astropy(path, science=True))
    assert [hdu.keywords.get("EXTVER") for hdu in plain] == [None, None, 2, None, 3]
    assert plain[0].keywords["LONG"] == "ten letters" * 12


def test_members_are_those_that_astropy_finds(tmp_path: Path) -> None:
    path = write_table(tmp_path / "ldfd01010_asn.fits")
    assert plain_members(path) == by_astropy._members(path) == MEMBERS


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new.ljust(len(old)), 1)

    return change


UNORDINARY: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda content: content[:-_BLOCK],
    "padded with zeros": lambda content: content + bytes(_BLOCK),
    "with something behind": lambda content: content + b" " * 80,
    "other letters": _replaced(b"MEMTYPE ", b"MEMTYP\xc9"),
    "structure told twice": _replaced(b"TFIELDS =                    3", b"NAXIS2  =                    1"),
    "a column of bits": _replaced(b"'14A     '", b"'14X     '"),
    "a column without a name": _replaced(b"'MEMTYPE '", b"'        '"),
    "rows that are too long": _replaced(b"TFORM1  = '14A     '", b"TFORM1  = '15A     '"),
    "a name of other letters": _replaced(b"LDFD01VNQ", b"LDFD01VN\xd1"),
    "a name with an end within": _replaced(b"LDFD01VNQ", b"LDFD\x0001NQ"),
    "numbers for names": _replaced(b"TFORM2  = '14A     '", b"TFORM2  = '14B     '"),
    "no such column": _replaced(b"'MEMPRSNT'", b"'PRESENT '"),
    "no number of columns": _replaced(b"TFIELDS =                    3", b"TFIELDS =                    T"),
    "groups": _replaced(b"TFIELDS =                    3", b"GROUPS  =                    T"),
    "a damaged card": _replaced(b"TFIELDS =                    3", b"TFIELDS = 3 3"),
    "no FITS file": lambda content: b"<html>" + content[6:],
}


@pytest.mark.parametrize("change", UNORDINARY.values(), ids=UNORDINARY)
def test_all_else_is_left_to_astropy(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = write_table(tmp_path / "ldfd01010_asn.fits")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(Unordinary):
        plain_members(path)


def test_what_is_left_to_astropy_is_read_as_before(tmp_path: Path) -> None:
    path = write_table(tmp_path / "ldfd01010_asn.fits")
    path.write_bytes(path.read_bytes() + bytes(_BLOCK))
    facts = AstropyFits().facts(path)
    assert isinstance(facts, FitsFacts)
    assert facts.extensions[0].rows == len(MEMBERS)
    assert AstropyFits().association(path).members == MEMBERS


@pytest.mark.parametrize(
    "change",
    [
        _replaced(b"'SEGMENT '", b"'FLUX    '"),
        _replaced(b"'3E      '  ", b"'999999999D'"),
        _replaced(b"'FLUX    '", b"''"),
    ],
    ids=["two of a name", "too wide", "without a name"],
)
def test_columns_of_another_kind_are_left_to_astropy(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = write_product(tmp_path / "ldfd01vnq_x1d.fits")
    path.write_bytes(change(path.read_bytes()))
    plain_hdus(path)
    with pytest.raises(Unordinary):
        plain_hdus(path, with_rows=True)


def test_an_ordinary_file_needs_no_astropy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    product, table = write_product(tmp_path / "ldfd01vnq_x1d.fits"), write_table(tmp_path / "ldfd01010_asn.fits")
    monkeypatch.setattr(by_astropy, "_opened", None)
    facts = AstropyFits().facts(product, science=True)
    assert isinstance(facts, FitsFacts)
    assert [extension.name for extension in facts.extensions] == ["SCI", "ERR", "DQ", "SCI"]
    assert AstropyFits().association(table).members == MEMBERS


@given(place=st.integers(0, 30_000), byte=st.sampled_from(b" '/=+-.&0129TFEX\0\n\x1c\xff"))
@settings(max_examples=300, deadline=None)
@pytest.mark.parametrize("write", [write_product, write_table])
def test_a_damaged_file_says_what_astropy_says(
    write: Callable[[Path], Path], place: int, byte: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One byte that is not blank has another value, and the answer is that of astropy in every word."""
    path = write(tmp_path_factory.mktemp("fits") / "ldfd01010_asn.fits")
    content = bytearray(path.read_bytes())
    written = [number for number, old in enumerate(content) if old not in b" \0"]
    content[written[place % len(written)]] = byte
    path.write_bytes(content)
    told = _told(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("caldp.adapters.fits.plain.ordinary_headers", _refuse)
        assert told == _told(path)


def _refuse(*_arguments: object) -> bytes:
    raise Unordinary("not in this test")


def _told(path: Path) -> tuple[object, ...]:
    files = AstropyFits()
    try:
        members: object = files.association(path).members
    except InvalidInput as error:
        members = error.message
    facts = [files.facts(path, science=science) for science in (False, True)]
    assert all(isinstance(one, FitsFacts | UnreadableFits) for one in facts)
    return members, repr(facts)
