"""Suggestions of the dataset that a user may have meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.adapters.archive.file import FileArchive
from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.support.suggestion import suggest
from caldp.domain.errors import InputNotFound, InvalidInput
from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.events import Event, Level, Note
from tests.contracts.archive_source import ASSOCIATION, OTHERS
from tests.support.tarballs import tarball

QUESTION = "lsim01abq is a member of an association; did you mean lsim01010?"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    (tmp_path / "data").mkdir()
    for name, data in (ASSOCIATION | OTHERS).items():
        (tmp_path / "source" / name).write_bytes(data)
    return tmp_path / "source"


def fetch(place: Path, name: str) -> list[Event]:
    told: list[Event] = []
    FileArchive(place, AstropyFits()).fetch(DatasetName.parse(name), place.parent / "data", told.append)
    return told


def test_a_member_that_is_processed_by_itself_is_questioned(place: Path) -> None:
    told = fetch(place, "lsim01abq")
    assert [event.text for event in told if isinstance(event, Note) and event.level is Level.WARNING] == [QUESTION]
    assert {path.name for path in (place.parent / "data").iterdir()} == {
        "lsim01abq_rawtag_a.fits",
        "lsim01abq_spt.fits",
    }, "the table that was looked into is gone"


def test_a_member_without_files_gets_the_question_as_advice(place: Path) -> None:
    for path in place.glob("lsim01abq_*"):
        path.unlink()
    with pytest.raises(InputNotFound) as caught:
        fetch(place, "lsim01abq")
    assert caught.value.advice.startswith(QUESTION)


def test_in_a_tarball_it_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "lsim01abq.tar.gz"
    path.write_bytes(tarball(ASSOCIATION))
    (tmp_path / "data").mkdir()
    told: list[Event] = []
    paths = FileArchive(path, AstropyFits()).fetch(DatasetName.parse("lsim01abq"), tmp_path / "data", told.append)
    assert QUESTION in [event.text for event in told if isinstance(event, Note)]
    assert [path.name for path in paths] == ["lsim01abq_rawtag_a.fits", "lsim01abq_spt.fits"]


def test_a_mistyped_association_gets_the_nearest(place: Path) -> None:
    with pytest.raises(InputNotFound) as caught:
        fetch(place, "lsim01020")
    assert caught.value.advice.startswith("Did you mean lsim01010?")


def test_what_belongs_to_nothing_is_not_questioned(place: Path) -> None:
    told = fetch(place, "lsim01adq")
    assert not [event for event in told if isinstance(event, Note) and event.level is Level.WARNING]


def test_only_tables_of_the_same_visit_are_looked_into_and_damaged_ones_are_passed_over() -> None:
    looked: list[str] = []

    def read(name: str) -> Association:
        looked.append(name)
        raise InvalidInput("damaged")

    names = ["j8cb01010_asn.fits", "j8cb02010_asn.fits.gz", "j8cb01u3q_raw.fits", "readme.txt"]
    assert suggest(DatasetName.parse("j8cb01u3q"), names, read) == ""
    assert looked == ["j8cb01010_asn.fits"]
    assert suggest(DatasetName.parse("acs_8ph_01"), names, read) == ""
