"""Objects of an input prefix in S3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from attrs import field, frozen

from caldp.adapters.support.s3 import connect, listed
from caldp.app.ports.fits_files import FitsFiles
from caldp.domain.errors import DownloadError
from caldp.domain.output.location import S3Location
from caldp.domain.run.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@frozen
class S3Listing:
    """Lists the objects below a prefix; implements the port InputListing.

    Attributes
    ----------
    client
        A client of boto3.
    root
        Bucket and prefix.
    fits
        Reads association tables.
    """

    client: S3Client = field(repr=False)
    root: S3Location
    fits: FitsFiles

    def files(self) -> Mapping[str, int]:
        """List names and sizes, wherever below the prefix the objects lie."""
        found = listed(self.client, self.root.bucket, self._prefix, DownloadError)
        return {item["Key"].rpartition("/")[2]: item["Size"] for item in found}

    def members(self, table: str) -> Iterable[str]:
        """Download an association table and read it."""
        found = listed(self.client, self.root.bucket, self._prefix, DownloadError)
        key = next(item["Key"] for item in found if item["Key"].rpartition("/")[2] == table)
        with TemporaryDirectory(prefix="caldp-") as place:
            path = Path(place, table)
            self.client.download_file(self.root.bucket, key, str(path))
            return self.fits.association(path).roots

    def header(self, name: str) -> Mapping[str, str]:
        """Return nothing: a request for each dataset would take longer than the estimate is worth."""
        del name
        return {}

    @property
    def _prefix(self) -> str:
        return f"{self.root.prefix}/" if self.root.prefix else ""


def make_s3_listing(
    location: S3Location, settings: Settings, environment: Mapping[str, str], fits: FitsFiles
) -> S3Listing:
    """Build the listing of an ``s3:`` location."""
    return S3Listing(connect(location.bucket, settings, environment), location, fits)
