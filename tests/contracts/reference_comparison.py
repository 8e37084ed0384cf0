"""Contract of the port ReferenceComparison."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import frozen

from caldp.app.ports.reference_comparison import ReferenceComparison
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.used import Criterion, Match, Used

SECOND = Used((Criterion("CENWAVE", Match.EQUAL, ("1105.0",)),))
"""The second of three rows, whose central wavelengths are 800, 1105 and 1280."""
NONE_OF_THEM = Used((Criterion("CENWAVE", Match.EQUAL, ("1222.0",)),))


@frozen
class Case:
    """A comparison, and tables of three rows.

    Attributes
    ----------
    comparison
        Under test.
    old
        A table.
    renamed
        The same under another name.
    second, third
        The same with another value in the second row, or in the third.
    damaged
        File that cannot be read.
    """

    comparison: ReferenceComparison
    old: Path
    renamed: Path
    second: Path
    third: Path
    damaged: Path


class ReferenceComparisonContract:
    """Override the fixture `case`; the rest is the contract."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        raise NotImplementedError

    @pytest.mark.parametrize("used", [Used(), SECOND, NONE_OF_THEM])
    def test_another_name_changes_nothing(self, case: Case, used: Used) -> None:
        assert case.comparison.compare(case.old, case.renamed, used).rung is Rung.SAME_CONTENT

    def test_rows_that_are_used_count(self, case: Case) -> None:
        assert case.comparison.compare(case.old, case.second, SECOND).rung is Rung.CHANGED
        assert case.comparison.compare(case.old, case.third, SECOND).rung is Rung.SAME_ROWS

    @pytest.mark.parametrize("used", [Used(), NONE_OF_THEM])
    def test_all_rows_count_where_none_is_selected(self, case: Case, used: Used) -> None:
        for path, row in ((case.second, 2), (case.third, 3)):
            found = case.comparison.compare(case.old, path, used)
            assert found.rung is Rung.CHANGED
            assert [difference.rows for difference in found.differences] == [(row,)]

    @pytest.mark.parametrize(
        ("limit", "rung"), [("900.0", Rung.SAME_ROWS), ("1105.0", Rung.CHANGED), ("2e3", Rung.CHANGED)]
    )
    def test_rows_up_to_a_limit_count(self, case: Case, limit: str, rung: Rung) -> None:
        used = Used((Criterion("CENWAVE", Match.AT_MOST, (limit,)),))
        values = {"CENWAVE": case.comparison.values(case.old, "CENWAVE")}
        assert values == {"CENWAVE": (800.0, 1105.0, 1280.0)}
        for part in (used, used.rounded(values)):
            assert case.comparison.compare(case.old, case.second, part).rung is rung

    def test_what_is_not_there_has_no_values(self, case: Case) -> None:
        assert case.comparison.values(case.old, "ZZZ") == ()
        assert case.comparison.values(case.damaged, "CENWAVE") == ()

    def test_a_file_that_cannot_be_read_leaves_it_open(self, case: Case) -> None:
        for one, two in ((case.old, case.damaged), (case.damaged, case.old)):
            found = case.comparison.compare(one, two, SECOND)
            assert found.rung is Rung.UNKNOWN
            assert case.damaged.name in found.detail
