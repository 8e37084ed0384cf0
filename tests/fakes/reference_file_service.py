"""A CRDS without rules: it assigns to every exposure what it was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.errors import BestrefsError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.run.events import Note


class FakeReferences:
    """A ReferenceFileService that assigns fixed files.

    Parameters
    ----------
    context
        The context that it claims to go by.
    files
        The file of each keyword; one that does not exist makes `assign` fail as a real cache does.
    variable
        The reference variable that header values begin with.
    fits
        Writes the headers.

    Attributes
    ----------
    prepared, closed
        Number of calls.
    """

    def __init__(self, context: str, files: Mapping[str, Path], fits: FitsFiles, variable: str = "lref") -> None:
        self._context = context
        self._files = files
        self._variable = variable
        self._fits = fits
        self.prepared = 0
        self.closed = 0

    def prepare(self, dataset: AnyDataset | None = None) -> None:
        """Count."""
        self.prepared += 1

    def close(self) -> None:
        """Count."""
        self.closed += 1

    def assign(self, raws: Sequence[Path], tell: Listener) -> Assignment:
        """Write the same values into every header."""
        missing = [path.name for path in self._files.values() if not path.is_file()]
        if missing:
            raise BestrefsError(f"Reference files are missing: {', '.join(missing)}.", advice="Sync the cache.")
        for raw in raws:
            values = {keyword: f"{self._variable}${path.name}" for keyword, path in self._files.items()}
            self._fits.set_keywords(raw, values)
        tell(Note(f"{self._context} assigns {len(self._files)} reference files"))
        names = tuple(raw.name for raw in raws)
        return Assignment(
            self._context,
            tuple(ReferenceFile(keyword, path.name, path, names) for keyword, path in sorted(self._files.items())),
            "https://crds.example.org",
            {name: {"INSTRUME": "COS", "DETECTOR": "FUV"} for name in names},
        )
