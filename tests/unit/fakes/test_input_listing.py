"""The fake of InputListing keeps the contract."""

from __future__ import annotations

import pytest

from tests.contracts.input_listing import MEMBERS, PLAIN, TABLE, InputListingContract
from tests.fakes.input_listing import FakeListing


class TestFakeListing(InputListingContract):
    @pytest.fixture
    def listing(self) -> FakeListing:
        return FakeListing({TABLE: 5760, **{name: len(data) for name, data in PLAIN.items()}}, {TABLE: tuple(MEMBERS)})
