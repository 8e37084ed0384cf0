"""The port FitsFiles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from caldp.domain.calibration.table_values import TableChange
from caldp.domain.hst.association import Association
from caldp.domain.hst.digests import FileDigest
from caldp.domain.hst.files import FitsFacts, HeaderValue, UnreadableFits


class FitsFiles(Protocol):
    """Reads, edits and digests FITS files."""

    def facts(self, path: Path, *, science: bool = False) -> FitsFacts | UnreadableFits:
        """Read all headers of a file and check that it is whole: no header or data is cut off.

        Parameters
        ----------
        path
            The file.
        science
            True to look at pixels too, of SCI images and of the columns WAVELENGTH, FLUX and NET of tables: they may
            all be equal. Reading stops at the first two finite values that differ.
        """

    def association(self, path: Path) -> Association:
        """Read an association table.

        Raises
        ------
        InvalidInput
            If the file is not a readable association table.
        """

    def write_association(self, path: Path, table: Association, original: Path) -> None:
        """Write an association table that has some of the rows of another, as they stand there.

        Parameters
        ----------
        path
            Table to write; there must be no such file.
        table
            Members to take over, by name.
        original
            The other table.

        Raises
        ------
        InvalidInput
            If the other file is no readable association table.
        FileExistsError
            If the table to write is there.
        """

    def set_keywords(self, path: Path, keywords: Mapping[str, HeaderValue], history: Iterable[str] = ()) -> None:
        """Set keywords of the primary header.

        Parameters
        ----------
        path
            File to change.
        keywords
            Values by keyword.
        history
            Texts of HISTORY cards to add.

        Raises
        ------
        InvalidInput
            If the file is not a readable FITS file.
        """

    def flag(self, path: Path, versions: Collection[int], flag: int, history: Iterable[str] = ()) -> None:
        """Set a flag in all pixels of data quality extensions.

        Parameters
        ----------
        path
            File to change.
        versions
            EXTVER of each extension DQ.
        flag
            The flag, one bit or several.
        history
            Texts of HISTORY cards to add.

        Raises
        ------
        InvalidInput
            If the file is not a readable FITS file, or has no such extension with pixels or a constant value.
        """

    def edit_table(self, original: Path, target: Path, change: TableChange) -> int:
        """Write a copy of a reference table in whose first table some cells have other values.

        Parameters
        ----------
        original
            Table to copy.
        target
            File to write; there must be no such file.
        change
            The other values.

        Returns
        -------
        int
            Number of rows changed, at least one.

        Raises
        ------
        InvalidInput
            If the original is no readable table, has no such row or column, or a column cannot hold a value.
        FileExistsError
            If the target is there.
        """

    def digest(self, path: Path) -> FileDigest | None:
        """Digest a file of any kind, in memory that does not grow with its size.

        Only the file's bytes count: equal bytes have equal digests, wherever they lie. May be called from several
        threads at once.

        Returns
        -------
        FileDigest or None
            None if the file is not there or cannot be read.
        """
