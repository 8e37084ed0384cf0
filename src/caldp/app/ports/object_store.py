"""The port ObjectStore."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from attrs import field, frozen


@frozen
class StoredObject:
    """An object in a store.

    Attributes
    ----------
    key
        Relative to the store's root.
    size
        Bytes.
    crc32
        CRC-32 of what was stored, eight hexadecimal digits; empty where it was not computed.
    version
        Changes with the content, where the technology has such a thing and tells it; else empty.
    """

    key: str
    size: int
    crc32: str = field(default="", eq=False)
    version: str = field(default="", eq=False)


@frozen
class Reading:
    """A small object as it was found.

    Attributes
    ----------
    data
        Its content.
    version
        Changes with its content; for `ObjectStore.put_if`.
    age
        Seconds since it was put, by the store's own clock where it tells that.
    """

    data: bytes
    version: str
    age: float


class ObjectStore(Protocol):
    """Store of products, logs and messages: a directory or a bucket.

    Keys are relative to the store's root, with ``/`` between parts. An object appears whole or not at all, and
    replaces an earlier one of its key; when a ``put`` returns, what is stored has been verified by size (and by
    checksum where the technology has one). Failures raise `PublishError` (`UploadError` for S3).
    """

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small object in one request; messages go this way. Afterwards it survives a loss of power."""

    def put_if(self, key: str, data: bytes, version: str | None) -> str:
        """Store a small object if it is still in a version that was read; of several callers one succeeds.

        Parameters
        ----------
        key, data
            Key and contents. Data that are there already make the object young again.
        version
            Version told by `read` or `put_if`; None if there must be no such object.

        Returns
        -------
        str
            The new version.

        Raises
        ------
        KeyTaken
            If the object is another one, or there is none where there should be, or one where there should be none.
        ConditionsUnknown
            If the store has no such requests.
        """

    def read(self, key: str) -> Reading | None:
        """Return a small object with its version and age, or None if there is none."""

    def put_file(self, key: str, path: Path, *, consume: bool = False) -> StoredObject:
        """Store a file.

        Parameters
        ----------
        key
            Key of the object.
        path
            A file, which is unchanged unless it may be consumed.
        consume
            The caller does not need the file any more: it may be moved instead of copied.
        """

    def put_stream(self, key: str, chunks: Iterable[bytes]) -> StoredObject:
        """Store what an iterator yields, in memory that does not grow with its length.

        If the iterator raises, nothing is stored and its error passes through.
        """

    def settle(self, prefix: str) -> None:
        """Return when all that is stored below a prefix survives a loss of power."""

    def replace(self, staged: str, prefix: str, unsettle: Callable[[], None]) -> None:
        """Put what lies below one prefix in the place of what lies below another, which then holds nothing else.

        Parameters
        ----------
        staged, prefix
            Both end with a slash; neither holds the other. Afterwards what is below ``staged`` is of no use.
        unsettle
            Called once before the first change if the technology cannot make it in one step: from then on, until
            this returns, files of both may lie together. If it raises, nothing is changed. A call that was broken off
            after it may be repeated, and ends as if it had not been.
        """

    def get_bytes(self, key: str) -> bytes | None:
        """Return a small object, or None if there is none."""

    def get_many(self, keys: Iterable[str]) -> Generator[bytes | None, None, None]:
        """Yield small objects in the order of their keys, None where there is none; some are read ahead."""

    def get_part(self, key: str, start: int, size: int) -> bytes | None:
        """Return some bytes of an object, or None if there is none.

        Parameters
        ----------
        key
            Key of the object.
        start
            Position of the first byte, counted from 0.
        size
            Number of bytes, at least 1; fewer are returned at the end of the object, and none beyond it.
        """

    def get_stream(self, stored: StoredObject) -> Iterator[bytes]:
        """Yield the content of an object that was listed, in memory that does not grow with its length.

        Raises `PublishError` (`DownloadError` for S3) if the object is gone, has another size or version than was
        listed, or cannot be read to its end.
        """

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """List the objects whose keys begin with a prefix, in order of their keys."""

    def delete(self, key: str) -> None:
        """Remove an object; that there is none is no error."""

    def locate(self, key: str) -> str:
        """Return an object's full address for people and messages, such as ``s3://bucket/prefix/key``."""
