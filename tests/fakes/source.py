"""An archive of files that are made on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from caldp.app.ports import Listener
from caldp.domain.dataset import AnyDataset
from caldp.domain.errors import CaldpError, InputNotFound

Make = Callable[[Path], None]
"""Makes a file at a path."""


class FakeSource:
    """An ArchiveSource that holds one dataset.

    Parameters
    ----------
    files
        How to make each file, by name.
    trouble
        Raised instead of fetching, if given.
    """

    def __init__(self, files: Mapping[str, Make], trouble: CaldpError | None = None) -> None:
        self._files = files
        self._trouble = trouble

    def fetch(self, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        """Make the files."""
        if self._trouble is not None:
            raise self._trouble
        if not self._files:
            raise InputNotFound(f"There is nothing of {dataset}.", advice="Check its name.")
        for name, make in self._files.items():
            make(destination / name)
        return tuple(sorted(destination / name for name in self._files))
