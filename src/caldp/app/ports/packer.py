"""The port Packer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol


class Packer(Protocol):
    """Packs files into one stream, a ``.tar.gz`` that every tar and gzip can read."""

    def pack(self, members: Sequence[tuple[str, Path]]) -> Iterator[bytes]:
        """Yield the tarball piece by piece, in memory that does not grow with its length.

        Parameters
        ----------
        members
            Name inside the tarball and path of each file, in order.

        Raises
        ------
        PublishError
            If a file cannot be read, or changes while it is.
        """
