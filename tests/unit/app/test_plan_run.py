"""Planning a run and overriding references, with fakes at every port."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from attrs import evolve

from caldp.adapters.packer_gzip import GzipPacker
from caldp.app.flow import Destination, FetchedInputs
from caldp.app.plan_run import PlanRun
from caldp.app.ports import Assignment, ReferenceFile
from caldp.app.steps.overrides import override_references
from caldp.domain.dataset import DatasetName
from caldp.domain.errors import InputNotFound, UsageError
from caldp.domain.events import Event, Level, Note
from caldp.domain.files import FitsFacts, HeaderValue
from caldp.domain.layout import CalcloudLayout, TreeLayout
from caldp.domain.plan import Observation
from tests.fakes.fits import FakeFits
from tests.fakes.references import FakeReferences
from tests.fakes.source import FakeSource
from tests.fakes.store import MemoryStore

DATASET = DatasetName.parse("ld9m10ujq")
RAW = "ld9m10ujq_rawtag.fits"
HEADER: dict[str, HeaderValue] = {
    "ROOTNAME": "ld9m10ujq", "EXPTYPE": "EXTERNAL/SCI", "OBSTYPE": "SPECTROSCOPIC", "OBSMODE": "TIME-TAG",
    "TAGFLASH": "NONE", "EXPTIME": 10.0,
}  # fmt: skip
FACTS = FitsFacts(RAW, {**HEADER, "FLATFILE": "", "FLATCORR": "PERFORM", "X1DCORR": "PERFORM"})


def ignore(_event: Event) -> None:
    """Hear nothing."""


@pytest.fixture
def planner(tmp_path: Path) -> PlanRun:
    fits = FakeFits()
    flat = tmp_path / "sim_flat.fits"
    flat.touch()
    return PlanRun(
        home=tmp_path / "home",
        source=FakeSource({RAW: partial(fits.put, facts=FACTS)}),
        references=FakeReferences("hst_0729.pmap", {"FLATFILE": flat}, fits),
        fits=fits,
        destination=Destination(MemoryStore(), TreeLayout(), GzipPacker()),
    )


def test_a_plan_has_inputs_references_commands_products_and_places(planner: PlanRun) -> None:
    plan = planner(DATASET, ignore)
    assert plan.inputs is not None
    assert plan.inputs.assignment is not None
    assert [file.name for file in plan.inputs.files] == [RAW]
    assert [(one.keyword, one.name) for one in plan.inputs.assignment.references] == [("FLATFILE", "sim_flat.fits")]
    assert [command.argv for command in plan.inputs.commands] == [("calcos", RAW)]
    assert "ld9m10ujq_x1d.fits" in {product.name for product in plan.inputs.expected}
    assert plan.products == "memory://store/data/cos/ld9m10ujq/"
    assert plan.message == "memory://store/messages/datasets-processed/ld9m10ujq"


def test_planning_leaves_nothing_behind(planner: PlanRun) -> None:
    planner(DATASET, ignore)
    assert list(planner.home.iterdir()) == []
    assert planner.destination is not None
    assert isinstance(planner.destination.store, MemoryStore)
    assert planner.destination.store.history == []
    assert isinstance(planner.references, FakeReferences)
    assert planner.references.closed


def test_in_calclouds_layout_the_products_are_a_tarball(planner: PlanRun) -> None:
    plan = evolve(planner, destination=Destination(MemoryStore(), CalcloudLayout(), GzipPacker()))(DATASET, ignore)
    assert plan.products == "memory://store/outputs/ld9m10ujq/ld9m10ujq.tar.gz"


def test_inputs_that_would_be_downloaded_are_not_looked_at(planner: PlanRun) -> None:
    plan = evolve(planner, source=None, destination=None)(DATASET, ignore)
    assert (plan.inputs, plan.products, plan.message) == (None, "", "")


def test_references_that_cannot_be_told_are_an_obstacle_and_no_failure(planner: PlanRun, tmp_path: Path) -> None:
    lost = FakeReferences("x", {"FLATFILE": tmp_path / "gone.fits"}, planner.fits)
    plan = evolve(planner, references=lost)(DATASET, ignore)
    assert plan.inputs is not None
    assert plan.inputs.assignment is None
    assert "gone.fits" in str(plan.inputs.obstacle)
    assert plan.inputs.commands, "the rest of the plan is there"


def test_missing_inputs_fail_the_plan_as_they_would_the_run(planner: PlanRun) -> None:
    with pytest.raises(InputNotFound):
        evolve(planner, source=FakeSource({}))(DATASET, ignore)
    assert list(planner.home.iterdir()) == []


class TestOverrides:
    """Reference files of the user's own."""

    @pytest.fixture
    def fits(self) -> FakeFits:
        return FakeFits()

    @pytest.fixture
    def inputs(self, fits: FakeFits, tmp_path: Path) -> FetchedInputs:
        fits.put(tmp_path / RAW, FACTS)
        return FetchedInputs(Observation(DATASET, raws={RAW: FACTS}), {RAW: tmp_path / RAW}, ())

    ASSIGNED = Assignment(
        "hst_1.pmap",
        (
            ReferenceFile("BRFTAB", "b.fits", Path("/c/b.fits"), (RAW,)),
            ReferenceFile("FLATFILE", "f.fits", Path("/c/f.fits"), (RAW,)),
        ),
    )

    def test_a_file_of_the_users_own_takes_the_place_of_crds(
        self, fits: FakeFits, inputs: FetchedInputs, tmp_path: Path
    ) -> None:
        mine = tmp_path / "my_flat.fits"
        mine.touch()
        told: list[Event] = []
        changed = override_references(self.ASSIGNED, {"flatfile": str(mine)}, inputs, fits, told.append)
        assert [(one.keyword, one.path) for one in changed.references] == [
            ("BRFTAB", Path("/c/b.fits")),
            ("FLATFILE", mine),
        ]
        facts = fits.facts(tmp_path / RAW)
        assert isinstance(facts, FitsFacts)
        assert facts.primary["FLATFILE"] == "lref$my_flat.fits"
        assert [event.level for event in told if isinstance(event, Note)] == [Level.WARNING]

    def test_without_overrides_nothing_changes(self, fits: FakeFits, inputs: FetchedInputs) -> None:
        assert override_references(self.ASSIGNED, {}, inputs, fits, ignore) == self.ASSIGNED

    def test_a_missing_file_or_keyword_is_said_to_be_so(
        self, fits: FakeFits, inputs: FetchedInputs, tmp_path: Path
    ) -> None:
        with pytest.raises(UsageError, match=r"There is no file .*nowhere\.fits' to use as FLATFILE"):
            override_references(self.ASSIGNED, {"FLATFILE": str(tmp_path / "nowhere.fits")}, inputs, fits, ignore)
        with pytest.raises(UsageError, match="No raw exposure has the keyword FLATFIL") as caught:
            override_references(self.ASSIGNED, {"FLATFIL": str(tmp_path / RAW)}, inputs, fits, ignore)
        assert caught.value.advice == "Did you mean FLATFILE?"

    def test_a_visit_has_nothing_to_override(self, fits: FakeFits, tmp_path: Path) -> None:
        visit = FetchedInputs(Observation(DatasetName.parse("acs_8ph_01")), {}, ())
        with pytest.raises(UsageError, match="starts from calibrated exposures"):
            override_references(Assignment("", ()), {"FLATFILE": str(tmp_path)}, visit, fits, ignore)
