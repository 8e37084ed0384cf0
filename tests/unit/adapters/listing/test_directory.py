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


def test_a_tarball_is_the_only_file_of_its_place(tmp_path: Path) -> None:
    (tmp_path / "ldfd01010.tar.gz").write_bytes(b"123")
    (tmp_path / "other.tar.gz").write_bytes(b"1")
    assert DirectoryListing(tmp_path / "ldfd01010.tar.gz", AstropyFits()).files() == {"ldfd01010.tar.gz": 3}


def test_a_place_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match="nowhere"):
        DirectoryListing(tmp_path / "nowhere", AstropyFits()).files()
