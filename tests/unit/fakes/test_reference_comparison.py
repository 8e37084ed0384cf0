"""The fake of ReferenceComparison keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.reference_comparison import Case, ReferenceComparisonContract
from tests.fakes.reference_comparison import FakeComparison

ROWS = {800.0: 1.0, 1105.0: 2.0, 1280.0: 3.0}


class TestFakeComparison(ReferenceComparisonContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        names = ("old.fits", "renamed.fits", "second.fits", "third.fits", "damaged.fits")
        tables = dict(zip(names, (ROWS, ROWS, {**ROWS, 1105.0: 9.0}, {**ROWS, 1280.0: 9.0}), strict=False))
        return Case(FakeComparison(tables), *(tmp_path / name for name in names))
