"""The port InputListing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol


class InputListing(Protocol):
    """Names of the files in a location of inputs."""

    def files(self) -> Mapping[str, int]:
        """Return size in bytes by name of file, without directory.

        Raises
        ------
        InputNotFound, DownloadError
            If there is no such location, or it cannot be read.
        """

    def members(self, table: str) -> Iterable[str]:
        """Return the rootnames in an association table, its own included.

        Parameters
        ----------
        table
            Its name, as `files` gives it.

        Raises
        ------
        InvalidInput
            If it is no readable association table.
        """

    def header(self, name: str) -> Mapping[str, str]:
        """Return the values in the primary header of a raw exposure, by keyword.

        Of a tarball it is the first raw exposure in it. Nothing is returned where that is not to be had cheaply, or the
        file is damaged: whoever processes it will say so.

        Parameters
        ----------
        name
            Name of the exposure or tarball, as `files` gives it.
        """
