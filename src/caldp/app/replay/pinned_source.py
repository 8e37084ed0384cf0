"""Inputs that must be those of a lock."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from caldp.app.ports.archive_source import ArchiveSource
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.domain.errors import InputMismatch
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.lock.lock import Lock
from caldp.domain.run.events import Note

_MOST_NAMED = 5


@frozen
class PinnedSource:
    """A source whose files are compared with a lock; implements the port ArchiveSource.

    Attributes
    ----------
    source
        The source.
    lock
        The lock.
    fits
        Digests files.
    """

    source: ArchiveSource
    lock: Lock = field(repr=False)
    fits: FitsFiles = field(repr=False)

    def fetch(self, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        """Fetch the files, and refuse any that is not the lock's.

        Raises
        ------
        InputMismatch
            If a file is missing, has other contents, or is not in the lock.
        """
        paths = self.source.fetch(dataset, destination, tell)
        wanted, found = {one.name: one.sha256 for one in self.lock.inputs}, {path.name: path for path in paths}
        problems = [f"{name} is missing" for name in sorted(wanted.keys() - found.keys())]
        problems += [f"{name} is not in the lock" for name in sorted(found.keys() - wanted.keys())]
        for name in sorted(found.keys() & wanted.keys()):
            digest = self.fits.digest(found[name])
            if digest is None or digest.sha256 != wanted[name]:
                problems.append(f"{name} has other contents")
        if problems:
            more = f" and {len(problems) - _MOST_NAMED} more" if len(problems) > _MOST_NAMED else ""
            raise InputMismatch(
                f"The inputs are not those of the lock: {'; '.join(problems[:_MOST_NAMED])}{more}.",
                advice="Name the inputs of the locked run: its record names their place.",
            )
        tell(Note(f"{len(paths)} input files have the lock's contents"))
        return paths
