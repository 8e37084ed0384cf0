"""Uploads to S3 in parts that are on the way at the same time, with checksums."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from caldp.adapters.support.pace import Deadline, TransferLimits
from caldp.adapters.support.s3 import answered, error_code, reading, writing
from caldp.app.pool import for_at_most, working
from caldp.domain.errors import UploadError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, HeadObjectOutputTypeDef

_PART: Final = 6 << 20  # bytes; S3 takes parts of 5 MiB and more
_PARTS_OF_A_SIZE: Final = 1000  # S3 takes 10,000 parts: with growing sizes they make 330 GB
_MD5: Final = re.compile(r"[0-9a-f]{32}(-[0-9]+)?")
_CHUNK: Final = 1 << 20
_LAST_WORDS: Final = 2.0  # seconds that a run which is stopped has for taking back an upload


@frozen
class Checksum:
    """Size (bytes) and CRC-32 of data that come piece by piece.

    Attributes
    ----------
    tag
        The ETag that S3 makes of the data where it makes it of their MD5; empty until all are sent.
    """

    size: int = 0
    crc: int = 0
    tag: str = ""

    def plus(self, data: bytes) -> Checksum:
        """Return the checksum of what was there and more data."""
        from isal import isal_zlib

        return Checksum(self.size + len(data), isal_zlib.crc32(data, self.crc))

    @property
    def base64(self) -> str:
        """The CRC as S3 writes it."""
        return base64.b64encode(self.crc.to_bytes(4, "big")).decode()


@frozen
class S3Upload:
    """One object on its way to S3.

    Attributes
    ----------
    client
        A client of boto3.
    bucket, key
        Bucket and key of the object.
    limits
        Longest time for the object.
    """

    client: S3Client = field(repr=False)
    bucket: str
    key: str
    limits: TransferLimits = field(factory=TransferLimits)

    @property
    def address(self) -> str:
        """The object's address."""
        return f"s3://{self.bucket}/{self.key}"

    def in_one(self, data: bytes, condition: Mapping[str, Any] = MappingProxyType({})) -> Checksum:
        """Put an object in one request.

        Parameters
        ----------
        data
            Its content.
        condition
            ``IfNoneMatch`` or ``IfMatch`` of PutObject, if it is to be stored on a condition.
        """
        checksum = Checksum().plus(data)
        with writing(self.address):
            answer = self.client.put_object(
                Bucket=self.bucket,
                Key=self.key,
                Body=data,
                ChecksumAlgorithm="CRC32",
                ChecksumCRC32=checksum.base64,
                **condition,
            )
        answered(answer, self.address, UploadError, "ETag")
        return evolve(checksum, tag=_md5(data).hexdigest())

    def in_parts(self, parts: Iterable[bytes], transfers: int) -> Checksum:
        """Put an object part by part; if that fails, or the parts' source does, the parts are given up.

        Parameters
        ----------
        parts
            As `split` makes them.
        transfers
            Greatest number of parts on the way at the same time.
        """
        with writing(self.address):
            begun = self.client.create_multipart_upload(
                Bucket=self.bucket, Key=self.key, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
            )
        answered(begun, self.address, UploadError, "UploadId")
        upload = begun["UploadId"]
        try:
            checksum, done = self._put_parts(upload, parts, transfers)
            self._complete(upload, checksum, done)
        except Exception:
            self._abort(upload)
            raise
        except BaseException:  # a stop, which has no time for a server that may hang
            for_at_most(_LAST_WORDS, lambda: self._abort(upload))
            raise
        return checksum

    def _abort(self, upload: str) -> None:
        with suppress(UploadError), writing(self.address):
            self.client.abort_multipart_upload(Bucket=self.bucket, Key=self.key, UploadId=upload)

    def _put_parts(
        self, upload: str, parts: Iterable[bytes], transfers: int
    ) -> tuple[Checksum, list[CompletedPartTypeDef]]:
        checksum, deadline = Checksum(), Deadline(self.limits.deadline)
        done: list[CompletedPartTypeDef] = []
        digests = bytearray()
        pending: deque[Future[tuple[CompletedPartTypeDef, bytes]]] = deque()

        def take(part: tuple[CompletedPartTypeDef, bytes]) -> None:
            done.append(part[0])
            digests.extend(part[1])

        with working(transfers, "caldp-s3") as pool:
            for number, part in enumerate(parts, 1):
                checksum = checksum.plus(part)
                pending.append(pool.submit(self._put_part, upload, number, part))
                if len(pending) >= transfers:
                    take(pending.popleft().result())
                    with writing(self.address):
                        deadline.check()
            for future in pending:
                take(future.result())
        return evolve(checksum, tag=f"{_md5(digests).hexdigest()}-{len(done)}"), done

    def _put_part(self, upload: str, number: int, part: bytes) -> tuple[CompletedPartTypeDef, bytes]:
        checksum = Checksum().plus(part).base64
        with writing(self.address):
            answer = self.client.upload_part(
                Bucket=self.bucket,
                Key=self.key,
                UploadId=upload,
                PartNumber=number,
                Body=part,
                ChecksumCRC32=checksum,
            )
        answered(answer, self.address, UploadError, "ETag")
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC32": checksum}, _md5(part).digest()

    def _complete(self, upload: str, checksum: Checksum, parts: list[CompletedPartTypeDef]) -> None:
        from botocore.exceptions import ClientError

        with writing(self.address):
            try:
                self.client.complete_multipart_upload(
                    Bucket=self.bucket,
                    Key=self.key,
                    UploadId=upload,
                    MultipartUpload={"Parts": parts},
                    ChecksumCRC32=checksum.base64,
                    ChecksumType="FULL_OBJECT",
                    MpuObjectSize=checksum.size,
                )
            except ClientError as error:
                # The upload is gone if the first try got through and only its answer was lost: `verify` will tell.
                if error_code(error) != "NoSuchUpload":
                    raise

    def verify(self, checksum: Checksum) -> str:
        """Ask S3 what it has, and return the ETag.

        Not every server that speaks S3 computes checksums itself: some repeat what the client sent. An ETag is made
        by the server; where it could be an MD5 and is not that of what was sent, the object is read back.

        Raises
        ------
        UploadError
            If the object is not what was sent.
        """
        with writing(self.address):
            found = self.client.head_object(Bucket=self.bucket, Key=self.key, ChecksumMode="ENABLED")
        answered(found, self.address, UploadError, "ETag", "ContentLength")
        if found["ContentLength"] != checksum.size:
            raise self._different(f"{found['ContentLength']} bytes arrived of {checksum.size}")
        if found.get("ChecksumCRC32", checksum.base64) != checksum.base64:
            raise self._different("its checksum is not that of what was sent")
        if _may_be_md5(found) and found["ETag"].strip('"') != checksum.tag and self._read_back().crc != checksum.crc:
            raise self._different("it was changed on the way")
        return found["ETag"]

    def _read_back(self) -> Checksum:
        checksum = Checksum()
        with (
            reading(self.address, UploadError),
            closing(self.client.get_object(Bucket=self.bucket, Key=self.key)["Body"]) as body,
        ):
            for chunk in body.iter_chunks(_CHUNK):
                checksum = checksum.plus(chunk)
        return checksum

    def _different(self, how: str) -> UploadError:
        return UploadError(f"{self.address} is damaged: {how}.", advice="Run it again.")


def split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Gather and cut chunks of any size into parts for `S3Upload.in_parts`; only the last may be smaller."""
    gathered, number = bytearray(), 0
    for chunk in chunks:
        gathered += chunk
        while len(gathered) >= (size := _PART * (1 + number // _PARTS_OF_A_SIZE)):
            yield bytes(memoryview(gathered)[:size])
            del gathered[:size]
            number += 1
    if gathered:
        yield bytes(gathered)


def _md5(data: bytes | bytearray) -> hashlib._Hash:
    return hashlib.md5(data, usedforsecurity=False)  # against damage on the way, not against forgers


def _may_be_md5(head: HeadObjectOutputTypeDef) -> bool:
    """Tell whether an ETag looks like one that S3 makes of MD5s: encrypted with KMS or a customer's key it is none."""
    encrypted = head.get("ServerSideEncryption", "").startswith("aws:kms") or head.get("SSECustomerAlgorithm")
    return not encrypted and _MD5.fullmatch(head["ETag"].strip('"')) is not None
