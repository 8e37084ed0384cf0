"""Errors of the operating system about files, in words for users."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from attrs import define

from caldp.app.ports.listener import Listener
from caldp.domain.errors import WorkDirectoryError
from caldp.domain.run.events import Transfer
from caldp.domain.run.quoting import quoted

_CHUNK: Final = 1 << 20

_WORDS: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EFBIG: "a file would become larger than this process may write",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOTDIR: "a part of the path is a file, not a directory",
    errno.EISDIR: "it is a directory",
}
_ADVICE: Final = {
    errno.ENOSPC: "Free some space there, or choose another place.",
    errno.EDQUOT: "Free some space there, or choose another place.",
    errno.EFBIG: "Raise the limit (ulimit -f), or choose another place.",
}


def why(error: OSError) -> str:
    """Say in a few words what an operating system error means."""
    return _WORDS.get(error.errno or 0) or (error.strerror or str(error) or type(error).__name__).lower()


def advice_on(error: OSError, otherwise: str) -> str:
    """Say what can be done about an operating system error."""
    return _ADVICE.get(error.errno or 0, otherwise)


@contextmanager
def writing_scratch(directory: Path) -> Iterator[None]:
    """Turn operating system errors of the work inside into `WorkDirectoryError`."""
    try:
        yield
    except OSError as error:
        raise WorkDirectoryError(
            f"The work directory {quoted(directory)} cannot be written: {why(error)}.",
            advice=advice_on(error, "Check its permissions, or choose another place with CALDP_HOME."),
        ) from error


class Readable(Protocol):
    """Bytes that come one after the other, from a file or the network."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none only at the end."""


def pour(source: Readable, target: Path) -> None:
    """Write all that can be read into a new file of the work directory; errors of reading pass through.

    Raises
    ------
    WorkDirectoryError
        If the file cannot be written. Whatever is raised, there is no file afterwards.
    """
    with writing_scratch(target.parent):
        out = target.open("xb")
    try:
        with out:
            while chunk := source.read(_CHUNK):
                with writing_scratch(target.parent):
                    out.write(chunk)
                    out.flush()
    except BaseException:
        target.unlink(missing_ok=True)
        raise


@define
class Metered:
    """Stream of bytes that reports its progress."""

    source: Readable
    name: str
    total: int | None
    tell: Listener
    done: int = 0

    def read(self, size: int, /) -> bytes:
        """Read on, and report the progress."""
        data = self.source.read(size)
        if data:
            self.done += len(data)
            self.tell(Transfer(self.name, self.done, self.total))
        return data
