"""References of a batch are assigned together, and each file once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.batch.gather_references import GatherReferences
from caldp.app.ports.listener import Listener
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.calibration.switch_facts import Wish
from caldp.domain.errors import BestrefsError
from caldp.domain.hst.files import FitsFacts
from tests.fakes.archive_source import FakeSource
from tests.fakes.reference_file_service import FakeReferences
from tests.support.raws import raw

NAMES = ("ldfd01vnq", "ldfd01vrq", "ldfd01vtq")


class Counting(FakeReferences):
    """A CRDS that notes what it was asked, and cannot match some exposures."""

    asked: list[list[str]]
    unmatched: str

    def assign(self, raws: Sequence[Path], tell: Listener) -> Assignment:
        self.asked.append(sorted(path.name for path in raws))
        if any(self.unmatched and self.unmatched in path.name for path in raws):
            raise BestrefsError(f"{self.unmatched} cannot be matched.")
        return super().assign(raws, tell)


@pytest.fixture
def crds(tmp_path: Path) -> Counting:
    flat = tmp_path / "x_flat.fits"
    flat.write_bytes(b"12345")
    service = Counting("hst_0729.pmap", {"FLATFILE": flat}, AstropyFits())
    service.asked, service.unmatched = [], ""
    return service


def gather(crds: Counting, home: Path, *names: str) -> GatherReferences:
    home.mkdir(exist_ok=True)
    files = {f"{name}_rawtag.fits": partial(Path.write_bytes, data=raw(name)) for name in names}
    return GatherReferences(lambda _number: FakeSource(files), lambda: crds, home, AstropyFits())


def test_all_datasets_are_asked_for_at_once_and_nothing_is_left(crds: Counting, tmp_path: Path) -> None:
    found = gather(crds, tmp_path / "home", *NAMES)(list(enumerate(NAMES)), lambda _event: None, lambda: 0)
    assert crds.asked == [[f"{name}_rawtag.fits" for name in NAMES]]
    assert (found.present, found.missing, found.unassigned) == ({"x_flat.fits": 5}, {}, {})
    assert list((tmp_path / "home").iterdir()) == []
    assert crds.closed == 1


def test_one_that_cannot_be_matched_keeps_no_other_from_its_references(crds: Counting, tmp_path: Path) -> None:
    crds.unmatched = "ldfd01vrq"
    found = gather(crds, tmp_path / "home", *NAMES)(list(enumerate(NAMES)), lambda _event: None, lambda: 0)
    assert len(crds.asked) == 4
    assert found.unassigned == {"ldfd01vrq": "ldfd01vrq cannot be matched."}
    assert found.contexts == dict.fromkeys(("ldfd01vnq", "ldfd01vtq"), "hst_0729.pmap")
    assert found.present.keys() == {"x_flat.fits"}


def test_references_are_those_of_the_switches_that_are_wished_for(crds: Counting, tmp_path: Path) -> None:
    seen: dict[str, str] = {}

    class Reading(Counting):
        def assign(self, raws: Sequence[Path], tell: Listener) -> Assignment:
            for path in raws:
                facts = AstropyFits().facts(path)
                assert isinstance(facts, FitsFacts)
                seen[path.name] = facts.text("FLATCORR")
            return super().assign(raws, tell)

    crds.__class__ = Reading
    source = tmp_path / "in.fits"
    source.write_bytes(raw(NAMES[0]))
    AstropyFits().set_keywords(source, {"FLATCORR": "PERFORM"})
    archive = FakeSource({f"{NAMES[0]}_rawtag.fits": partial(Path.write_bytes, data=source.read_bytes())})
    wishes = {"FLATCORR": Wish.OMIT, "GLINCORR": Wish.OMIT}
    (tmp_path / "home").mkdir()
    GatherReferences(lambda _number: archive, lambda: crds, tmp_path / "home", AstropyFits(), wishes)(
        [(0, NAMES[0])], lambda _event: None, lambda: 0
    )
    assert seen == {f"{NAMES[0]}_rawtag.fits": "OMIT"}


def test_inputs_that_are_missing_are_passed_over(crds: Counting, tmp_path: Path) -> None:
    found = gather(crds, tmp_path / "home", NAMES[0])(list(enumerate(NAMES[:2])), lambda _event: None, lambda: 0)
    assert found.unassigned.keys() == {"ldfd01vrq"}
    assert crds.asked == [["ldfd01vnq_rawtag.fits"]]


def test_mosaics_have_none_and_a_stop_ends_it(crds: Counting, tmp_path: Path) -> None:
    use_case = gather(crds, tmp_path / "home", *NAMES)
    assert use_case([(0, "acs_8ph_01")], lambda _event: None, lambda: 0).present == {}
    assert use_case(list(enumerate(NAMES)), lambda _event: None, lambda: 1).present == {}
    assert crds.asked == []
