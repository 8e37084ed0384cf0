"""A missing or damaged keyword is never a zero, an OMIT or another excuse: it is damage, named with its file."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from caldp.domain.errors import InvalidInput
from caldp.domain.hst.files import FitsFacts
from tests.support.expectations import expectation_of, raw
from tests.support.observations import COS_FUV, association

HRC = raw("FLATCORR DRIZCORR", DETECTOR="HRC", OBSTYPE="IMAGING")
IR = raw("FLATCORR DRIZCORR", DETECTOR="IR", OBSTYPE="IMAGING")
CCD = raw("FLATCORR X1DCORR", DETECTOR="CCD", OBSTYPE="SPECTROSCOPIC", TEXPTIME=100.0)
FUV = raw(
    "FLATCORR X1DCORR", "EVENTS", DETECTOR="FUV", OBSTYPE="SPECTROSCOPIC", EXPTYPE="EXTERNAL/SCI", OBSMODE="TIME-TAG",
    TAGFLASH="NONE", FPPOS=3,
)  # fmt: skip
PLACES = {
    "acs": ("j6gp01mkq", "j6gp01mkq_raw.fits", HRC),
    "wfc3": ("ibh726mdq", "ibh726mdq_raw.fits", IR),
    "stis": ("obes03010", "obes03010_raw.fits", CCD),
    "cos": ("ldfd01vnq", "ldfd01vnq_rawtag_a.fits", FUV),
}


def expect_of(instrument: str, primary: dict[str, Any]) -> None:
    dataset, name, facts = PLACES[instrument]
    expectation_of(dataset, {name: evolve(facts, name=name, primary=primary)})


@pytest.mark.parametrize(
    ("instrument", "keyword"),
    [
        *(("acs", keyword) for keyword in ("OBSTYPE", "EXPTIME", "DRIZCORR")),
        *(("wfc3", keyword) for keyword in ("DETECTOR", "OBSTYPE", "EXPTIME", "DRIZCORR")),
        *(("stis", keyword) for keyword in ("DETECTOR", "OBSTYPE", "TEXPTIME")),
        *(("cos", keyword) for keyword in ("EXPTYPE", "OBSTYPE", "OBSMODE", "TAGFLASH", "EXPTIME", "X1DCORR")),
    ],
)
@pytest.mark.parametrize("damage", ["missing", "empty"])
def test_a_keyword_that_decides_what_is_due(instrument: str, keyword: str, damage: str) -> None:
    name, facts = PLACES[instrument][1:]
    expect_of(instrument, dict(facts.primary))  # with it there is no complaint
    rest = {key: value for key, value in facts.primary.items() if key != keyword}
    with pytest.raises(InvalidInput, match=rf"{name} .*{keyword}"):
        expect_of(instrument, rest if damage == "missing" else {**rest, keyword: " "})


@pytest.mark.parametrize("value", ["0", "", float("nan"), True])
def test_a_time_that_is_no_number_is_no_zero(value: object) -> None:
    with pytest.raises(InvalidInput, match="TEXPTIME"):
        expect_of("stis", {**CCD.primary, "TEXPTIME": value})


@pytest.mark.parametrize("instrument", PLACES)
def test_a_header_without_any_switch_is_damaged_and_not_without_work(instrument: str) -> None:
    name, facts = PLACES[instrument][1:]
    rest = {key: value for key, value in facts.primary.items() if not key.endswith("CORR")}
    with pytest.raises(InvalidInput, match=f"{name} .*switch"):
        expect_of(instrument, rest)


@pytest.mark.parametrize("instrument", PLACES)
def test_a_switch_in_no_known_state_is_not_taken_for_omit(instrument: str) -> None:
    facts = PLACES[instrument][2]
    with pytest.raises(InvalidInput, match="FLATCORR is 'PERGORM'"):
        expect_of(instrument, {**facts.primary, "FLATCORR": "PERGORM"})
    expect_of(instrument, {**facts.primary, "SHADCORR": "N/A"})


def test_a_type_of_exposure_that_cos_has_not() -> None:
    with pytest.raises(InvalidInput, match=r"ldfd01vnq_rawtag_a.fits .*'EXTERNAM/SCI'"):
        expect_of("cos", {**FUV.primary, "EXPTYPE": "EXTERNAM/SCI"})


def test_spectra_that_are_summed_have_a_position() -> None:
    primary = {key: value for key, value in FUV.primary.items() if key != "FPPOS"}
    raws = {f"ldfd01v{x}q_rawtag_a.fits": evolve(FUV, primary=primary) for x in "nprt"}
    with pytest.raises(InvalidInput, match="FPPOS"):
        expectation_of("ldfd01010", raws, COS_FUV)


@pytest.mark.parametrize(("dataset", "name", "facts"), PLACES.values(), ids=PLACES)
def test_an_association_none_of_whose_exposures_is_there(dataset: str, name: str, facts: FitsFacts) -> None:
    table = association(f"{dataset[:6]}010", f"{dataset[:6]}zzq EXP-DTH no", f"{dataset[:6]}010 PROD-DTH")
    raws = {} if dataset.startswith("o") else {name: facts}
    with pytest.raises(InvalidInput, match="No raw exposure"):
        expectation_of(f"{dataset[:6]}010", raws, table)


@pytest.mark.parametrize("instrument", ["acs", "wfc3", "stis"])
def test_a_raw_exposure_without_an_image(instrument: str) -> None:
    dataset, name, facts = PLACES[instrument]
    with pytest.raises(InvalidInput, match=f"{name} has no SCI extension"):
        expectation_of(dataset, {name: evolve(facts, name=name, extensions=())})
