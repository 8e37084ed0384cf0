"""A server of S3 on this machine that takes a tenth of a millisecond a request, for benchmarks of what reads buckets.

Servers in Python that know all of S3, such as moto, take longer to answer than the program under test to ask. This one
knows GetObject, with ranges, and ListObjectsV2; it looks at no signature, and makes objects when they are asked for.
"""

from __future__ import annotations

import asyncio
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from typing import Final
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from attrs import define, field, frozen

BUCKET: Final = "bench"
_PAGE: Final = 1000
_DATE: Final = "Thu, 26 Nov 2026 00:00:00 GMT"


@frozen
class Objects:
    """Objects of a bucket.

    Attributes
    ----------
    keys
        Their keys, sorted.
    make
        Makes the content of one by its key.
    """

    keys: Sequence[str]
    make: Callable[[str], bytes]

    def answer(self, request: str) -> bytes:
        """Answer a request: its first line and its headers."""
        lines = request.split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        path, _, query = target.partition("?")
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        if method != "GET" or bucket != BUCKET:
            return _reply(501, _error("NotImplemented"))
        if not key:
            return _reply(200, self._page({name: values[0] for name, values in parse_qs(query).items()}))
        place = bisect_left(self.keys, key)
        if self.keys[place : place + 1] != [key]:
            return _reply(404, _error("NoSuchKey"))
        ranges = [line.partition("bytes=")[2] for line in lines if line.lower().startswith("range:")]
        return _part(self.make(key), ranges[0]) if ranges else _reply(200, self.make(key))

    def _page(self, query: dict[str, str]) -> bytes:
        prefix = query.get("prefix", "")
        start = bisect_left(self.keys, prefix)
        if "continuation-token" in query:
            start = bisect_right(self.keys, query["continuation-token"])
        found = [key for key in self.keys[start : start + _PAGE] if key.startswith(prefix)]
        after = self.keys[start + _PAGE : start + _PAGE + 1]
        is_cut = bool(len(found) == _PAGE and after and after[0].startswith(prefix))
        token = f"<NextContinuationToken>{escape(found[-1])}</NextContinuationToken>" if is_cut else ""
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-26T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;0&quot;</ETag><Size>{len(self.make(key))}</Size></Contents>"
            for key in found
        )
        return (
            f"<?xml version='1.0'?><ListBucketResult><Name>{BUCKET}</Name><Prefix>{escape(prefix)}</Prefix>"
            f"<IsTruncated>{str(is_cut).lower()}</IsTruncated>{token}{entries}</ListBucketResult>"
        ).encode()


def _error(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()


def _part(body: bytes, wanted: str) -> bytes:
    first, _, last = wanted.partition("-")
    start, end = int(first), min(int(last or len(body)), len(body) - 1)
    if start > end:
        return _reply(416, _error("InvalidRange"))
    return _reply(206, body[start : end + 1], f"Content-Range: bytes {start}-{end}/{len(body)}\r\n")


def _reply(status: int, body: bytes, more: str = "") -> bytes:
    head = (
        f'HTTP/1.1 {status} -\r\nDate: {_DATE}\r\nLast-Modified: {_DATE}\r\nETag: "0"\r\n{more}'
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@define
class _Peer(asyncio.Protocol):
    objects: Objects
    _transport: asyncio.Transport | None = field(default=None, init=False)
    _ahead: bytearray = field(factory=bytearray, init=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._ahead += data
        while (end := self._ahead.find(b"\r\n\r\n")) >= 0:
            request = self._ahead[:end].decode("latin-1")
            del self._ahead[: end + 4]
            if self._transport is not None:
                self._transport.write(self.objects.answer(request))


def _serve(objects: Objects, line: Connection) -> None:
    async def listen() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Peer(objects), "127.0.0.1", 0)
        line.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    def tell() -> None:
        while line.recv():
            line.send(time.process_time())

    threading.Thread(target=tell, daemon=True).start()
    asyncio.run(listen())


@frozen
class LoopbackS3:
    """A running server.

    Attributes
    ----------
    url
        Its address.
    cpu
        Returns the CPU seconds that it has taken.
    """

    url: str
    cpu: Callable[[], float]

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which a process finds it."""
        keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
        return {**keys, "AWS_ENDPOINT_URL": self.url, "AWS_CONFIG_FILE": "/dev/null"}


@contextmanager
def loopback_s3(objects: Objects) -> Iterator[LoopbackS3]:
    """Serve objects from a process of its own."""
    here, there = Pipe()
    server = Process(target=_serve, args=(objects, there), daemon=True)
    server.start()

    def cpu() -> float:
        here.send(True)
        return float(here.recv())

    try:
        yield LoopbackS3(f"http://127.0.0.1:{here.recv()}", cpu)
    finally:
        server.kill()
        server.join()
