"""Listing the switches of a dataset, and what turning one on needs, with fakes at every port."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
from attrs import evolve

from caldp.app.plan.list_switches import ListSwitches
from caldp.domain.calibration.switch_facts import MEANINGS, PREREQUISITES
from caldp.domain.calibration.switches import Need, SwitchStates
from caldp.domain.errors import BestrefsError, UsageError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import FitsFacts
from caldp.domain.output.location import FileLocation, Nowhere
from caldp.domain.run.events import Event, Level, Note
from caldp.domain.run.request import RunRequest
from caldp.domain.run.settings import Settings
from caldp.domain.stale.rules import ContextFacts
from caldp.views.switches import switches_json, switches_text
from tests.fakes.archive_source import FakeSource
from tests.fakes.fits_files import FakeFits
from tests.fakes.reference_choice import FakeChoice

RAW = "ld9m10ujq_rawtag.fits"
FACTS = FitsFacts(
    RAW,
    {
        "ROOTNAME": "ld9m10ujq", "INSTRUME": "COS", "X1DCORR": "OMIT", "FLUXCORR": "OMIT", "FLATCORR": "OMIT",
        "DEADCORR": "OMIT", "BADTCORR": "PERFORM", "PHACORR": "N/A",
    },
)  # fmt: skip


def rule(selection: Mapping[str, str]) -> Mapping[str, str]:
    """Return what a context would assign: CRDS's answers have the file, N/A, or the reason why there is none."""
    on = {name for name, state in selection.items() if state == "PERFORM"}
    return {
        "BADTTAB": "here_badt.fits",
        "FLATFILE": "here_flat.fits" if "FLATCORR" in on else "N/A",
        "FLUXTAB": "gone_phot.fits" if "FLUXCORR" in on else "N/A",
        "DEADTAB": "NOT FOUND no match found" if "DEADCORR" in on else "N/A",
    }


@pytest.fixture
def listing(tmp_path: Path) -> ListSwitches:
    fits = FakeFits()
    (tmp_path / "here_flat.fits").touch()
    choice = FakeChoice(ContextFacts("hst_0729.pmap", frozenset()), rule, directory=tmp_path)
    settings = Settings(profile="test", home=str(tmp_path / "home"))
    request = RunRequest(DatasetName.parse("ld9m10ujq"), FileLocation("in"), Nowhere(), settings)
    return ListSwitches(request, FakeSource({RAW: partial(fits.put, facts=FACTS)}), fits, lambda _tell: choice)


@pytest.fixture
def found(listing: ListSwitches) -> dict[str, SwitchStates]:
    return {switch.name: switch for switch in listing(lambda _event: None)}


def test_a_switch_needs_the_files_that_crds_assigns_for_it_alone(found: dict[str, SwitchStates]) -> None:
    assert found["FLATCORR"].needs == (Need("FLATFILE", "here_flat.fits", is_here=True),)
    assert found["FLUXCORR"].needs == (Need("FLUXTAB", "gone_phot.fits", is_here=False),)
    assert found["DEADCORR"].needs == (Need("DEADTAB", "", is_here=False),)
    assert [found[name].needs for name in ("BADTCORR", "PHACORR", "X1DCORR")] == [(), (), ()]


def test_a_switch_rests_on_others_that_are_off(found: dict[str, SwitchStates]) -> None:
    assert found["FLUXCORR"].rests_on == ("X1DCORR",)
    assert found["BADTCORR"].rests_on == ()


def test_needs_are_written_for_people_and_machines(found: dict[str, SwitchStates]) -> None:
    text = switches_text(list(found.values()))
    assert text.partition("Turned on, they would need\n")[2].splitlines() == [
        "  DEADCORR  DEADTAB, of which the context has none for this mode",
        "  FLATCORR  FLATFILE here_flat.fits",
        "  FLUXCORR  X1DCORR on; FLUXTAB gone_phot.fits (not in the cache)",
    ]
    (flux,) = (one for one in json.loads(switches_json(list(found.values()))) if one["name"] == "FLUXCORR")
    assert flux["needs"] == [{"keyword": "FLUXTAB", "name": "gone_phot.fits", "is_here": False}]
    assert flux["rests_on"] == ["X1DCORR"]


def test_without_a_context_needs_are_not_known_and_the_rest_is(listing: ListSwitches) -> None:
    def no_rule(_selection: Mapping[str, str]) -> Mapping[str, str]:
        raise BestrefsError("There is no CRDS cache at /nowhere.")

    said: list[Event] = []
    choice = FakeChoice(ContextFacts("", frozenset()), no_rule)
    found = evolve(listing, choose=lambda _tell: choice)(said.append)
    assert {switch.needs for switch in found} == {None}
    assert len(found) == 6
    (note,) = (event for event in said if isinstance(event, Note) and event.level is Level.WARNING)
    assert "There is no CRDS cache" in note.text
    assert "X1DCORR on" in switches_text(found)
    assert {one["needs"] for one in json.loads(switches_json(found))} == {None}


def test_inputs_that_would_be_downloaded_are_refused(listing: ListSwitches) -> None:
    with pytest.raises(UsageError, match="would have to be downloaded"):
        evolve(listing, source=None)(lambda _event: None)


def test_a_dataset_without_switches_that_are_off_asks_nothing(listing: ListSwitches) -> None:
    facts = evolve(FACTS, primary={**FACTS.primary, **{name: "PERFORM" for name in FACTS.primary if "CORR" in name}})
    fits = listing.fits
    assert isinstance(fits, FakeFits)

    def no_choice(_tell: object) -> FakeChoice:
        raise AssertionError("asked")

    source = FakeSource({RAW: partial(fits.put, facts=facts)})
    assert len(evolve(listing, source=source, choose=no_choice)(lambda _event: None)) == 6


def test_prerequisites_are_switches_that_there_are() -> None:
    for instrument, switches in PREREQUISITES.items():
        assert {*switches, *(name for names in switches.values() for name in names)} <= MEANINGS[instrument].keys()
