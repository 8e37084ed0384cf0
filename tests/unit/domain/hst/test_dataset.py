"""Names of datasets (docs/reference/contracts/datasets.md)."""

from __future__ import annotations

import pytest
from hypothesis import given

from caldp.domain.errors import InvalidDatasetName, UnsupportedInstrument
from caldp.domain.hst.dataset import (
    AnyDataset,
    DatasetName,
    Ipppssoot,
    MvmSkycell,
    SvmVisit,
    is_dataset_name,
)
from caldp.domain.hst.instrument import Instrument
from tests.support.strategies import ALMOST_NAMES, DATASET_NAMES

PROCESSED: list[tuple[str, AnyDataset, str]] = [
    # what the user types, what it is, the directory it is kept under
    ("j8cb010b0", Ipppssoot("j8cb010b0"), "acs"),
    ("j8f54obeq", Ipppssoot("j8f54obeq"), "acs"),
    ("ib8t01010", Ipppssoot("ib8t01010"), "wfc3"),
    ("iacs01t4q", Ipppssoot("iacs01t4q"), "wfc3"),
    ("la8q99030", Ipppssoot("la8q99030"), "cos"),
    ("obes03010", Ipppssoot("obes03010"), "stis"),
    ("LDFD01010", Ipppssoot("ldfd01010"), "cos"),
    ("acs_8ph_01", SvmVisit("acs_8ph_01"), "acs"),
    ("WFC3_B2A_1Z", SvmVisit("wfc3_b2a_1z"), "wfc3"),
    ("skycell-p2381x06y09", MvmSkycell("skycell-p2381x06y09"), "mvm"),
    ("SkyCell-P2381X06Y09", MvmSkycell("skycell-p2381x06y09"), "mvm"),
]


@pytest.mark.parametrize(("text", "dataset", "directory"), PROCESSED)
def test_recognises_each_kind_in_any_case(text: str, dataset: AnyDataset, directory: str) -> None:
    parsed = DatasetName.parse(text)
    assert parsed == dataset
    assert type(parsed) is type(dataset)
    assert str(parsed) == text.lower()
    assert parsed.directory == directory
    assert is_dataset_name(text)


NO_NAMES = {
    "empty": "",
    "blank in front": " j8cb010b0",
    "line end behind": "j8cb010b0\n",
    "too short": "j8cb010b",
    "too long": "j8cb010b0q",
    "a file": "j8cb010b0_raw.fits",
    "a path": "../j8cb010b0",
    "underscore inside": "j8cb_10b0",
    "no instrument's letter": "a8cb010b0",
    "visit with more behind": "acs_8ph_01_extra",
    "visit with more in front": "x_acs_8ph_01",
    "visit of an instrument without visits": "cos_8ph_01",
    "visit with a long program": "acs_8pha_01",
    "sky cell without its p": "skycell-2381x06y09",
    "sky cell with a layer": "skycell-p2381x06y09_coarse",
    "letter that only looks like one (Kelvin sign)": "j8cb0\u212a0b0",
    "digit of another script": "j8cb01\u0660b0",
}


@pytest.mark.parametrize("text", NO_NAMES.values(), ids=NO_NAMES.keys())
def test_refuses_what_is_not_a_whole_name(text: str) -> None:
    with pytest.raises(InvalidDatasetName, match="is not the name of an HST dataset") as caught:
        DatasetName.parse(text)
    assert "j8cb010b0" in caught.value.advice, "the advice shows what a name looks like"
    assert not is_dataset_name(text)


OTHER_INSTRUMENTS = [
    ("u2eq0101t", "WFPC2"),
    ("n8yj01010", "NICMOS"),
    ("v0zq0101t", "HSP"),
    ("w0bs0101t", "WFPC"),
    ("x0c10101t", "FOC"),
    ("y0hu0101t", "FOS"),
    ("z0kl0101t", "HRS"),
    ("e0000001j", "ENG"),
    ("F0GE0101M", "FGS"),
]


@pytest.mark.parametrize(("text", "instrument"), OTHER_INSTRUMENTS)
def test_says_that_an_instrument_is_not_supported(text: str, instrument: str) -> None:
    with pytest.raises(UnsupportedInstrument, match=f"{text.lower()} belongs to {instrument}"):
        DatasetName.parse(text)
    assert not is_dataset_name(text)


@pytest.mark.parametrize(
    ("name", "is_association"),
    [("j8cb010b0", True), ("la8q99030", True), ("iacs01t4q", False), ("j8f54obeq", False), ("j8cb01001", False)],
)
def test_an_association_ends_with_zero(name: str, is_association: bool) -> None:
    assert Ipppssoot(name).is_association is is_association


@pytest.mark.parametrize(
    ("name", "instrument", "ipppss"),
    [("acs_8ph_01", Instrument.ACS, "j8ph01"), ("wfc3_b2a_1z", Instrument.WFC3, "ib2a1z")],
)
def test_a_visit_knows_how_its_exposures_names_begin(name: str, instrument: Instrument, ipppss: str) -> None:
    visit = SvmVisit(name)
    assert (visit.instrument, visit.ipppss) == (instrument, ipppss)


@pytest.mark.parametrize("kind", [Ipppssoot, SvmVisit, MvmSkycell])
@pytest.mark.parametrize("name", ["", "J8CB010B0", "ACS_8PH_01", "nonsense"])
def test_no_value_holds_a_wrong_name(kind: type[DatasetName], name: str) -> None:
    with pytest.raises(InvalidDatasetName, match=f"is not a {kind.__name__} in lower case"):
        kind(name)


@given(ALMOST_NAMES)
def test_parsing_any_text_gives_a_dataset_or_our_error(text: str) -> None:
    try:
        dataset = DatasetName.parse(text)
    except (InvalidDatasetName, UnsupportedInstrument) as error:
        assert error.message
        assert not is_dataset_name(text)
    else:
        assert dataset.name == text.lower()
        assert text.isascii()


@given(DATASET_NAMES)
def test_parsing_a_parsed_name_changes_nothing(text: str) -> None:
    dataset = DatasetName.parse(text)
    assert DatasetName.parse(str(dataset)) == dataset


@pytest.mark.parametrize(
    ("name", "is_mosaic", "is_association", "guide", "instrument"),
    [
        ("j8cb010b0", False, True, "j8cb010b0_asn.fits", Instrument.ACS),
        ("o8jhg2nnq", False, False, "o8jhg2nnq_asn.fits", Instrument.STIS),
        ("wfc3_8ph_01", True, False, "wfc3_8ph_01_input.out", Instrument.WFC3),
        ("skycell-p2381x06y09", True, False, "skycell-p2381x06y09_input.out", None),
    ],
)
def test_a_dataset_answers_for_itself(
    name: str, is_mosaic: bool, is_association: bool, guide: str, instrument: Instrument | None
) -> None:
    dataset = DatasetName.parse(name)
    assert dataset.is_mosaic is is_mosaic
    assert dataset.is_association is is_association
    assert dataset.guide_file == guide
    assert dataset.instrument is instrument
