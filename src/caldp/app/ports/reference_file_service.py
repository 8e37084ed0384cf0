"""The port ReferenceFileService."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from caldp.app.ports.listener import Listener
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.hst.dataset import AnyDataset


class ReferenceFileService(Protocol):
    """The Calibration Reference Data System."""

    def prepare(self, dataset: AnyDataset | None = None) -> None:
        """Begin whatever takes time and needs no exposures; returns at once. May be left out.

        Parameters
        ----------
        dataset
            Dataset whose exposures are going to be assigned references, if it is known.
        """

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
