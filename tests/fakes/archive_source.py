"""An archive of files that are made on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from caldp.app.ports.listener import Listener
from caldp.domain.errors import CaldpError, InputNotFound
from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.selection import lacking, select

Make = Callable[[Path], object]
"""Makes a file at a path."""


class FakeSource:
    """An ArchiveSource in memory.

    Parameters
    ----------
    files
        Function that makes each file, by name.
    associations
        Association tables among them, by the association's name.
    trouble
        Raised instead of fetching, if given.
    """

    def __init__(
        self,
        files: Mapping[str, Make],
        associations: Mapping[str, Association] | None = None,
        trouble: CaldpError | None = None,
    ) -> None:
        self._files = files
        self._associations = associations or {}
        self._trouble = trouble

    def fetch(self, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        """Make the dataset's files."""
        if self._trouble is not None:
            raise self._trouble
        chosen = select(dataset, self._files, self._associations.get(dataset.name)).chosen
        if lacking(dataset, chosen):
            raise InputNotFound(f"There is nothing of {dataset}.", advice="Check its name.")
        for name in chosen:
            self._files[name](destination / name)
        return tuple(sorted(destination / name for name in chosen))
