"""Products, logs and messages in S3."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from attrs import field, frozen

from caldp.adapters.store.s3_readers import read_in_processes
from caldp.adapters.support.cores import usable_cores
from caldp.adapters.support.disk import why
from caldp.adapters.support.pace import TransferLimits
from caldp.adapters.support.retrying import retrying
from caldp.adapters.support.s3 import answered, connect, error_code, listed, reading, refuse_unless_deleted, writing
from caldp.adapters.support.s3_download import S3Reader
from caldp.adapters.support.s3_upload import S3Upload, split
from caldp.app.ports.object_store import Reading, StoredObject
from caldp.domain.errors import ConditionsUnknown, KeyTaken, UploadError
from caldp.domain.output.location import S3Location
from caldp.domain.run.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

_CHUNK: Final = 1 << 20
_MISSING: Final = frozenset({"NoSuchKey", "404"})
_EMPTY: Final = "InvalidRange"
"""Answer to a question for a part of an object that has no bytes there."""
_REFUSED: Final = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
_UNKNOWN: Final = frozenset({"NotImplemented", "501"})
_READINGS: Final = 4
_READS: Final = 16
"""Small objects that are read at the same time: enough for the latency of S3."""
_MANY: Final = 500
"""Number of small objects from which processes of their own are worth the second that they need to start."""


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
        Number of parts on the way; so many times 6 MiB are in memory (more beyond 6 GB).
    limits
        Longest time for an object.
    read_far
        Reads small objects by their keys in other processes; None where that gains nothing.
    """

    client: S3Client = field(repr=False)
    root: S3Location
    transfers: int = 4
    limits: TransferLimits = field(factory=TransferLimits)
    read_far: Callable[[Iterable[str]], Iterator[bytes | None]] | None = field(default=None, repr=False)

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small object with one PutObject: CALCLOUD's notifications fire on nothing else."""
        upload = self._upload(key)
        upload.verify(upload.in_one(data))

    def put_if(self, key: str, data: bytes, version: str | None) -> str:
        """Store a small object on the condition that S3 checks (If-None-Match, If-Match), and read it back.

        Some stores ignore conditions, and an answer that was lost makes a second try fail: who has won is what is
        there in the end.
        """
        condition = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
        try:
            self._upload(key).in_one(data, condition)
        except UploadError as error:
            code = error_code(error.__cause__) if isinstance(error.__cause__, Exception) else ""
            if code in _UNKNOWN:
                raise ConditionsUnknown(f"{self.locate(key)}: the store knows no conditional requests.") from error
            if code not in _REFUSED and code not in _MISSING:
                raise
        found = self.read(key)
        if found is None or found.data != data:
            raise KeyTaken(f"{self.locate(key)} has been changed by another.")
        return found.version

    def read(self, key: str) -> Reading | None:
        """Download a small object; its age is the difference of two times that S3 tells."""
        found = self._get(key)
        if found is None:
            return None
        data, answer = found
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return Reading(data, answer["ETag"], max(0.0, (now - answer["LastModified"]).total_seconds()))

    def put_file(self, key: str, path: Path, *, consume: bool = False) -> StoredObject:
        """Upload a file."""
        stored = self.put_stream(key, _chunks(path))
        if consume:
            path.unlink(missing_ok=True)
        return stored

    def put_stream(self, key: str, chunks: Iterable[bytes]) -> StoredObject:
        """Upload what an iterator yields."""
        parts, upload = split(chunks), self._upload(key)
        first, second = next(parts, b""), next(parts, None)
        if second is None:
            checksum = upload.in_one(first)
        else:
            checksum = upload.in_parts(chain((first, second), parts), self.transfers)
        return StoredObject(key, checksum.size, f"{checksum.crc:08x}", upload.verify(checksum))

    def settle(self, prefix: str) -> None:
        """Do nothing: what S3 has taken survives."""

    def replace(self, staged: str, prefix: str, unsettle: Callable[[], None]) -> None:
        """Copy on the server, several at the same time; then delete what is left of what was there.

        One copy is made to another place first: the right to copy is one of its own.
        """
        wanted = {item.key.removeprefix(staged): item for item in self.list(staged)}
        if not wanted:
            raise UploadError(f"Nothing lies below {self.locate(staged)}, which was to be put in place.")
        probe = f"{staged.rstrip('/')}.probe"
        self._copy(min(wanted.values(), key=lambda item: item.size).key, probe)
        self.delete(probe)
        unsettle()
        with ThreadPoolExecutor(self.transfers, "caldp-s3") as pool:
            deque(pool.map(lambda name: self._copy(staged + name, prefix + name), wanted), maxlen=0)
        found = {item.key.removeprefix(prefix): item for item in self.list(prefix)}
        for name, item in wanted.items():
            if name not in found or found[name].size != item.size:
                raise UploadError(f"{self.locate(prefix + name)} is not what was copied there.", advice="Run it again.")
        for name in found.keys() - wanted.keys():
            self.delete(prefix + name)

    def get_bytes(self, key: str) -> bytes | None:
        """Download a small object."""
        found = self._get(key)
        return None if found is None else found[0]

    def get_many(self, keys: Iterable[str]) -> Generator[bytes | None, None, None]:
        """Download small objects, several at the same time; if there are many, in processes of their own."""
        remaining = iter(keys)
        first = list(islice(remaining, _MANY))
        if self.read_far is None or len(first) < _MANY:
            with ThreadPoolExecutor(_READS, "caldp-s3") as pool:
                while first:
                    yield from pool.map(self.get_bytes, first)
                    first = list(islice(remaining, _MANY))
        else:
            yield from self.read_far(chain(first, remaining))

    def get_part(self, key: str, start: int, size: int) -> bytes | None:
        """Download some bytes of an object."""
        found = self._get(key, (start, size))
        return None if found is None else found[0]

    def get_stream(self, stored: StoredObject) -> Iterator[bytes]:
        """Download an object; after a break it is read on, if it is still the same version."""
        key = self._key(stored.key)
        with closing(
            S3Reader(self.client, self.root.bucket, key, stored.size, stored.version, _READINGS, self.limits)
        ) as reader:
            while piece := reader.read(_CHUNK):
                yield piece

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List objects, a thousand a request."""
        start = len(self._key(""))
        for item in listed(self.client, self.root.bucket, self._key(prefix), UploadError):
            yield StoredObject(item["Key"][start:], item["Size"], version=item.get("ETag", ""))

    def delete(self, key: str) -> None:
        """Delete an object."""
        with writing(self.locate(key)):
            answer = self.client.delete_object(Bucket=self.root.bucket, Key=self._key(key))
        refuse_unless_deleted(answer, self.locate(key))

    def locate(self, key: str) -> str:
        """Return ``s3://bucket/prefix/key``."""
        return f"s3://{self.root.bucket}/{self._key(key)}"

    def _get(self, key: str, part: tuple[int, int] | None = None) -> tuple[bytes, GetObjectOutputTypeDef] | None:
        """Ask for an object, or for so many bytes from a position on; again if the connection breaks in the middle."""
        from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

        def get() -> tuple[bytes, GetObjectOutputTypeDef]:
            bucket, name = self.root.bucket, self._key(key)
            if part is None:
                answer = self.client.get_object(Bucket=bucket, Key=name)
            else:
                answer = self.client.get_object(Bucket=bucket, Key=name, Range=f"bytes={part[0]}-{sum(part) - 1}")
            with closing(answer["Body"]) as body:
                return body.read(), answer

        with reading(self.locate(key), UploadError):
            try:
                found = retrying(_READINGS, (HTTPClientError, IncompleteReadError))(get)
            except ClientError as error:
                if error_code(error) in _MISSING:
                    return None
                if part is not None and error_code(error) == _EMPTY:
                    return b"", cast("GetObjectOutputTypeDef", error.response)
                raise
        answered(found[1], self.locate(key), UploadError, "ETag", "LastModified")
        return found

    def _copy(self, source: str, key: str) -> None:
        with writing(self.locate(key)):
            self.client.copy({"Bucket": self.root.bucket, "Key": self._key(source)}, self.root.bucket, self._key(key))

    def _key(self, key: str) -> str:
        return f"{self.root.prefix}/{key}" if self.root.prefix else key

    def _upload(self, key: str) -> S3Upload:
        return S3Upload(self.client, self.root.bucket, self._key(key), self.limits)


def make_s3_store(location: S3Location, settings: Settings, environment: Mapping[str, str]) -> S3Store:
    """Build the store of an ``s3:`` location."""
    client = connect(location.bucket, settings, environment)
    far = partial(read_in_processes, location=location, settings=settings, environment=environment)
    has_cores = usable_cores() > 1
    limits = TransferLimits.of(settings)
    return S3Store(client, location, max(1, settings.transfers), limits, far if has_cores else None)


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise UploadError(f"{path} cannot be read: {why(error)}.") from error
