"""A comparison of tables that a test makes up: a number for each central wavelength."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from caldp.domain.stale.findings import Comparison, Difference
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.used import Criterion, Match, Used


@frozen
class FakeComparison:
    """Compares by a table of its own; implements the port ReferenceComparison.

    Attributes
    ----------
    tables
        Numbers by central wavelength, by the name of the file; a file that is left out cannot be read.
    asked
        What was compared so far.
    """

    tables: Mapping[str, Mapping[float, float]]
    asked: list[Used] = field(factory=list, init=False)

    def values(self, path: Path, column: str) -> tuple[float, ...]:
        return tuple(sorted(self.tables.get(path.name, ()))) if column == "CENWAVE" else ()

    def compare(self, old: Path, new: Path, used: Used) -> Comparison:
        self.asked.append(used)
        for path in (old, new):
            if path.name not in self.tables:
                return Comparison(Rung.UNKNOWN, f"{path.name} is damaged")
        before, after = self.tables[old.name], self.tables[new.name]
        if before == after:
            return Comparison(Rung.SAME_CONTENT)
        waves = before.keys() | after.keys()
        chosen = {wave for criterion in used.criteria for wave in waves if _is_used(wave, criterion)} or waves
        rows = [number for number, wave in enumerate(after, 1) if wave in chosen and before.get(wave) != after[wave]]
        if not rows:
            return Comparison(Rung.SAME_ROWS)
        return Comparison(Rung.CHANGED, "", (Difference("HDU 1", tuple(rows), len(rows)),))


def _is_used(wave: float, criterion: Criterion) -> bool:
    values = [float(value) for value in criterion.values]
    return wave <= max(values) if criterion.match is Match.AT_MOST else wave in values
