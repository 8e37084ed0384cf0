"""Inputs from S3: a dataset's tarball, or its files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from caldp.adapters.support.disk import Metered, pour
from caldp.adapters.support.inputs import Shelf, holds_any, keep_selected, take_selected
from caldp.adapters.support.pace import TransferLimits
from caldp.adapters.support.s3 import connect, listed
from caldp.adapters.support.s3_download import S3Reader
from caldp.adapters.support.tar_gate import TarLimits
from caldp.adapters.support.unpacking import unpack
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.domain.errors import DownloadError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.selection import Guide
from caldp.domain.output.location import S3Location
from caldp.domain.run.events import Note
from caldp.domain.run.quoting import quoted
from caldp.domain.run.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_TARBALLS: Final = (".tar.gz", ".tgz", ".tar")
# Below a prefix: all of a dataset's files together, or each rootname's in the layout of MAST's public bucket.
_TOGETHER: Final = "{root}/"
_PUBLIC: Final = ("hst/public/{first}/{root}/", "{first}/{root}/")


@frozen
class S3Archive:
    """A bucket and prefix that hold ``<dataset>.tar.gz`` or its files; implements the port ArchiveSource.

    A tarball is unpacked while it is downloaded. If there is none, files are taken from ``<dataset>/``, or from
    the layout of MAST's public bucket stpubdata, ``hst/public/<first four letters>/<rootname>/``, where every
    member of an association has a place of its own.

    Attributes
    ----------
    client
        A client of boto3.
    root
        Bucket and prefix, or a tarball's own address.
    fits
        Reads association tables.
    limits
        Greatest size of a tarball.
    transfers
        Number of files downloaded at the same time.
    attempts
        Number of tries of each request.
    pace
        Slowest pace of a file.
    """

    client: S3Client = field(repr=False)
    root: S3Location
    fits: FitsFiles
    limits: TarLimits
    transfers: int
    attempts: int
    pace: TransferLimits = field(factory=TransferLimits)

    def fetch(self, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        """Download the dataset's tarball or files."""
        itself = self.root.prefix.lower().endswith(_TARBALLS)
        tarball = self._find(self.root.prefix if itself else self._key(f"{dataset}.tar.gz"))
        if tarball is not None:
            label = quoted(f"s3://{tarball.bucket}/{tarball.key}")
            tell(Note(f"Unpacking {label}."))
            with closing(tarball):
                metered = Metered(tarball, tarball.key.rpartition("/")[2], tarball.size, tell)
                unpacked = unpack(metered, destination, label, self.limits)
            return keep_selected(dataset, unpacked, label, self.fits, tell, self.limits.total_bytes)
        return self._from_files(dataset, destination, tell)

    def _from_files(self, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        keys: dict[str, str] = {}
        style = self._style(dataset, keys)

        def beyond(guide: Guide) -> tuple[str, ...]:
            known = set(keys)
            if style != _TOGETHER and isinstance(guide, Association):
                for root in sorted(guide.roots - {dataset.name}):
                    keys.update(self._files(style, root))
            return tuple(sorted(keys.keys() - known))

        def take(name: str, target: Path) -> None:
            reader = self._find(keys[name])
            if reader is None:
                raise DownloadError(f"s3://{self.root.bucket}/{keys[name]} has disappeared.", advice="Run it again.")
            with closing(reader):
                pour(Metered(reader, target.name, reader.size, tell), target)

        shelf = Shelf(
            quoted(self.root),
            tuple(keys),
            take,
            self.limits.total_bytes,
            beyond,
            at_once=self.transfers,
            if_missing=ExitCode.S3_DOWNLOAD_ERROR,
        )
        return take_selected(dataset, shelf, destination, self.fits, tell)

    def _style(self, dataset: AnyDataset, keys: dict[str, str]) -> str:
        """Find out how files are arranged, and the keys of the dataset's own."""
        for style in (_TOGETHER, *_PUBLIC):
            found = self._files(style, dataset.name)
            if holds_any(dataset, tuple(found)):
                keys.update(found)
                return style
        return _TOGETHER

    def _files(self, style: str, root: str) -> dict[str, str]:
        """List the files that lie directly in a rootname's place: keys by file name."""
        place = self._key(style.format(first=root[:4], root=root))
        found = [item["Key"] for item in listed(self.client, self.root.bucket, place, DownloadError, Delimiter="/")]
        return {key.removeprefix(place): key for key in found if key != place}

    def _find(self, key: str) -> S3Reader | None:
        return S3Reader.find(self.client, self.root.bucket, key, self.attempts, self.pace)

    def _key(self, name: str) -> str:
        return f"{self.root.prefix}/{name}" if self.root.prefix else name


def make_s3_archive(
    location: S3Location, settings: Settings, environment: Mapping[str, str], fits: FitsFiles
) -> S3Archive:
    """Build the source of an ``s3:`` location."""
    return S3Archive(
        client=connect(location.bucket, settings, environment),
        root=location,
        fits=fits,
        limits=TarLimits(files=settings.tar_max_files, total_bytes=settings.tar_max_bytes),
        transfers=max(1, settings.transfers),
        attempts=max(1, settings.attempts),
        pace=TransferLimits.of(settings),
    )
