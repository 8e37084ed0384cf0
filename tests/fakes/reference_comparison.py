"""A comparison of tables that a test makes up: a number for each central wavelength."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from caldp.domain.stale.findings import Comparison, Difference
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.selecting import Used


@frozen
class FakeComparison:
    """Compares by a table of its own; implements the port ReferenceComparison.

    Attributes
    ----------
    tables
        Numbers by central wavelength, by the name of the file; a file that is left out cannot be read.
    """

    tables: Mapping[str, Mapping[float, float]]

    def compare(self, old: Path, new: Path, used: Used) -> Comparison:
        for path in (old, new):
            if path.name not in self.tables:
                return Comparison(Rung.UNKNOWN, f"{path.name} is damaged")
        before, after = self.tables[old.name], self.tables[new.name]
        if before == after:
            return Comparison(Rung.SAME_CONTENT)
        wanted = {float(value) for criterion in used.criteria for value in criterion.values}
        chosen = wanted & (before.keys() | after.keys()) or before.keys() | after.keys()
        rows = [number for number, wave in enumerate(after, 1) if wave in chosen and before.get(wave) != after[wave]]
        if not rows:
            return Comparison(Rung.SAME_ROWS)
        return Comparison(Rung.CHANGED, "", (Difference("HDU 1", tuple(rows), len(rows)),))
