"""Names of visits in drizzlepac's public regression suite: exposures that go in, catalogues that come out."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from attrs import frozen

from caldp.domain.hst.dataset import DatasetName, SvmVisit
from caldp.domain.hst.poller import Poller
from caldp.domain.hst.selection import lacking, select
from caldp.domain.output.layout import Category
from caldp.domain.output.products import delivered

TABLE: Final = Path(__file__).parents[4] / "support" / "names" / "visits.tsv"


@frozen
class Visit:
    """A line of the table."""

    dataset: SvmVisit
    given: tuple[str, ...]
    made: tuple[str, ...]

    def __str__(self) -> str:
        return self.dataset.name


def read() -> Iterator[Visit]:
    with TABLE.open(newline="") as file:
        for line in csv.DictReader(file, delimiter="\t"):
            dataset = DatasetName.parse(line["dataset"])
            assert isinstance(dataset, SvmVisit)
            made = tuple(name for name in line["out"].split() if name != "-")
            yield Visit(dataset, tuple(f"{name}.fits" for name in line["in"].split()), made)


VISITS: Final = tuple(read())


def test_visits_of_both_cameras_are_there() -> None:
    assert len(VISITS) == 9
    assert {visit.dataset.instrument.value for visit in VISITS} == {"acs", "wfc3"}
    assert sum(len(visit.made) for visit in VISITS) == 24


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_a_visit_is_made_of_the_exposures_that_the_suite_names(visit: Visit) -> None:
    of_another = "j8zz99a1q_flt.fits"
    poller = Poller.of_visit(visit.dataset.ipppss, [*reversed(visit.given), of_another])
    assert poller is not None
    assert poller.exposures == visit.given
    assert Poller.parse(visit.dataset.guide_file, poller.to_text()) == poller
    offered = [*visit.given, visit.dataset.guide_file, of_another]
    chosen = select(visit.dataset, offered, poller)
    assert set(chosen.chosen) == {*visit.given, visit.dataset.guide_file}
    assert lacking(visit.dataset, chosen.chosen, poller) == ""
    assert lacking(visit.dataset, chosen.chosen[1:], poller) != ""


@pytest.mark.parametrize("visit", [visit for visit in VISITS if visit.made], ids=str)
def test_catalogues_that_come_out_are_delivered(visit: Visit) -> None:
    another = "hst_99999_06_acs_wfc_f814w_j99z06_point-cat.ecsv"
    assert delivered(visit.dataset, [*visit.made, another]) == dict.fromkeys(sorted(visit.made), Category.PRODUCT)
