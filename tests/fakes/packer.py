"""Packer of the standard library: no threads, no compression to speak of."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from caldp.domain.errors import PublishError


class FakePacker:
    """Packs with `tarfile` and stores without compression; implements the port Packer."""

    def pack(self, members: Sequence[tuple[str, Path]]) -> Iterator[bytes]:
        for name, path in members:
            info = tarfile.TarInfo(name)
            try:
                with path.open("rb") as file:
                    info.size, left = path.stat().st_size, path.stat().st_size
                    yield _stored(info.tobuf(tarfile.PAX_FORMAT))
                    while left and (data := file.read(min(1 << 20, left))):
                        left -= len(data)
                        yield _stored(data)
            except OSError as error:
                raise PublishError(f"{path} cannot be read: {str(error.strerror).lower()}.") from error
            if left:
                raise PublishError(f"{path} became shorter while it was read.")
            yield _stored(bytes(-info.size % tarfile.BLOCKSIZE))
        yield _stored(bytes(tarfile.RECORDSIZE))


def _stored(data: bytes) -> bytes:
    """Return one gzip member; a file of several is read as one."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=0, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()
