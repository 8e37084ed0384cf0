"""Objects of an input prefix."""

from __future__ import annotations

import pytest

from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.listing.s3 import S3Listing, make_s3_listing
from caldp.domain.errors import DownloadError
from caldp.domain.output.location import S3Location
from caldp.domain.run.settings import Settings
from tests.contracts.input_listing import MEMBERS, PLAIN, TABLE, InputListingContract
from tests.support.raws import association
from tests.support.s3_server import S3Server

SETTINGS = Settings(profile="test", attempts=1, network_timeout=5.0)


def listing_of(s3: S3Server, bucket: str, prefix: str) -> S3Listing:
    return make_s3_listing(S3Location(bucket, prefix), SETTINGS, s3.environment, AstropyFits())


class TestS3Listing(InputListingContract):
    @pytest.fixture
    def listing(self, s3: S3Server) -> S3Listing:
        """Return the listing of a prefix with files right below it, and in a directory of their dataset."""
        table = association("j8cb010b0", [(name, kind, True) for name, kind in MEMBERS.items()])
        objects = {f"raw/{name}": data for name, data in PLAIN.items()}
        s3.bucket("inputs", **objects, **{f"raw/j8cb010b0/{TABLE}": table, "rawer/ldfd02010.tar.gz": b"another"})
        return listing_of(s3, "inputs", "raw")


def test_a_bucket_that_is_missing_is_named(s3: S3Server) -> None:
    with pytest.raises(DownloadError, match="s3://nowhere-at-all"):
        listing_of(s3, "nowhere-at-all", "").files()
