"""The fake of ReferenceFileService keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.domain.hst.files import FitsFacts
from tests.contracts.reference_file_service import Case, ReferenceFileServiceContract
from tests.fakes.fits_files import FakeFits
from tests.fakes.reference_file_service import FakeReferences


class TestFakeReferences(ReferenceFileServiceContract):
    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        fits, cache, data = FakeFits(), tmp_path / "cache", tmp_path / "data"
        cache.mkdir()
        data.mkdir()
        files = {"FLATFILE": cache / "sim_flat.fits", "DISPTAB": cache / "sim_disp.fits"}
        for path in files.values():
            path.touch()
        raw = data / "lsim01a1q_rawtag.fits"
        fits.put(raw, FitsFacts(raw.name))
        self.fits = fits
        return Case(FakeReferences("hst_0001.pmap", files, fits), "hst_0001.pmap", (raw,), cache)

    def header(self, case: Case, raw: Path) -> dict[str, str]:
        facts = self.fits.facts(raw)
        assert isinstance(facts, FitsFacts)
        return {keyword: str(value) for keyword, value in facts.primary.items()}
