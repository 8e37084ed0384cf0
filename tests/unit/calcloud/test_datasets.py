"""Kinds and instruments, under CALCLOUD's names for them."""

import pytest

from caldp.calcloud import INSTRUMENT_LETTERS, DatasetName, dataset_kind, instrument_name, is_dataset_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ieloc4yzq", "ipst"),
        ("J8CB010B0", "ipst"),
        ("wfc3_epo_2h", "svm"),
        ("acs_ez4_11", "svm"),
        ("skycell-p0115x10y10", "mvm"),
    ],
)
def test_a_dataset_has_a_kind(name: str, kind: str) -> None:
    assert dataset_kind(name) == kind
    assert is_dataset_name(name)
    assert str(DatasetName.parse(name)) == name.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothstdataset",
        "acs_8ph_01_extra",
        "xacs_8ph_01",
        "cos_8ph_01",
        "skycell-p0115x10y10x",
        "ieloc4yzq\n",
        "u2eq0101t",
        "j8cb010b",
    ],
)
def test_what_is_no_dataset_raises_a_value_error(text: str) -> None:
    assert not is_dataset_name(text)
    with pytest.raises(ValueError, match=r"."):
        dataset_kind(text)


@pytest.mark.parametrize(("letter", "instrument"), [*INSTRUMENT_LETTERS.items()])
def test_the_first_letter_tells_the_instrument(letter: str, instrument: str) -> None:
    assert instrument_name(f"{letter}pppssoot") == instrument
    assert instrument_name(f"{letter}pppssoot".upper()) == instrument
    assert instrument_name(instrument) == instrument


def test_all_letters_of_hst_are_known() -> None:
    assert "".join(sorted(INSTRUMENT_LETTERS)) == "efijlnouvwxyz"


def test_a_visit_belongs_to_the_instrument_it_is_named_after() -> None:
    assert instrument_name("wfc3_8ph_01") == "wfc3"
    assert instrument_name("ACS_8ph_01") == "acs"


@pytest.mark.parametrize("text", ["skycell-p0115x10y10", "", "qpppssoot", "j"])
def test_what_has_no_one_instrument_raises(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        instrument_name(text)
