"""Findings about the staleness of datasets, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from caldp.domain.stale.findings import Amount, DatasetFinding, Difference, Measure, TypeFinding
from caldp.domain.stale.rungs import Rung, Verdict
from caldp.views.columns import columns

_ROWS_SHOWN: Final = 5


def finding_text(finding: DatasetFinding, *, explain: bool) -> str:
    """Write the findings about one dataset.

    Parameters
    ----------
    finding
        The findings.
    explain
        True to show every type that is assigned another file, with the reason for its rung.
    """
    contexts = " -> ".join(filter(None, (finding.old_context, finding.new_context)))
    types = ", ".join(dict.fromkeys(one.keyword for one in finding.stale_types))
    head = f"{finding.dataset}  {finding.verdict.value:7}  {types or contexts}".rstrip()
    lines = [head]
    if finding.problem:
        lines.append(f"  {finding.problem}")
    if explain:
        rows = [row for one in finding.types if one.rung is not Rung.UNCHANGED for row in _type_rows(one)]
        lines += [f"  {line}" for line in (columns(rows).splitlines() if rows else ())]
        unchanged = sum(one.rung is Rung.UNCHANGED for one in finding.types)
        lines.append(
            f"  {unchanged} type{'' if unchanged == 1 else 's'} UNCHANGED, by {finding.origin.value} {finding.place}"
        )
    lines += [f"  {one.keyword} {one.old} has been withdrawn" for one in finding.withdrawn]
    lines += [f"  {remark}" for remark in finding.remarks]
    return "\n".join(lines)


def _type_rows(one: TypeFinding) -> Iterator[tuple[str, str, str]]:
    yield one.keyword, one.rung.value, f"{one.old} -> {one.new}"
    if one.detail:
        yield "", "", one.detail
    for difference in one.differences:
        yield "", "", difference_text(difference)


def difference_text(difference: Difference) -> str:
    """Write a difference, such as ``HDU 1, column INTENSITY, row 3: ratio up to 1.2, median 1.0; 8 of 16 values``."""
    rows = ", ".join(map(str, difference.rows[:_ROWS_SHOWN]))
    more = f" and {difference.row_count - _ROWS_SHOWN} more" if difference.row_count > _ROWS_SHOWN else ""
    where = f", row{'s' if difference.row_count > 1 else ''} {rows}{more}" if rows else ""
    return f"{difference.place}{where}" + (f": {amount_text(difference.amount)}" if difference.amount else "")


def amount_text(amount: Amount) -> str:
    """Write the size of a change."""
    words = "ratio" if amount.measure is Measure.RATIO else "difference"
    values = f"{amount.changed} of {amount.compared} values"
    return f"{words} up to {amount.largest:.6g}, median {amount.median:.6g}; {values}"


def total_text(counts: Mapping[Verdict, int]) -> str:
    """Write how many datasets have which verdict."""
    total = sum(counts.values())
    parts = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts.get(verdict))
    return f"{total} dataset{'' if total == 1 else 's'}" + (f": {parts}" if parts else "")


def finding_json(finding: DatasetFinding) -> str:
    """Write the findings about one dataset as a JSON object."""
    plain = attrs.asdict(finding) | {"verdict": finding.verdict, "reason": finding.reason}
    return json.dumps(plain, indent=2)
