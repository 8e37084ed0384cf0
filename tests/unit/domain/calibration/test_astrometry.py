"""Variables that keep engines from servers of astrometry."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.astrometry import CATALOGUES, DATABASE, SERVERS, servers_asked, without
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.engine_variables import BY_NAME

DRIZZLE = {"ASTROMETRY_APPLY_APRIORI": "off", "ASTROMETRY_COMPUTE_APOSTERIORI": "off"}
MOSAIC = {"ASTROMETRY_STEP_CONTROL": "off", "ASTROMETRIC_CATALOG_URL": "none:"}


@pytest.mark.parametrize(
    ("dataset", "variables"),
    [
        ("jbz504010", DRIZZLE),
        ("ibxy01z8q", DRIZZLE),
        ("acs_8ph_01", MOSAIC),
        ("skycell-p0081x14y15", MOSAIC),
        ("ldfd01010", {}),
        ("osim01010", {}),
    ],
)
def test_each_engine_has_switches_of_its_own(dataset: str, variables: dict[str, str]) -> None:
    name = DatasetName.parse(dataset)
    assert without(name, SERVERS) == variables
    assert without(name, ()) == {}
    assert servers_asked(name, ()) == (frozenset(SERVERS) if variables else frozenset())
    assert servers_asked(name, variables) == frozenset()


def test_each_server_has_a_switch_of_its_own() -> None:
    name = DatasetName.parse("jbz504010")
    assert without(name, {DATABASE}) == {"ASTROMETRY_APPLY_APRIORI": "off"}
    assert without(name, {CATALOGUES}) == {"ASTROMETRY_COMPUTE_APOSTERIORI": "off"}
    assert servers_asked(name, {"ASTROMETRY_APPLY_APRIORI"}) == {CATALOGUES}


def test_the_switches_and_addresses_are_variables_that_engines_read() -> None:
    assert {*DRIZZLE, *MOSAIC, *(server.variable for server in SERVERS)} <= BY_NAME.keys()
