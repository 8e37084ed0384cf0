"""The fake of FitsComparer keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.app.ports.fits_comparer import FitsComparer
from tests.contracts.fits_comparer import FitsComparerContract
from tests.fakes.fits_comparer import FakeComparer


class TestFakeComparer(FitsComparerContract):
    @pytest.fixture
    def comparer(self) -> FitsComparer:
        return FakeComparer()

    def write(self, path: Path, value: int) -> None:
        path.write_bytes(b"SIMPLE" + bytes([value]))
