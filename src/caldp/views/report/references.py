"""References of a run in a report: what is unusual about each."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from caldp.domain.calibration.dummies import dummy_note
from caldp.domain.run.entries import ReferenceRecord
from caldp.domain.run.record import RunRecord
from caldp.domain.stale.findings import DatasetFinding, TypeFinding


@frozen
class ReferenceRow:
    """A reference of a run.

    Attributes
    ----------
    reference
        As the record has it.
    remarks
        Its peculiarities, clauses.
    """

    reference: ReferenceRecord
    remarks: tuple[str, ...]


def reference_rows(record: RunRecord, finding: DatasetFinding | None) -> tuple[ReferenceRow, ...]:
    """Return the references of a run, in order of their types.

    Parameters
    ----------
    record
        Record of the run.
    finding
        Findings about their staleness; None if nobody looked.
    """
    ordered = sorted(record.references, key=lambda one: (one.keyword, one.name))
    return tuple(ReferenceRow(one, tuple(_remarks(one, record, finding))) for one in ordered)


def _remarks(reference: ReferenceRecord, record: RunRecord, finding: DatasetFinding | None) -> Iterator[str]:
    if reference.override:
        yield f"your own file {reference.override}"
    if dummy_note(reference.keyword, reference.name) in record.notes:
        yield "a dummy: its step is skipped"
    for one in finding.types if finding else ():
        if (one.keyword, one.old) == (reference.keyword, reference.name):
            yield from _news(one)


def _news(found: TypeFinding) -> Iterator[str]:
    if found.is_withdrawn:
        yield "withdrawn since"
    if found.new != found.old:
        yield f"{found.rung} by {found.new}" + (f", {found.detail}" if found.detail else "")
