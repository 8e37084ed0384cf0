"""The fake of ReferenceChoice keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.domain.stale.rules import ContextFacts
from tests.contracts.reference_choice import Case, ReferenceChoiceContract
from tests.fakes.reference_choice import FakeChoice


class TestFakeChoice(ReferenceChoiceContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        (tmp_path / "x_flat.fits").touch()
        facts = ContextFacts("hst_0001.pmap", frozenset({"old_flat.fits"}))
        rule = {"FLATFILE": "x_flat.fits", "DARKFILE": "N/A"}
        choice = FakeChoice(facts, lambda _selection: rule, directory=tmp_path)
        return Case(choice, "hst_0001.pmap", "cos", {"INSTRUME": "COS"}, "old_flat.fits")
