"""The fake of Launcher keeps the contract."""

from __future__ import annotations

import pytest

from tests.contracts.launcher import HANGS as HANGING
from tests.contracts.launcher import LauncherContract
from tests.fakes.launcher import HANGS, FakeLauncher, exits


class TestFakeLauncher(LauncherContract):
    @pytest.fixture
    def launcher(self) -> FakeLauncher:
        return FakeLauncher(lambda number, _memory: HANGS if number == HANGING else exits(number))
