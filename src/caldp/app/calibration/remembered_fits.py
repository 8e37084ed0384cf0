"""Facts of FITS files, read once."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from caldp.app.calibration.signature import GONE, Signature, signature_of
from caldp.app.ports.fits_files import FitsFiles
from caldp.domain.calibration.table_values import TableChange
from caldp.domain.hst.association import Association
from caldp.domain.hst.digests import FileDigest
from caldp.domain.hst.files import FitsFacts, HeaderValue, UnreadableFits

_SETTLED: Final = 100_000_000
"""Age of a file's last change from which another one shows, ns: the clocks of file systems tick in up to 10 ms."""


class RememberedFits:
    """A FitsFiles that remembers the facts of a file as long as its signature stays; for one run.

    Parameters
    ----------
    fits
        Reads, edits and digests the files.
    """

    def __init__(self, fits: FitsFiles) -> None:
        self._fits = fits
        self._known: dict[Path, tuple[Signature, bool, FitsFacts | UnreadableFits]] = {}

    def facts(self, path: Path, *, science: bool = False) -> FitsFacts | UnreadableFits:
        """Read all headers of a file, or remember them; see `FitsFiles`. What a link leads to may change unseen."""
        signature = GONE if path.is_symlink() else signature_of(path)
        known = self._known.get(path)
        if known is not None and known[0] == signature and known[1] >= science:
            return known[2]
        facts = self._fits.facts(path, science=science)
        if signature != GONE and time.time_ns() - signature[2] > _SETTLED:
            self._known[path] = signature, science, facts
        return facts

    def association(self, path: Path) -> Association:
        """Read an association table."""
        return self._fits.association(path)

    def write_association(self, path: Path, table: Association, original: Path) -> None:
        """Write an association table that has some of the rows of another."""
        self._fits.write_association(path, table, original)

    def set_keywords(self, path: Path, keywords: Mapping[str, HeaderValue], history: Iterable[str] = ()) -> None:
        """Set keywords of the primary header."""
        self._fits.set_keywords(path, keywords, history)

    def flag(self, path: Path, versions: Collection[int], flag: int, history: Iterable[str] = ()) -> None:
        """Set a flag in all pixels of data quality extensions."""
        self._fits.flag(path, versions, flag, history)

    def edit_table(self, original: Path, target: Path, change: TableChange) -> int:
        """Write a copy of a table in which some cells have other values."""
        return self._fits.edit_table(original, target, change)

    def digest(self, path: Path) -> FileDigest | None:
        """Digest a file of any kind."""
        return self._fits.digest(path)
