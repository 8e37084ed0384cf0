"""Comparisons of reference files that exposures share."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import define, field

from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.stale.comparisons import Comparisons, OldFile
from caldp.domain.stale.findings import Comparison
from caldp.domain.stale.rules import ContextFacts
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.used import Criterion, Match, Used
from tests.fakes.reference_choice import FakeChoice
from tests.fakes.reference_comparison import FakeComparison

ROWS = {800.0: 1.0, 1105.0: 2.0, 1280.0: 3.0}


@define
class Counting:
    """A comparison that remembers what it was asked."""

    fake: FakeComparison
    asked: list[Used] = field(factory=list)

    def values(self, path: Path, column: str) -> tuple[float, ...]:
        return self.fake.values(path, column)

    def compare(self, old: Path, new: Path, used: Used) -> Comparison:
        self.asked.append(used)
        return self.fake.compare(old, new, used)


def up_to(limit: str) -> Used:
    return Used((Criterion("CENWAVE", Match.AT_MOST, (limit,)),))


@pytest.fixture
def counting() -> Counting:
    return Counting(FakeComparison({"a_gsag.fits": ROWS, "b_gsag.fits": {**ROWS, 1280.0: 9.0, 1300.0: 4.0}}))


@pytest.fixture
def comparisons(counting: Counting, tmp_path: Path) -> Comparisons:
    for name in counting.fake.tables:
        (tmp_path / name).touch()
    return Comparisons(
        FakeChoice(ContextFacts("hst_9729.pmap"), lambda _: {}, directory=tmp_path), counting, AstropyFits()
    )


def test_limits_between_two_values_share_one_comparison(comparisons: Comparisons, counting: Counting) -> None:
    old = OldFile("a_gsag.fits")
    limits = {"1105.0": Rung.SAME_ROWS, "1200": Rung.SAME_ROWS, "1279.9": Rung.SAME_ROWS, "1280": Rung.CHANGED}
    assert {limit: comparisons.of(old, "b_gsag.fits", up_to(limit)).rung for limit in limits} == limits
    assert counting.asked == [up_to("1105.0"), up_to("1280.0")]


def test_limits_below_all_values_share_one_too(comparisons: Comparisons, counting: Counting) -> None:
    for limit in ("1", "799.9"):
        assert comparisons.of(OldFile("a_gsag.fits"), "b_gsag.fits", up_to(limit)).rung is Rung.CHANGED
    assert len(counting.asked) == 1, "no row is selected, so all are compared"


def test_a_file_that_is_missing_is_named(comparisons: Comparisons, counting: Counting) -> None:
    found = comparisons.of(OldFile("z_gsag.fits"), "b_gsag.fits", up_to("1105"))
    assert (found.rung, found.detail) == (Rung.UNKNOWN, "z_gsag.fits is not in the cache")
    assert comparisons.of(OldFile("a_gsag.fits"), "z_gsag.fits", up_to("1")).detail == "z_gsag.fits is not in the cache"
    assert counting.asked == []
