"""Which parts of the world an examination looks at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from caldp.app.examine.examine import Examine
from caldp.app.ports.probe import Probe
from caldp.domain.errors import InvalidLocation
from caldp.domain.run.health import Finding, ok
from caldp.domain.run.settings import Settings


def probe(subject: str) -> Probe:
    def look(settings: Settings) -> Iterator[Finding]:
        yield ok(subject, settings.input)

    return look


EXAMINE = Examine(programs=probe("programs"), references=probe("cache"), machine=probe("room"), network=probe("MAST"))


@pytest.mark.parametrize(
    ("source", "offline", "subjects"),
    [
        ("file:.", False, ["programs", "cache", "room", "MAST"]),
        ("astroquery:", True, ["programs", "cache", "room"]),
        ("simulated:box", False, ["programs", "room"]),
    ],
)
def test_what_a_run_needs_is_examined_in_order(source: str, offline: bool, subjects: list[str]) -> None:
    found = EXAMINE(Settings(profile="x", input=source), offline=offline)
    assert [finding.subject for finding in found] == subjects
    assert {finding.text for finding in found} == {source}, "every probe is given the settings"


def test_an_input_that_is_no_location_is_refused() -> None:
    with pytest.raises(InvalidLocation):
        EXAMINE(Settings(profile="x", input="ftp://there"))
