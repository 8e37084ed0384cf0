"""The fake of Packer keeps the contract."""

from __future__ import annotations

import pytest

from caldp.app.ports.packer import Packer
from tests.contracts.packer import PackerContract
from tests.fakes.packer import FakePacker


class TestFakePacker(PackerContract):
    @pytest.fixture
    def packer(self) -> Packer:
        return FakePacker()
