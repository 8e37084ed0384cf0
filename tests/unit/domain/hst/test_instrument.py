"""Instruments and their recipes (docs/reference/contracts/datasets.md)."""

from __future__ import annotations

import pytest
from hypothesis import given

from caldp.domain.errors import InvalidDatasetName, UnsupportedInstrument
from caldp.domain.hst.instrument import OTHERS, RECIPES, REFERENCE_DIRECTORIES, Instrument, StageInput, instrument_of
from tests.support.strategies import ALMOST_NAMES


@pytest.mark.parametrize(
    ("text", "instrument"),
    [
        ("acs", Instrument.ACS),
        (" WFC3 ", Instrument.WFC3),
        ("cos", Instrument.COS),
        ("Stis", Instrument.STIS),
        ("j8cb010b0", Instrument.ACS),
        ("IB8T01010", Instrument.WFC3),
        ("ldfd01vnq_rawtag_a.fits", Instrument.COS),
        ("obes03010", Instrument.STIS),
        ("acs_8ph_01", Instrument.ACS),
        ("wfc3_8ph_01", Instrument.WFC3),
    ],
)
def test_an_instrument_is_found_by_its_name_or_by_a_first_letter(text: str, instrument: Instrument) -> None:
    assert instrument_of(text) is instrument


@pytest.mark.parametrize(
    ("text", "instrument"),
    [*((f"{letter}0123456q", name) for letter, name in OTHERS.items()), ("wfpc2", "wfpc2"), ("FGS", "fgs")],
)
def test_other_instruments_are_named_in_the_refusal(text: str, instrument: str) -> None:
    with pytest.raises(UnsupportedInstrument, match=f"belongs to {instrument.upper()}, which caldp does not calibrate"):
        instrument_of(text)


def test_every_letter_belongs_to_one_instrument() -> None:
    letters = {recipe.letter: instrument.value for instrument, recipe in RECIPES.items()} | OTHERS
    assert letters == {
        "j": "acs", "i": "wfc3", "l": "cos", "o": "stis", "u": "wfpc2", "n": "nicmos", "v": "hsp", "w": "wfpc",
        "x": "foc", "y": "fos", "z": "hrs", "e": "eng", "f": "fgs",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", " ", "skycell-p2381x06y09", "hst_acs", "_8ph_01", "\u0130b8t01010"])
def test_what_is_nobodys_is_refused(text: str) -> None:
    with pytest.raises(InvalidDatasetName, match="No HST instrument's names begin like"):
        instrument_of(text)


@given(ALMOST_NAMES)
def test_any_text_has_an_instrument_or_gives_our_error(text: str) -> None:
    try:
        assert instrument_of(text) in Instrument
    except (InvalidDatasetName, UnsupportedInstrument) as error:
        assert error.advice


COS_SUFFIXES = (
    "ASN RAW EPC SPT RAWACCUM RAWACCUM_A RAWACCUM_B RAWACQ RAWTAG RAWTAG_A RAWTAG_B PHA_A PHA_B"  # what MAST calls them
)
RECIPE_TABLE = [
    # instrument, suffixes to fetch, stage 1, stage 2, tolerated statuses, reference variable
    (Instrument.ACS, "ASN RAW", "calacs.e", "runastrodriz -n 1", set(), "jref"),
    (Instrument.WFC3, "ASN RAW", "calwf3.e", "runastrodriz -n 1", set(), "iref"),
    (Instrument.COS, COS_SUFFIXES, "calcos", "", {5}, "lref"),
    (Instrument.STIS, "ASN RAW EPC TAG WAV", "cs0.e -tv", "", set(), "oref"),
]


@pytest.mark.parametrize(("instrument", "suffixes", "stage1", "stage2", "tolerated", "variable"), RECIPE_TABLE)
def test_recipes(
    instrument: Instrument, suffixes: str, stage1: str, stage2: str, tolerated: set[int], variable: str
) -> None:
    recipe = instrument.recipe
    assert " ".join(recipe.download_suffixes) == suffixes
    assert " ".join(recipe.stage1) == stage1
    assert " ".join(recipe.stage2) == stage2
    assert recipe.tolerated_statuses == tolerated
    assert recipe.reference_variable == variable


@pytest.mark.parametrize(
    ("instrument", "stage_input"),
    [
        (Instrument.ACS, StageInput.ASSOCIATION_ELSE_EVERY_RAW),
        (Instrument.WFC3, StageInput.ASSOCIATION_ELSE_EVERY_RAW),
        (Instrument.COS, StageInput.ASSOCIATION_ELSE_FIRST_RAW),
        (Instrument.STIS, StageInput.EACH_RAW_ELSE_EACH_WAV),
    ],
)
def test_which_files_an_engine_is_given(instrument: Instrument, stage_input: StageInput) -> None:
    assert instrument.recipe.stage_input is stage_input


def test_stis_support_files_are_not_wanted_back_and_its_raws_have_three_suffixes() -> None:
    recipe = Instrument.STIS.recipe
    assert recipe.undelivered_suffixes == ("epc",)
    assert recipe.raw_suffixes == ("raw", "wav", "tag")


def test_each_reference_variable_has_a_directory_of_its_instrument() -> None:
    assert REFERENCE_DIRECTORIES == {
        "iref": "wfc3", "jref": "acs", "oref": "stis", "lref": "cos", "nref": "nicmos", "uref": "wfpc2",
    }  # fmt: skip
    for instrument in Instrument:
        assert REFERENCE_DIRECTORIES[instrument.recipe.reference_variable] == str(instrument)
