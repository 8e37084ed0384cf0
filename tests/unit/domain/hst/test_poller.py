"""Reading of poller files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caldp.domain.errors import InvalidInput
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.poller import Poller
from caldp.domain.hst.selection import lacking, select

VISIT = """\
j8ph01g0q_flc.fits,9774,8PH,01,90.0,CLEAR1L;F814W,WFC,j8ph01g0q_flc.fits
J8PH01G1Q_FLC.FITS,9774,8PH,01,340.0,CLEAR1L;F814W,WFC,j8ph01g1q_flc.fits
"""
CELL = """\
hst_13773_20_wfc3_uvis_f657n_icnk20a8_flc.fits,13773,CNK,20,515.0,F657N,UVIS,skycell-p2381x06y09,NEW,x
hst_9774_01_acs_wfc_f814w_j8ph01g0_flc.fits,9774,8PH,01,90.0,F814W,WFC,skycell-p2381x06y09,OLD,x
hst_13773_20_wfc3_uvis_f547m_icnk20aw_flc.fits,13773,CNK,20,550.0,F547M,UVIS,skycell-p2381x06y09,NEW,x

"""


def test_a_visits_exposures() -> None:
    poller = Poller.parse("acs_8ph_01_input.out", VISIT)
    assert poller.exposures == ("j8ph01g0q_flc.fits", "j8ph01g1q_flc.fits")
    assert poller.visits == ("j8ph01",)


def test_a_sky_cells_exposures_come_from_several_visits() -> None:
    poller = Poller.parse("skycell-p2381x06y09_input.out", CELL)
    assert len(poller.exposures) == 3
    assert poller.visits == ("icnk20", "j8ph01")


@pytest.mark.parametrize("text", ["ib6807z1q_flt.fits\nib6807z6q_flt.fits", "ib6807z1q_flt.fits APERTURE\n"])
def test_a_plain_list_will_do(text: str) -> None:
    assert Poller.parse("x", text).visits == ("ib6807",)


@pytest.mark.parametrize(
    "text", ["", "\n , \n", "j8ph01g0q\n", "a_flc.fits\n", "../j8ph01g0q_flc.fits\n", "é" * 9 + "_flc.fits"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"acs_8ph_01_input\.out is not a poller file") as caught:
        Poller.parse("acs_8ph_01_input.out", text)
    assert caught.value.advice


@pytest.mark.parametrize("blank", ["", " ", "\t", " , ,", "\x1f", "\xa0", "\u3000", "\u2007,\xa0"])
def test_lines_of_blanks_of_any_kind_are_passed_over(blank: str) -> None:
    assert Poller.parse("x", f"{blank}\n{VISIT}{blank}\n") == Poller.parse("x", VISIT)
    with pytest.raises(InvalidInput, match="it names no exposure"):
        Poller.parse("x", blank)


_TEXTS = st.text() | st.text("abc8_/.,fits \n\t\x1c\x1f\x85\xa0\u2028\u3000")


@given(_TEXTS | st.builds("{}{}{}".format, _TEXTS, st.just("j8ph01g0q_flc.fits"), _TEXTS))
def test_no_text_does_anything_but_parse_or_raise_our_error(text: str) -> None:
    try:
        poller = Poller.parse("x", text)
    except InvalidInput:
        return
    assert poller.exposures
    assert all("/" not in exposure and exposure.endswith(".fits") for exposure in poller.exposures)
    assert all(poller.visits)


def test_it_says_what_belongs_to_a_mosaic() -> None:
    dataset, poller = DatasetName.parse("skycell-p2381x06y09"), Poller.parse("x", CELL)
    offered = [dataset.guide_file, *poller.exposures, "hst_9774_01_acs_wfc_f814w_j8ph01g9_flc.fits"]
    assert set(select(dataset, offered, poller).chosen) == {dataset.guide_file, *poller.exposures}


def test_an_exposure_that_it_names_must_be_there() -> None:
    dataset, poller = DatasetName.parse("acs_8ph_01"), Poller.parse("x", VISIT)
    assert lacking(dataset, [dataset.guide_file, *poller.exposures], poller) == ""
    assert lacking(dataset, [dataset.guide_file, "j8ph01g0q_flc.fits"], poller) == "no j8ph01g1q_flc.fits"


def test_the_poller_file_of_a_visit_is_made_of_its_exposures() -> None:
    names = [
        "j8ph01g3q_flt.fits", "j8ph01g3q_flc.fits", "J8PH01G1Q_FLC.FITS", "j8ph01g5q_flt.fits", "j8ph01g0q_raw.fits",
        "j8ph02g0q_flc.fits", "j8ph01010_drc.fits", "hst_9774_01_acs_wfc_f814w_j8ph01g1_flc.fits",
        "j8ph01g3q_flt_hlet.fits",
    ]  # fmt: skip
    poller = Poller.of_visit("j8ph01", names)
    assert poller is not None
    assert poller.exposures == ("j8ph01g1q_flc.fits", "j8ph01g3q_flc.fits", "j8ph01g5q_flt.fits")
    assert Poller.parse("acs_8ph_01_input.out", poller.to_text()) == poller
    assert Poller.of_visit("j8ph03", names) is None
