"""Contract of the port InputListing."""

from __future__ import annotations

import pytest

from caldp.app.ports.input_listing import InputListing
from caldp.domain.errors import InvalidInput

TABLE = "j8cb010b0_asn.fits"
MEMBERS = {"j8cb010b0": "PROD-DTH", "j8cb01u2q": "EXP-DTH", "j8cb01u3q": "EXP-DTH"}
"""Rows of the association table: rootname and kind."""
DAMAGED = "j8cb020b0_asn.fits"
RAW = b"".join(
    line.encode().ljust(80) for line in ("SIMPLE  =                    T", "DETECTOR= 'HRC     '  / a comment", "END")
)
PLAIN = {"j8cb01u2q_raw.fits": RAW.ljust(2880), "ldfd01010.tar.gz": b"yy", DAMAGED: b"no FITS"}
"""Other files and their contents."""


class InputListingContract:
    """Override the fixture `listing` with one of a place that holds `TABLE` and `PLAIN`; the rest is the contract."""

    @pytest.fixture
    def listing(self) -> InputListing:
        raise NotImplementedError

    def test_all_files_are_listed_with_their_sizes(self, listing: InputListing) -> None:
        files = dict(listing.files())
        assert files.pop(TABLE) > 2000
        assert files == {name: len(data) for name, data in PLAIN.items()}

    def test_rootnames_are_read_from_an_association_table(self, listing: InputListing) -> None:
        listing.files()
        assert set(listing.members(TABLE)) == MEMBERS.keys()

    def test_the_header_of_a_raw_exposure_is_told_or_nothing(self, listing: InputListing) -> None:
        listing.files()
        assert dict(listing.header("j8cb01u2q_raw.fits")) in ({}, {"SIMPLE": "T", "DETECTOR": "HRC"})
        assert dict(listing.header(DAMAGED)) == {}
        assert dict(listing.header("ldfd01010.tar.gz")) == {}

    def test_a_damaged_table_is_said_to_be_so(self, listing: InputListing) -> None:
        listing.files()
        with pytest.raises(InvalidInput, match=DAMAGED):
            listing.members(DAMAGED)
