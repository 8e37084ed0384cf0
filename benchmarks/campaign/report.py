"""The table of a campaign, and how each try that failed is repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from attrs import frozen

from benchmarks.campaign.attempt import Finding, Try

HEADER = (
    "kind", "tries", "survived", "false processed", "spoiled", "orphans", "hangs", "statuses outside the table",
    '"likely a bug"', "other",
)  # fmt: skip
_COLUMNS = (
    Finding.FALSE, Finding.SPOILED, Finding.ORPHAN, Finding.HANG, Finding.STATUS, Finding.BUG, Finding.OTHER
)  # fmt: skip


@frozen
class Row:
    """A kind's line of the table: how many tries had which finding."""

    kind: str
    tries: int
    survived: int
    counts: tuple[int, ...]


def rows(tries: Iterable[Try]) -> list[Row]:
    """Count by kind, and all together."""
    found: dict[str, list[Try]] = {}
    for attempt in tries:
        found.setdefault(attempt.kind, []).append(attempt)
    lines = [_row(kind, of_kind) for kind, of_kind in found.items()]
    return [*lines, _row("all", [attempt for of_kind in found.values() for attempt in of_kind])]


def _row(kind: str, tries: Sequence[Try]) -> Row:
    counts = Counter(finding for attempt in tries for finding in {one for one, _ in attempt.findings})
    survived = sum(1 for attempt in tries if not attempt.findings)
    return Row(kind, len(tries), survived, tuple(counts[column] for column in _COLUMNS))


def table(tries: Iterable[Try]) -> str:
    """Write the table."""
    cells = [HEADER, *((row.kind, *map(str, (row.tries, row.survived, *row.counts))) for row in rows(tries))]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    return "\n".join(
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(line, widths, strict=True)) for line in cells)
    )


def failure(attempt: Try) -> str:
    """Say what went wrong in a try, and how it is repeated."""
    lines = [f"{attempt.kind} {attempt.index} of seed {attempt.seed} ({attempt.subject.dataset}):"]
    lines += [f"  did    {step}" for step in attempt.story]
    lines += [f"  found  {finding}: {text}" for finding, text in attempt.findings]
    again = f"python -m benchmarks.campaign --seed {attempt.seed} --kind {attempt.kind} --only {attempt.index}"
    return "\n".join([*lines, f"  kept   {attempt.place}", f"  again  {again}"])
