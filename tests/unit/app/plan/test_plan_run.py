"""Planning a run and overriding references, with fakes at every port."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from attrs import evolve

from caldp.adapters.engines.subprocess import SubprocessRunner
from caldp.app.calibration.overrides import override_references
from caldp.app.plan.plan_run import PlanRun
from caldp.app.ports.listener import Listener
from caldp.app.process.flow import Destination, FetchedInputs
from caldp.calcloud.layout import CalcloudLayout
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.calibration.plan import Observation
from caldp.domain.errors import CacheIncomplete, InputNotFound, PublishError, UsageError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import FitsFacts, HeaderValue
from caldp.domain.output.layout import TreeLayout
from caldp.domain.output.location import FileLocation
from caldp.domain.run.events import Event, Level, Note
from caldp.domain.run.request import RunRequest
from caldp.domain.run.settings import Settings
from tests.fakes.archive_source import FakeSource
from tests.fakes.fits_files import FakeFits
from tests.fakes.object_store import MemoryStore
from tests.fakes.packer import FakePacker
from tests.fakes.reference_file_service import FakeReferences
from tests.support.scripted import Script, install

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
    fits.put(flat, FitsFacts(flat.name))
    install(tmp_path / "bin", "calcos", Script())
    return PlanRun(
        request=RunRequest(
            DATASET,
            FileLocation("in"),
            FileLocation("out"),
            Settings(profile="test", home=str(tmp_path / "home"), crds_readonly_cache=True),
        ),
        environment={"PATH": str(tmp_path / "bin")},
        runner=SubprocessRunner(),
        source=FakeSource({RAW: partial(fits.put, facts=FACTS)}),
        references=FakeReferences("hst_0729.pmap", {"FLATFILE": flat}, fits),
        fits=fits,
        destination=Destination(MemoryStore(), TreeLayout(), FakePacker()),
    )


def test_a_plan_has_inputs_references_commands_products_and_places(planner: PlanRun) -> None:
    plan = planner(ignore)
    assert plan.inputs is not None
    assert plan.inputs.assignment is not None
    assert [file.name for file in plan.inputs.files] == [RAW]
    assert [(one.keyword, one.name) for one in plan.inputs.assignment.references] == [("FLATFILE", "sim_flat.fits")]
    assert [command.argv for command in plan.inputs.commands] == [("calcos", RAW)]
    assert "ld9m10ujq_x1d.fits" in {product.name for product in plan.inputs.expected}
    assert plan.products == "memory://store/data/cos/ld9m10ujq/"
    assert plan.message == "memory://store/messages/datasets-processed/ld9m10ujq"


def test_planning_leaves_nothing_behind(planner: PlanRun) -> None:
    planner(ignore)
    assert not Path(planner.request.settings.home).exists()
    assert planner.destination is not None
    assert isinstance(planner.destination.store, MemoryStore)
    assert planner.destination.store.history == []
    assert isinstance(planner.references, FakeReferences)
    assert planner.references.closed


def test_in_calclouds_layout_the_products_are_a_tarball(planner: PlanRun) -> None:
    plan = evolve(planner, destination=Destination(MemoryStore(), CalcloudLayout(), FakePacker()))(ignore)
    assert plan.products == "memory://store/outputs/ld9m10ujq/ld9m10ujq.tar.gz"


def test_inputs_that_would_be_downloaded_are_not_looked_at(planner: PlanRun) -> None:
    plan = evolve(planner, source=None, destination=None)(ignore)
    assert (plan.inputs, plan.products, plan.message) == (None, "", "")


def test_references_that_cannot_be_assigned_fail_the_run_and_not_the_rest_of_the_plan(
    planner: PlanRun, tmp_path: Path
) -> None:
    lost = FakeReferences("x", {"FLATFILE": tmp_path / "gone.fits"}, planner.fits)
    plan = evolve(planner, references=lost)(ignore)
    assert plan.inputs is not None
    assert plan.inputs.assignment is None
    assert "gone.fits" in str(plan.inputs.obstacle)
    assert plan.inputs.commands, "the rest of the plan is there"
    assert (plan.status, [str(one) for one in plan.obstacles]) == (
        ExitCode.BESTREFS_ERROR, [str(plan.inputs.obstacle)]
    )  # fmt: skip


def test_a_cache_that_will_be_filled_is_no_obstacle(planner: PlanRun) -> None:
    class Empty(FakeReferences):
        def assign(self, raws: Sequence[Path], tell: Listener) -> Assignment:
            raise CacheIncomplete("There is no CRDS cache yet.")

    empty = Empty("x", {}, planner.fits)
    plan = evolve(planner, references=empty)(ignore)
    assert [type(one) for one in plan.obstacles] == [CacheIncomplete]
    filled = evolve(planner.request.settings, crds_readonly_cache=False)
    plan = evolve(planner, references=empty, request=evolve(planner.request, settings=filled))(ignore)
    assert plan.status is ExitCode.SUCCESS
    assert plan.inputs is not None
    assert "no CRDS cache" in str(plan.inputs.obstacle)


def test_an_engine_that_is_not_installed_fails_the_run(planner: PlanRun, tmp_path: Path) -> None:
    elsewhere = evolve(planner, environment={"PATH": str(tmp_path)})
    for source in (planner.source, None):
        plan = evolve(elsewhere, source=source)(ignore)
        assert plan.status is ExitCode.STAGE1_ERROR
        assert "calcos is not installed" in str(plan.obstacles[0])


def test_the_first_obstacle_decides_on_the_status(planner: PlanRun, tmp_path: Path) -> None:
    def refuse() -> None:
        raise PublishError("The output cannot be written.")

    plan = evolve(planner, environment={"PATH": str(tmp_path)}, try_output=refuse)(ignore)
    assert [one.exit_code for one in plan.obstacles] == [ExitCode.GENERIC_ERROR, ExitCode.STAGE1_ERROR]
    assert plan.status is ExitCode.GENERIC_ERROR
    with pytest.raises(PublishError):
        evolve(planner, source=FakeSource({}), try_output=refuse)(ignore)


def test_missing_inputs_fail_the_plan_as_they_would_the_run(planner: PlanRun) -> None:
    with pytest.raises(InputNotFound):
        evolve(planner, source=FakeSource({}))(ignore)
    assert not Path(planner.request.settings.home).exists()


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
        fits.put(mine, FitsFacts(mine.name))
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

    def test_a_file_that_is_no_fits_file_is_refused(
        self, fits: FakeFits, inputs: FetchedInputs, tmp_path: Path
    ) -> None:
        (tmp_path / "mine.fits").write_text("notes")
        with pytest.raises(UsageError, match=r"mine\.fits' cannot be used as FLATFILE"):
            override_references(self.ASSIGNED, {"FLATFILE": str(tmp_path / "mine.fits")}, inputs, fits, ignore)

    def test_without_overrides_nothing_changes(self, fits: FakeFits, inputs: FetchedInputs) -> None:
        assert override_references(self.ASSIGNED, {}, inputs, fits, ignore) == self.ASSIGNED

    def test_a_type_that_did_not_apply_does_with_the_users_own_file(
        self, fits: FakeFits, inputs: FetchedInputs, tmp_path: Path
    ) -> None:
        own = tmp_path / "own_flat.fits"
        fits.put(own, FitsFacts(own.name))
        none = Assignment("hst_0729.pmap", (), not_applicable={RAW: ("BRSTTAB", "FLATFILE")})
        changed = override_references(none, {"FLATFILE": str(own)}, inputs, fits, ignore)
        assert changed.not_applicable == {RAW: ("BRSTTAB",)}, "a lock holds each type of an exposure once"

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
