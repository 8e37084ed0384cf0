"""The port ArchiveSource."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from caldp.app.ports.listener import Listener
from caldp.domain.hst.dataset import AnyDataset


class ArchiveSource(Protocol):
    """Source of a dataset's inputs."""

    def fetch(self, dataset: AnyDataset, destination: Path, tell: Listener) -> tuple[Path, ...]:
        """Put a dataset's inputs, and nothing else, into a directory.

        Afterwards each file is whole, uncompressed, owned by the caller and writable, and lies directly in the
        directory under its archive name in lower case. The source is unchanged. Inputs are selected by
        `caldp.domain.hst.selection`: by association table or rootname.

        Parameters
        ----------
        dataset
            Dataset to fetch.
        destination
            An existing, empty directory.
        tell
            Hears of progress, and of files that were passed over.

        Returns
        -------
        tuple of Path
            The files, sorted by name; at least one.

        Raises
        ------
        InputNotFound
            If there is nothing for the dataset.
        InputTarError, ArchiveError, DownloadError
            As the kind of source has it. No partial file is left that looks whole.
        """
