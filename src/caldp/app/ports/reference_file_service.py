"""The port ReferenceFileService."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from caldp.app.ports.listener import Listener


@frozen
class ReferenceFile:
    """A reference file of one or more exposures.

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
    is_override
        Whether it is the user's own, in the place of what CRDS assigns.
    """

    keyword: str
    name: str
    path: Path
    exposures: tuple[str, ...]
    is_override: bool = False


@frozen
class Assignment:
    """Reference files that CRDS assigned, and what it went by.

    Attributes
    ----------
    context
        The CRDS context; empty if nothing was assigned.
    references
        Every reference file.
    server
        The CRDS server that the CRDS library is configured with, without credentials.
    selection
        Header values that CRDS matched, by name of the raw file and header keyword.
    """

    context: str
    references: tuple[ReferenceFile, ...]
    server: str = ""
    selection: Mapping[str, Mapping[str, str]] = field(factory=dict)


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
