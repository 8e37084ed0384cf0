"""Association tables."""

from __future__ import annotations

import pytest

from caldp.domain.hst.association import Association, Member
from tests.support.observations import ACS_REPEAT, COS_FUV, STIS_CRSPLIT, WFC3_DITHER, association


@pytest.mark.parametrize(
    ("table", "exposures", "products"),
    [
        (COS_FUV, "ldfd01vnq ldfd01vpq ldfd01vrq ldfd01vtq", "ldfd01010"),
        (ACS_REPEAT, "jbz504ejq jbz504ekq", "jbz504011"),
        (WFC3_DITHER, "isim01a1q isim01a2q", "isim01010"),
        (STIS_CRSPLIT, "osim01w1q osim01s1q osim01s2q", "osim01010"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_exposures_and_products(table: Association, exposures: str, products: str) -> None:
    assert [member.name for member in table.exposures] == exposures.split()
    assert [member.name for member in table.products] == products.split()


def test_an_exposure_that_the_archive_lacks_is_none_but_its_product_is_due_all_the_same() -> None:
    table = association("ib8t01010", "ib8t01hzq EXP-DTH", "ib8t01i1q EXP-DTH no", "ib8t01010 PROD-DTH no")
    assert [member.name for member in table.exposures] == ["ib8t01hzq"]
    assert [member.name for member in table.products] == ["ib8t01010"]


def test_an_exposure_is_there_unless_the_table_says_otherwise() -> None:
    table = Association("x", (Member("a", "EXP-DTH"), Member("b", "EXP-DTH", present=False)))
    assert [member.name for member in table.exposures] == ["a"]


def test_roots_are_those_of_the_table_the_exposures_and_the_products() -> None:
    assert ACS_REPEAT.roots == {"jbz504010", "jbz504011", "jbz504ejq", "jbz504ekq"}
