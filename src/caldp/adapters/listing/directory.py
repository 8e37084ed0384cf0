"""Files of an input directory, or of a tarball's place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import field, frozen

from caldp.adapters.support.disk import why
from caldp.adapters.support.mast_folders import files_in_folders
from caldp.adapters.support.primary_header import primary_header
from caldp.app.ports.fits_files import FitsFiles
from caldp.domain.batch.holdings import Holdings
from caldp.domain.errors import InputNotFound
from caldp.domain.run.quoting import quoted


@frozen
class DirectoryListing:
    """Lists a directory, or the one file that is named; implements the port InputListing.

    Where a directory itself has the inputs of no dataset, files in folders below it are listed, as MAST's downloads
    have them.

    Attributes
    ----------
    path
        The directory or file.
    fits
        Reads association tables.
    """

    path: Path
    fits: FitsFiles
    _paths: dict[str, Path] = field(factory=dict, init=False, eq=False)

    def files(self) -> Mapping[str, int]:
        """List names and sizes."""
        try:
            if self.path.is_file():
                return {self.path.name: self.path.stat().st_size}
            with os.scandir(self.path) as entries:
                found = {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}
            if not Holdings.of(found.items()).is_empty:
                return found
            self._paths.update(files_in_folders(self.path))
            return {name: path.stat().st_size for name, path in self._paths.items()} | found
        except OSError as error:
            raise InputNotFound(
                f"The input {quoted(self.path)} cannot be listed: {why(error)}.", advice="Check the path."
            ) from error

    def members(self, table: str) -> Iterable[str]:
        """Read an association table."""
        return self.fits.association(self._path(table)).roots

    def header(self, name: str) -> Mapping[str, str]:
        """Read the first blocks of a file."""
        return primary_header(self.path if self.path.name == name else self._path(name))

    def _path(self, name: str) -> Path:
        return self._paths.get(name, self.path / name)
