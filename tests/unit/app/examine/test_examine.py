"""Parts of the world that an examination looks at."""

from __future__ import annotations

import pytest

from caldp.app.examine.examine import Examine
from caldp.domain.calibration.astrometry import Astrometry
from caldp.domain.errors import InvalidLocation
from caldp.domain.run.settings import Settings
from tests.fakes.probe import FakeProbe

EXAMINE = Examine(
    programs=FakeProbe("programs"),
    references=FakeProbe("cache"),
    machine=FakeProbe("room"),
    network=FakeProbe("MAST"),
    astrometry=FakeProbe("astrometry"),
)


@pytest.mark.parametrize(
    ("source", "offline", "subjects"),
    [
        ("file:.", False, ["programs", "cache", "room", "MAST", "astrometry"]),
        ("astroquery:", True, ["programs", "cache", "room"]),
        ("simulated:box", False, ["programs", "room"]),
    ],
)
def test_what_a_run_needs_is_examined_in_order(source: str, offline: bool, subjects: list[str]) -> None:
    found = EXAMINE(Settings(profile="x", input=source), offline=offline)
    assert [finding.subject for finding in found] == subjects
    assert {finding.text for finding in found} == {source}, "every probe is given the settings"


def test_servers_that_no_engine_will_ask_are_not_asked() -> None:
    found = EXAMINE(Settings(profile="x", input="file:.", astrometry=Astrometry.OFF))
    assert [finding.subject for finding in found] == ["programs", "cache", "room", "MAST"]


def test_an_input_that_is_no_location_is_refused() -> None:
    with pytest.raises(InvalidLocation):
        EXAMINE(Settings(profile="x", input="ftp://there"))
