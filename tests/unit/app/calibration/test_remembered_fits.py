"""Facts of FITS files are read once, and anew after any change."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from attrs import field, frozen

from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.calibration.remembered_fits import RememberedFits
from caldp.domain.hst.files import FitsFacts, HeaderValue, UnreadableFits
from tests.fakes.fits_files import FakeFits
from tests.unit.adapters.fits import test_fits_files


class CountingFits(FakeFits):
    """Notes which facts are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[tuple[str, bool]] = []

    def facts(self, path: Path, *, science: bool = False) -> FitsFacts | UnreadableFits:
        self.read.append((path.name, science))
        return super().facts(path, science=science)


@frozen
class Bench:
    """A file that was written a while ago."""

    path: Path
    inner: CountingFits = field(factory=CountingFits)
    fits: RememberedFits = field(init=False)

    @fits.default
    def _fits(self) -> RememberedFits:
        return RememberedFits(self.inner)

    def write(self, keyword: str, value: HeaderValue, *, age: float = 60.0) -> None:
        self.inner.put(self.path, FitsFacts(self.path.name, {keyword: value}))
        written = time.time() - age
        os.utime(self.path, (written, written))

    def value(self, keyword: str) -> HeaderValue | None:
        facts = self.fits.facts(self.path)
        assert isinstance(facts, FitsFacts)
        return facts.keyword(keyword)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path / "a_raw.fits")
    bench.write("DARKFILE", "lref$a.fits")
    return bench


class TestRememberedFits(test_fits_files.TestAstropyFits):
    """It keeps the contract around the real adapter."""

    @pytest.fixture
    def fits(self) -> RememberedFits:
        return RememberedFits(AstropyFits())


def test_facts_are_read_once(bench: Bench) -> None:
    assert bench.value("DARKFILE") == bench.value("DARKFILE") == "lref$a.fits"
    assert bench.inner.read == [("a_raw.fits", False)]


def test_science_is_looked_at_when_it_is_asked_for(bench: Bench) -> None:
    bench.fits.facts(bench.path)
    bench.fits.facts(bench.path, science=True)
    bench.fits.facts(bench.path, science=True)
    bench.fits.facts(bench.path)
    assert bench.inner.read == [("a_raw.fits", False), ("a_raw.fits", True)]


def test_a_changed_file_is_read_again(bench: Bench) -> None:
    bench.value("DARKFILE")
    bench.write("DARKFILE", "lref$b.fits", age=30)
    assert bench.value("DARKFILE") == "lref$b.fits"
    bench.fits.set_keywords(bench.path, {"DARKFILE": "lref$c.fits"})
    assert bench.value("DARKFILE") == "lref$c.fits"


def test_a_file_written_a_moment_ago_is_not_remembered(bench: Bench) -> None:
    """Its next change may not show in the time of modification."""
    bench.write("DARKFILE", "lref$b.fits", age=0)
    before = bench.path.stat().st_mtime_ns
    bench.value("DARKFILE")
    bench.inner.put(bench.path, FitsFacts(bench.path.name, {"DARKFILE": "lref$c.fits"}))
    os.utime(bench.path, ns=(before, before))
    assert bench.value("DARKFILE") == "lref$c.fits"


def test_what_a_link_leads_to_is_not_remembered(bench: Bench, tmp_path: Path) -> None:
    link = tmp_path / "link.fits"
    link.symlink_to(bench.path)
    bench.fits.facts(link)
    bench.fits.facts(link)
    assert len(bench.inner.read) == 2
