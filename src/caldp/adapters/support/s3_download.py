"""Reads objects of S3, and takes up where a broken connection left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import Factory, define, field

from caldp.adapters.support.pace import Deadline, Patience, TransferLimits
from caldp.adapters.support.retrying import retrying
from caldp.adapters.support.s3 import answered, error_code, reading
from caldp.domain.errors import DownloadError

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef

_MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})


@define
class S3Reader:
    """An object that is read from its beginning to its end; make one with `find`.

    Attributes
    ----------
    size
        Of the object; bytes.
    version
        The ETag: what is read after a break must belong to the same version.
    attempts
        Number of requests for a piece.
    limits
        Longest time for the object.
    """

    client: S3Client = field(repr=False)
    bucket: str
    key: str
    size: int
    version: str
    attempts: int
    limits: TransferLimits = field(factory=TransferLimits)
    _patience: Patience = field(
        default=Factory(
            lambda self: Patience(self.attempts, self.limits, Deadline(self.limits.deadline)), takes_self=True
        ),
        init=False,
    )
    _position: int = field(default=0, init=False)
    _body: StreamingBody | None = field(default=None, init=False)

    @staticmethod
    def find(
        client: S3Client, bucket: str, key: str, attempts: int, limits: TransferLimits | None = None
    ) -> S3Reader | None:
        """Look for an object; None if there is none.

        Raises
        ------
        DownloadError
            If S3 does not say.
        """
        from botocore.exceptions import ClientError

        with reading(f"s3://{bucket}/{key}"):
            try:
                head = client.head_object(Bucket=bucket, Key=key)
            except ClientError as error:
                if error_code(error) in _MISSING:
                    return None
                raise
        answered(head, f"s3://{bucket}/{key}", DownloadError, "ETag", "ContentLength")
        return S3Reader(client, bucket, key, head["ContentLength"], head["ETag"], attempts, limits or TransferLimits())

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none only at the end.

        Raises
        ------
        DownloadError
            If the object cannot be read, or has changed meanwhile.
        """
        from botocore.exceptions import ConnectionError as NotConnected
        from botocore.exceptions import HTTPClientError, IncompleteReadError

        passing = (HTTPClientError, NotConnected, IncompleteReadError)
        with reading(f"s3://{self.bucket}/{self.key}"):
            done = self._position == self.size
            data = b"" if done else retrying(self._patience, passing, self.close)(self._read_on, size)
            self._position += len(data)
            self._patience.came(len(data))
        return data

    def close(self) -> None:
        """Give the connection back."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def _read_on(self, size: int) -> bytes:
        from botocore.exceptions import IncompleteReadError, ResponseStreamingError
        from urllib3.exceptions import HTTPError

        try:
            if self._body is None:
                self._body = self._open()
            data = self._body.read(size)
            if self._position + len(data) == self.size:
                self._body.read(1)  # only at the very end does botocore compare checksums
        except HTTPError as error:  # botocore lets some of urllib3's errors through
            raise ResponseStreamingError(error=error) from error
        if not data:
            raise IncompleteReadError(actual_bytes=self._position, expected_bytes=self.size)
        return data

    def _open(self) -> StreamingBody:
        wanted: GetObjectRequestTypeDef = {"Bucket": self.bucket, "Key": self.key, "IfMatch": self.version}
        if self._position:
            wanted["Range"] = f"bytes={self._position}-"
        answer = self.client.get_object(**wanted)
        if self._position and not answer.get("ContentRange", "").startswith(f"bytes {self._position}-"):
            answer["Body"].close()
            raise DownloadError(f"s3://{self.bucket}/{self.key} cannot be read on: the server began it again.")
        return answer["Body"]
