"""Products, logs and messages in S3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from caldp.adapters.tools.disk import why
from caldp.adapters.tools.s3 import answered, connect, error_code, listed, reading, refuse_unless_deleted, writing
from caldp.adapters.tools.s3_upload import S3Upload, split
from caldp.app.ports import StoredObject
from caldp.domain.errors import UploadError
from caldp.domain.location import S3Location
from caldp.domain.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_CHUNK: Final = 1 << 20
_MISSING: Final = frozenset({"NoSuchKey", "404"})


@frozen
class S3Store:
    """A bucket and prefix; implements the port ObjectStore.

    What is small goes in one PutObject, whatever is larger in a multipart upload, of which some parts are on the
    way at the same time. Each request carries a checksum that S3 checks; when all is there, its size and checksum
    are asked back. Parts of an upload that a killed process left are not visible, and stay until the bucket's
    lifecycle rules remove them.

    Attributes
    ----------
    client
        A client of boto3.
    root
        Bucket and prefix.
    transfers
        How many parts may be on the way; so many times 6 MiB are in memory (more beyond 6 GB).
    """

    client: S3Client = field(repr=False)
    root: S3Location
    transfers: int = 4

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small object with one PutObject: CALCLOUD's notifications fire on nothing else."""
        upload = self._upload(key)
        upload.verify(upload.in_one(data))

    def put_file(self, key: str, path: Path, *, consume: bool = False) -> None:
        """Upload a file."""
        self.put_stream(key, _chunks(path))
        if consume:
            path.unlink(missing_ok=True)

    def put_stream(self, key: str, chunks: Iterable[bytes]) -> StoredObject:
        """Upload what an iterator yields."""
        parts, upload = split(chunks), self._upload(key)
        first, second = next(parts, b""), next(parts, None)
        if second is None:
            checksum = upload.in_one(first)
        else:
            checksum = upload.in_parts(chain((first, second), parts), self.transfers)
        upload.verify(checksum)
        return StoredObject(key, checksum.size)

    def get_bytes(self, key: str) -> bytes | None:
        """Download a small object."""
        from botocore.exceptions import ClientError

        with reading(self.locate(key), UploadError):
            try:
                answer = self.client.get_object(Bucket=self.root.bucket, Key=self._key(key))
                data = answer["Body"].read()
            except ClientError as error:
                if error_code(error) in _MISSING:
                    return None
                raise
        answered(answer, self.locate(key), UploadError, "ETag")
        return data

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List objects, a thousand a request."""
        start = len(self._key(""))
        for item in listed(self.client, self.root.bucket, self._key(prefix), UploadError):
            yield StoredObject(item["Key"][start:], item["Size"])

    def delete(self, key: str) -> None:
        """Delete an object."""
        with writing(self.locate(key)):
            answer = self.client.delete_object(Bucket=self.root.bucket, Key=self._key(key))
        refuse_unless_deleted(answer, self.locate(key))

    def locate(self, key: str) -> str:
        """Return ``s3://bucket/prefix/key``."""
        return f"s3://{self.root.bucket}/{self._key(key)}"

    def _key(self, key: str) -> str:
        return f"{self.root.prefix}/{key}" if self.root.prefix else key

    def _upload(self, key: str) -> S3Upload:
        return S3Upload(self.client, self.root.bucket, self._key(key))


def make_s3_store(location: S3Location, settings: Settings, environment: Mapping[str, str]) -> S3Store:
    """Build the store of an ``s3:`` location."""
    return S3Store(connect(location.bucket, settings, environment), location, max(1, settings.transfers))


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise UploadError(f"{path} cannot be read: {why(error)}.") from error
