"""The fake of HeaderSource keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.domain.hst.files import UnreadableFits
from caldp.domain.stale.header_values import FileHeaders
from tests.contracts.header_source import DAMAGED, NAMES, Case, HeaderSourceContract
from tests.fakes.header_source import FakeHeaders


class TestFakeHeaders(HeaderSourceContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        headers = ({"INSTRUME": "ACS"}, {"EXTNAME": "SCI"})
        known: dict[Path, FileHeaders | UnreadableFits] = {
            tmp_path / name: FileHeaders(name, str(tmp_path / name), str(tmp_path), headers) for name in NAMES
        }
        for name in NAMES:
            (tmp_path / name).write_text("whatever")
        known[tmp_path / DAMAGED] = UnreadableFits(DAMAGED, "it is a text file")
        return Case(FakeHeaders(known), tmp_path)
