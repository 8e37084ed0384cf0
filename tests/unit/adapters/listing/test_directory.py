"""Files of an input directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.listing.directory import DirectoryListing
from caldp.domain.errors import InputNotFound
from tests.contracts.input_listing import MEMBERS, PLAIN, TABLE, InputListingContract
from tests.support.raws import association


class TestDirectoryListing(InputListingContract):
    @pytest.fixture
    def listing(self, tmp_path: Path) -> DirectoryListing:
        (tmp_path / "below").mkdir()
        (tmp_path / "below" / "j8cb09u2q_raw.fits").touch()
        table = association("j8cb010b0", [(name, kind, True) for name, kind in MEMBERS.items()])
        for name, data in {TABLE: table, **PLAIN}.items():
            (tmp_path / name).write_bytes(data)
        return DirectoryListing(tmp_path, AstropyFits())


class TestFoldersOfADownload(InputListingContract):
    @pytest.fixture
    def listing(self, tmp_path: Path) -> DirectoryListing:
        table = association("j8cb010b0", [(name, kind, True) for name, kind in MEMBERS.items()])
        for name, data in {TABLE: table, **PLAIN}.items():
            folder = tmp_path / "mastDownload" / "HST" / name[:9]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return DirectoryListing(tmp_path, AstropyFits())


def test_folders_are_not_looked_into_where_the_directory_itself_has_inputs(tmp_path: Path) -> None:
    (tmp_path / "j8cb02010").mkdir()
    (tmp_path / "j8cb02010" / "j8cb02010_asn.fits").touch()
    (tmp_path / "readme.txt").touch()
    assert set(DirectoryListing(tmp_path, AstropyFits()).files()) == {"j8cb02010_asn.fits", "readme.txt"}
    (tmp_path / "j8cb01u2q_raw.fits").touch()
    assert set(DirectoryListing(tmp_path, AstropyFits()).files()) == {"j8cb01u2q_raw.fits", "readme.txt"}


def test_a_tarball_is_the_only_file_of_its_place(tmp_path: Path) -> None:
    (tmp_path / "ldfd01010.tar.gz").write_bytes(b"123")
    (tmp_path / "other.tar.gz").write_bytes(b"1")
    assert DirectoryListing(tmp_path / "ldfd01010.tar.gz", AstropyFits()).files() == {"ldfd01010.tar.gz": 3}


def test_a_place_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match="nowhere"):
        DirectoryListing(tmp_path / "nowhere", AstropyFits()).files()
