"""Use case: compare two sides, causes first, then product by product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import evolve, frozen

from caldp.app.compare.reference_rows import ReferenceRows
from caldp.app.compare.side import Holding, Side, pairs_of
from caldp.app.ports.fits_comparer import FitsComparer
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.listener import Listener
from caldp.domain.comparison.agreement import Agreement, Tolerance
from caldp.domain.comparison.causes import Cause, causes
from caldp.domain.comparison.difference import Comparison, DatasetDifference, HduDifference, ProductDifference
from caldp.domain.comparison.pairs import differing, same_by_digests
from caldp.domain.errors import UsageError
from caldp.domain.run.events import Note
from caldp.domain.run.recorded import RecordedFile, RecordedRun

_FITS = ".fits"


@frozen
class CompareSides:
    """Compares two sides.

    Attributes
    ----------
    comparer
        Compares FITS files that digests do not tell to be equal.
    fits
        Digests other files.
    tolerance
        Difference that values may have.
    reads_all
        True to read every file, whatever the records' digests tell.
    rows
        Finds out which rows of a reference file differ; None to name the files only.
    """

    comparer: FitsComparer
    fits: FitsFiles
    tolerance: Tolerance
    reads_all: bool = False
    rows: ReferenceRows | None = None

    def __call__(self, a: Side, b: Side, dataset: str = "", *, tell: Listener) -> Comparison:
        """Compare two sides.

        Parameters
        ----------
        a, b
            The sides.
        dataset
            The only dataset to compare; empty for all that are in both.
        tell
            Hears of each pair of files that is read.

        Raises
        ------
        UsageError
            If there is nothing to compare, or the dataset must be named.
        CaldpError
            If a side cannot be read.
        """
        for side in (a, b):
            if not side.datasets:
                raise UsageError(f"{side.name} holds nothing to compare.", advice="Check the name of the place.")
        pairs = pairs_of(a, b, dataset)
        compared = tuple(self._dataset(name, a.holding(ours), b.holding(theirs), tell) for name, ours, theirs in pairs)
        is_whole = not (dataset or a.is_single or b.is_single)
        only_a, only_b = (sorted(one.datasets - other.datasets) if is_whole else () for one, other in ((a, b), (b, a)))
        return Comparison(a.name, b.name, self.tolerance, compared, tuple(only_a), tuple(only_b))

    def _dataset(self, name: str, a: Holding, b: Holding, tell: Listener) -> DatasetDifference:
        ours, theirs = (frozenset() if side.is_catalogue else side.names for side in (a, b))
        names = sorted(ours | theirs or a.names | b.names)
        try:
            return self._compared(name, names, a, b, tell)
        finally:
            a.close()
            b.close()

    def _compared(self, name: str, names: Sequence[str], a: Holding, b: Holding, tell: Listener) -> DatasetDifference:
        products = tuple(self._product(one, a, b, tell) for one in names if one.endswith(_FITS))
        return DatasetDifference(
            name,
            self._causes(a.record, b.record),
            products,
            tuple(one for one in names if not one.endswith(_FITS) and not self._is_same_file(one, a, b)),
            (*a.remarks, *b.remarks),
        )

    def _causes(self, a: RecordedRun | None, b: RecordedRun | None) -> tuple[Cause, ...]:
        if a is None or b is None:
            return ()
        found, rows = causes(a, b), self.rows
        return found if rows is None else tuple(rows.explain(cause, a, b) for cause in found)

    def _product(self, name: str, a: Holding, b: Holding, tell: Listener) -> ProductDifference:
        if name not in a.names or name not in b.names:
            return ProductDifference(name, Agreement.DIFFERENT, f"in {'A' if name in a.names else 'B'} only")
        ours, theirs = a.recorded(name), b.recorded(name)
        known = None if self.reads_all else same_by_digests(ours, theirs)
        if known is not None:
            return known
        if a.has_files and b.has_files:
            tell(Note(f"Comparing the values of {name}"))
            return self.comparer.compare(a.path(name), b.path(name), self.tolerance)
        return _by_digests(name, ours, theirs)

    def _is_same_file(self, name: str, a: Holding, b: Holding) -> bool:
        """Compare files that are no FITS files; what only one side has differs."""
        if name not in a.names or name not in b.names:
            return False
        ours, theirs = (self._sha256(name, side) for side in (a, b))
        return bool(ours) and ours == theirs

    def _sha256(self, name: str, side: Holding) -> str:
        recorded = None if self.reads_all else side.recorded(name)
        if recorded is not None and recorded.sha256:
            return recorded.sha256
        found = self.fits.digest(side.path(name)) if side.has_files else None
        return "" if found is None else found.sha256


def _by_digests(name: str, a: RecordedFile | None, b: RecordedFile | None) -> ProductDifference:
    """Compare digests where there are no files: they tell which data differ, and not by how much."""
    if a is None or b is None or not (a.hdus and b.hdus):
        return ProductDifference(name, Agreement.NOT_COMPARABLE, "no digests of it are recorded")
    hdus = tuple(_hdus(a, b))
    return ProductDifference(name, Agreement.of(hdu.agreement for hdu in hdus), hdus=hdus)


def _hdus(a: RecordedFile, b: RecordedFile) -> Iterator[HduDifference]:
    data, headers = differing(a.hdus, b.hdus)
    for labels, agreement, reason in (
        (data, Agreement.NOT_COMPARABLE, "its data differ, and there is no file to measure by how much"),
        (headers, Agreement.EXACT, "its header differs"),
    ):
        for label in labels:
            name, _, version = label.partition(",")
            blank = HduDifference("" if label == "primary" else name, int(version or 1), agreement)
            yield evolve(blank, reason=reason)


def files_in(directory: Path) -> dict[str, Path]:
    """List the files of a directory by name, hidden ones left out."""
    return {path.name: path for path in sorted(directory.iterdir()) if path.is_file() and path.name[0] != "."}
