"""The port Leftovers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from caldp.domain.run.leftovers import Leftover


class Leftovers(Protocol):
    """Things that runs leave behind on this machine."""

    def find(self, directories: Sequence[Path]) -> Iterator[Leftover]:
        """Find what runs left, or use, in directories.

        Only names that caldp gives are looked at, and no symbolic link is followed.

        Parameters
        ----------
        directories
            Places of work, outputs, caches of reference files; one that is missing holds nothing.
        """

    def remove(self, leftover: Leftover, *, kept: bool, gone_hosts: Collection[str]) -> bool:
        """Remove a leftover if it still may go, which is judged again under its lock.

        Returns
        -------
        bool
            True if it is gone.

        Raises
        ------
        WorkDirectoryError
            If it may go and cannot be removed.
        """
