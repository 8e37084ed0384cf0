"""Connections whose bytes are counted, for any pool of urllib3: that of requests and that of botocore."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

from caldp.adapters.support.pace import Pace, TransferLimits

_PIECE: Final = 1 << 16
"""Bytes that are sent at once: a timeout of a socket is for all that is sent at once, however much that is."""


def paced_pools(pools: Mapping[str, Any], limits: TransferLimits) -> dict[str, Any]:
    """Make classes of connection pools by scheme whose connections keep the pace."""
    return {scheme: _paced_pool(pool, limits) for scheme, pool in pools.items()}


def _paced_pool(pool: Any, limits: TransferLimits) -> Any:
    class Connection(pool.ConnectionCls):  # type: ignore[misc]
        sock: Any

        def connect(self) -> None:
            super().connect()
            self.sock = PacedSocket(self.sock, limits)

    return type(f"Paced{pool.__name__}", (pool,), {"ConnectionCls": Connection})


class PacedSocket:
    """A connected socket, plain or TLS, whose bytes are counted; everything else is the socket's own.

    Parameters
    ----------
    sock
        The socket.
    limits
        The pace, which begins anew with each answer and each request.
    """

    def __init__(self, sock: Any, limits: TransferLimits) -> None:
        self._sock = sock
        self._limits = limits
        self._pace = Pace(limits)
        self._is_sending = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def sendall(self, data: Any, *flags: int) -> None:
        """Send all, and count it."""
        view = memoryview(data).cast("B")
        for start in range(0, len(view), _PIECE):
            piece = view[start : start + _PIECE]
            self._sock.sendall(piece, *flags)
            self._count(len(piece), is_sending=True)

    def send(self, data: Any, *flags: int) -> int:
        """Send some, and count it."""
        size = int(self._sock.send(data, *flags))
        self._count(size, is_sending=True)
        return size

    def recv_into(self, *arguments: Any) -> int:
        """Receive, and count it."""
        return self.received(int(self._sock.recv_into(*arguments)))

    def recv(self, *arguments: Any) -> bytes:
        """Receive, and count it."""
        data: bytes = self._sock.recv(*arguments)
        self.received(len(data))
        return data

    def makefile(self, mode: str = "r", buffering: int | None = None, **options: Any) -> Any:
        """Make a file of the connection; what is read from it is counted."""
        if mode != "rb":
            return self._sock.makefile(mode, buffering, **options)
        raw = _PacedFile(self._sock.makefile("rb", buffering=0), self)
        return raw if buffering == 0 else io.BufferedReader(raw)

    def received(self, size: int) -> int:
        """Count what was received."""
        self._count(size, is_sending=False)
        return size

    def _count(self, size: int, *, is_sending: bool) -> None:
        if is_sending is not self._is_sending:
            self._pace, self._is_sending = Pace(self._limits), is_sending
        if size:
            self._pace.moved(size)


class _PacedFile(io.RawIOBase):
    def __init__(self, raw: Any, sock: PacedSocket) -> None:
        self._raw = raw
        self._paced = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        size: int | None = self._raw.readinto(buffer)
        return self._paced.received(size) if size else size

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()
