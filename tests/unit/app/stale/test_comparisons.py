"""Comparisons of reference files that exposures share."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.stale.comparisons import Comparisons, OldFile
from caldp.domain.stale.rules import ContextFacts
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.used import Criterion, Match, Used
from tests.fakes.reference_choice import FakeChoice
from tests.fakes.reference_comparison import FakeComparison

ROWS = {800.0: 1.0, 1105.0: 2.0, 1280.0: 3.0}


def up_to(limit: str) -> Used:
    return Used((Criterion("CENWAVE", Match.AT_MOST, (limit,)),))


@pytest.fixture
def fake() -> FakeComparison:
    return FakeComparison({"a_gsag.fits": ROWS, "b_gsag.fits": {**ROWS, 1280.0: 9.0, 1300.0: 4.0}})


@pytest.fixture
def comparisons(fake: FakeComparison, tmp_path: Path) -> Comparisons:
    for name in fake.tables:
        (tmp_path / name).touch()
    return Comparisons(FakeChoice(ContextFacts("hst_9729.pmap"), lambda _: {}, directory=tmp_path), fake, AstropyFits())


def test_limits_between_two_values_share_one_comparison(comparisons: Comparisons, fake: FakeComparison) -> None:
    old = OldFile("a_gsag.fits")
    limits = {"1105.0": Rung.SAME_ROWS, "1200": Rung.SAME_ROWS, "1279.9": Rung.SAME_ROWS, "1280": Rung.CHANGED}
    assert {limit: comparisons.of(old, "b_gsag.fits", up_to(limit)).rung for limit in limits} == limits
    assert fake.asked == [up_to("1105.0"), up_to("1280.0")]


def test_limits_below_all_values_share_one_too(comparisons: Comparisons, fake: FakeComparison) -> None:
    for limit in ("1", "799.9"):
        assert comparisons.of(OldFile("a_gsag.fits"), "b_gsag.fits", up_to(limit)).rung is Rung.CHANGED
    assert len(fake.asked) == 1, "no row is selected, so all are compared"


def test_a_file_that_is_missing_is_named(comparisons: Comparisons, fake: FakeComparison) -> None:
    found = comparisons.of(OldFile("z_gsag.fits"), "b_gsag.fits", up_to("1105"))
    assert (found.rung, found.detail) == (Rung.UNKNOWN, "z_gsag.fits is not in the cache")
    assert comparisons.of(OldFile("a_gsag.fits"), "z_gsag.fits", up_to("1")).detail == "z_gsag.fits is not in the cache"
    assert fake.asked == []
