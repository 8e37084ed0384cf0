"""Which files of a directory were written since an earlier look at it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

Signature = tuple[int, int, int]
"""What writing a file changes: inode, size (bytes) and time of modification (ns)."""


@frozen
class Snapshot:
    """The files that lay in a directory at one moment.

    Attributes
    ----------
    files
        Signature by file name.
    """

    files: Mapping[str, Signature]

    @staticmethod
    def take(directory: Path) -> Snapshot:
        """Look at the files that lie directly in a directory."""
        files = {path.name: _signature(path) for path in sorted(directory.iterdir()) if path.is_file()}
        return Snapshot(files)

    def written_since(self, earlier: Snapshot) -> tuple[str, ...]:
        """List the files that are new or have changed since an earlier look, sorted."""
        return tuple(name for name, signature in self.files.items() if earlier.files.get(name) != signature)


def _signature(path: Path) -> Signature:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
