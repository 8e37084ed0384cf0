"""Rows and pixels that differ between the reference files of two runs, where both files are at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import define, evolve, field

from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.reference_comparison import ReferenceComparison
from caldp.domain.comparison.causes import Cause, CauseKind
from caldp.domain.run.recorded import RecordedReference, RecordedRun
from caldp.domain.stale.findings import Difference
from caldp.domain.stale.used import Used


@define
class ReferenceRows:
    """Adds to causes which rows and pixels of a reference file differ, and by how much; each pair is compared once.

    Attributes
    ----------
    comparison
        Compares reference files.
    fits
        Digests files: one that is not the recorded one any more tells nothing.
    locate
        Return the path of a reference file, given its name; None if it is not at hand.
    """

    comparison: ReferenceComparison
    fits: FitsFiles
    locate: Callable[[str], Path | None]
    _known: dict[tuple[str, str], tuple[str, ...]] = field(factory=dict, init=False)

    def explain(self, cause: Cause, a: RecordedRun, b: RecordedRun) -> Cause:
        """Return a cause with what differs inside of it, if it is a single reference file on both sides."""
        if cause.kind is not CauseKind.REFERENCE:
            return cause
        ours, theirs = ([one for one in run.references if one.keyword == cause.subject] for run in (a, b))
        if len(ours) != 1 or len(theirs) != 1:
            return cause
        key = (ours[0].sha256, theirs[0].sha256)
        if key not in self._known:
            self._known[key] = tuple(self._differences(ours[0], theirs[0])) if all(key) and key[0] != key[1] else ()
        return evolve(cause, details=(*cause.details, *self._known[key]))

    def _differences(self, a: RecordedReference, b: RecordedReference) -> Iterator[str]:
        paths = [self._path(one) for one in (a, b)]
        if paths[0] is not None and paths[1] is not None:
            found = self.comparison.compare(paths[0], paths[1], Used())
            yield from (found.detail,) if found.detail else ()
            yield from map(difference_text, found.differences)

    def _path(self, reference: RecordedReference) -> Path | None:
        path = Path(reference.override) if reference.override else self.locate(reference.name)
        digest = None if path is None else self.fits.digest(path)
        return path if digest is not None and digest.sha256 == reference.sha256 else None


def difference_text(difference: Difference) -> str:
    """Write a difference of two reference files: its place, rows, and size."""
    parts = [difference.place]
    if difference.row_count:
        more = "..." if difference.row_count > len(difference.rows) else ""
        parts.append(f"{difference.row_count} rows ({', '.join(map(str, difference.rows))}{more})")
    if (amount := difference.amount) is not None:
        parts.append(f"{amount.measure.value} B to A up to {amount.largest:.4g}, median {amount.median:.4g}")
    return ": ".join(filter(None, (parts[0], ", ".join(parts[1:]))))
