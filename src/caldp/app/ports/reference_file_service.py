"""The port ReferenceFileService."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from attrs import frozen

from caldp.app.ports.listener import Listener


@frozen
class ReferenceFile:
    """A reference file that CRDS assigned to an exposure.

    Attributes
    ----------
    keyword
        Header keyword in upper case.
    name
        File name.
    path
        Path of the file in the cache.
    exposures
        Names of the raw files whose headers name it.
    """

    keyword: str
    name: str
    path: Path
    exposures: tuple[str, ...]


@frozen
class Assignment:
    """Assignment of CRDS: the context in use, and every reference file."""

    context: str
    references: tuple[ReferenceFile, ...]


class ReferenceFileService(Protocol):
    """The Calibration Reference Data System."""

    def prepare(self) -> None:
        """Begin whatever takes time and needs no exposures; returns at once. May be left out."""

    def close(self) -> None:
        """Let go of whatever `prepare` began; may be called at any time, more than once."""

    def assign(self, raws: Sequence[Path], tell: Listener) -> Assignment:
        """Write the best reference files into the headers of raw exposures.

        Afterwards each header names a reference, or N/A, for each type that CRDS knows for it, as ``jref$name``,
        and every named file exists at the path that is returned.

        Parameters
        ----------
        raws
            Raw exposures; their headers are changed.
        tell
            Hears what CRDS logs, and of downloads.

        Raises
        ------
        BestrefsError
            If the cache or context is missing, an exposure cannot be matched, or a reference is not to be had.
        """
