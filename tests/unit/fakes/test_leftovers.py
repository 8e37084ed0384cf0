"""The fake of the port Leftovers."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.app.ports.leftovers import Leftovers
from caldp.domain.run.leftovers import Leftover, LeftoverKind, Standing
from tests.contracts.leftovers import LeftoversContract
from tests.fakes.leftovers import FakeLeftovers


class TestFakeLeftovers(LeftoversContract):
    @pytest.fixture
    def leftovers(self, tmp_path: Path) -> Leftovers:
        standings = (Standing.FAILED, Standing.RUNNING)
        return FakeLeftovers(
            [Leftover(str(tmp_path / one.value), LeftoverKind.SCRATCH, one, size=1, age=0.0) for one in standings]
        )
