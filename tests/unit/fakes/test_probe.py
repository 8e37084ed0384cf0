"""The fake of Probe keeps the contract."""

from __future__ import annotations

import pytest

from caldp.app.ports.probe import Probe
from tests.contracts.probe import ProbeContract
from tests.fakes.probe import FakeProbe


class TestFakeProbe(ProbeContract):
    @pytest.fixture
    def probe(self) -> Probe:
        return FakeProbe("programs")
