"""Structure of products, by their raw exposures; seen in the products of HSTCAL, calcos and drizzlepac."""

from __future__ import annotations

import pytest
from attrs import evolve

from caldp.domain.calibration.expected import Expectation
from caldp.domain.calibration.expected.structure import DRIZZLED, IMSET, IR_IMSET, Structure, spectrum_table, table
from caldp.domain.hst.files import Extension, FitsFacts, Values
from tests.support.expectations import expectation_of, raw
from tests.support.observations import COS_FUV, WFC3_DITHER, association

ONE = frozenset({1})
CORRTAG = table("EVENTS", "GTI", "TIMELINE")
WFC = raw("FLATCORR PCTECORR DRIZCORR CRCORR", *["SCI", "ERR", "DQ"] * 2, DETECTOR="WFC", OBSTYPE="IMAGING")
IR = raw("FLATCORR DRIZCORR RPTCORR", *["SCI", "ERR", "DQ", "SAMP", "TIME"] * 4, DETECTOR="IR", OBSTYPE="IMAGING")
CCD = raw(
    "FLATCORR CRCORR EXPSCORR X1DCORR X2DCORR", *["SCI", "ERR", "DQ"] * 3, DETECTOR="CCD", OBSTYPE="SPECTROSCOPIC",
    TEXPTIME=300.0,
)  # fmt: skip
FUV = raw(
    "FLATCORR X1DCORR WAVECORR", "EVENTS", DETECTOR="FUV", OBSTYPE="SPECTROSCOPIC", EXPTYPE="EXTERNAL/SCI",
    OBSMODE="TIME-TAG", TAGFLASH="AUTO", NUMFLASH=2, FPPOS=1,
)  # fmt: skip
ACQUISITION = raw("FLATCORR", *["SCI", "ERR", "DQ"] * 2, EXPTYPE="ACQ/IMAGE", OBSTYPE="IMAGING", OBSMODE="ACCUM")


def structures(expectation: Expectation) -> dict[str, Structure | None]:
    return {product.name[10:-5]: product.structure for product in expectation.products if product.is_fits}


def filled(facts: FitsFacts, *values: Values) -> FitsFacts:
    """Say what the pixels of a raw exposure's SCI extensions are, in order."""
    by_version = dict(enumerate(values, start=1))
    return evolve(
        facts,
        extensions=tuple(
            evolve(each, values={"SCI": by_version[each.version]}) if each.name == "SCI" else each
            for each in facts.extensions
        ),
    )


def test_two_chips_are_two_image_sets() -> None:
    table = association("j8cb010b0", "j8cb01u2q EXP-CRJ", "j8cb01u3q EXP-CRJ", "j8cb010b1 PROD-CRJ")
    found = structures(expectation_of("j8cb010b0", {f"j8cb01u{x}q_raw.fits": WFC for x in "23"}, table))
    assert {name: found[name] for name in ("flt", "flc", "crj", "crc")} == dict.fromkeys(
        ("flt", "flc", "crj", "crc"), Structure(IMSET, 2)
    )
    assert found["drz"] == found["drc"] == Structure(DRIZZLED)
    assert found["flt_hlet"] == Structure(frozenset({"SIPWCS"}), blank=ONE), "a header without data"


def test_a_ramp_keeps_every_read_and_is_fitted_to_one() -> None:
    found = structures(expectation_of("isim01010", {f"isim01a{x}q_raw.fits": IR for x in "12"}, WFC3_DITHER))
    assert found["ima"] == Structure(IR_IMSET, 4, blank=frozenset({4})), "of the first read nothing may be left"
    assert found["flt"] == Structure(IR_IMSET)


def test_a_combined_ir_exposure_has_neither_samples_nor_times() -> None:
    table = association("ib8t01010", "ib8t01aaq EXP-RPT", "ib8t01abq EXP-RPT", "ib8t01011 PROD-RPT")
    found = structures(expectation_of("ib8t01010", {f"ib8t01a{x}q_raw.fits": IR for x in "ab"}, table))
    assert found["crj"] == Structure(IMSET)


def test_a_split_spectrum() -> None:
    assert structures(expectation_of("obes03010", {"obes03010_raw.fits": CCD})) == {
        "flt": Structure(IMSET, 3), "crj": Structure(), "sx1": spectrum_table(), "sx2": Structure()
    }  # fmt: skip


def test_calstis_extracts_no_spectrum_of_an_image_that_it_flags_as_bad() -> None:
    mama = evolve(CCD, primary={**CCD.primary, "DETECTOR": "FUV-MAMA", "CRCORR": "OMIT"})
    assert structures(expectation_of("obes03010", {"obes03010_raw.fits": mama}))["x1d"] == spectrum_table(sets=3)
    dark = filled(mama, Values.VARIED, Values.CONSTANT, Values.VARIED)
    expectation = expectation_of("obes03010", {"obes03010_raw.fits": evolve(dark, name="obes03010_raw.fits")})
    assert structures(expectation)["x1d"] == spectrum_table(sets=2)
    assert structures(expectation)["flt"] == Structure(IMSET, 3, blank=frozenset({2}))
    assert expectation.notes == ("obes03010_raw.fits has one value only in SCI,2, so its products may",)
    first, *others = mama.extensions
    short = evolve(mama, extensions=(Extension("SCI", {"EXPTIME": 0.0}, first.data_bytes), *others))
    assert structures(expectation_of("obes03010", {"obes03010_raw.fits": short}))["x1d"] == spectrum_table(sets=2)


def test_calstis_makes_nothing_where_every_image_has_one_value() -> None:
    constant = filled(CCD, *[Values.CONSTANT] * 3)
    idle = expectation_of("obes03010", {"obes03010_raw.fits": constant}).nothing_to_do
    assert idle == "obes03010_raw.fits: each of its images has one value only, or an exposure time of 0"


def test_products_of_a_constant_raw_exposure_may_be_constant() -> None:
    constant = evolve(filled(WFC, Values.VARIED, Values.CONSTANT), name="j8cb01u2q_raw.fits")
    expectation = expectation_of("j8cb01u2q", {"j8cb01u2q_raw.fits": constant})
    assert structures(expectation)["flt"] == Structure(IMSET, 2, blank=frozenset({2}))
    assert structures(expectation)["drz"] == Structure(DRIZZLED), "the other chip has science"
    assert expectation.notes == ("j8cb01u2q_raw.fits has one value only in SCI,2, so its products may",)
    nothing = structures(expectation_of("j8cb01u2q", {"j8cb01u2q_raw.fits": filled(WFC, *[Values.CONSTANT] * 2)}))
    assert nothing["drz"] == Structure(DRIZZLED, blank=ONE)


def test_cos() -> None:
    raws = {f"ldfd01v{x}q_rawtag_a.fits": FUV for x in "nprt"}
    found = structures(expectation_of("ldfd01010", raws, COS_FUV, "ldfd01vnq_spt.fits"))
    assert found == {
        "flt_a": Structure(), "counts_a": Structure(), "corrtag_a": CORRTAG,
        "lampflash": table("LAMPFLASH"), "x1d": spectrum_table(), "jnk": None, "x1dsum": spectrum_table(),
        "x1dsum1": spectrum_table(),
    }  # fmt: skip


def test_an_acquisition_has_an_image_before_centring_and_one_after() -> None:
    found = structures(expectation_of("ldfd01vlq", {"ldfd01vlq_rawacq.fits": ACQUISITION}))
    assert found == {"flt": Structure(IMSET, 2), "counts": Structure(IMSET, 2)}


@pytest.mark.parametrize(
    ("rows", "seconds", "blank"), [(0, 100.0, True), (999, 100.0, True), (1000, 100.0, False), (9999, 0.0, True)]
)
def test_a_few_events_may_all_lie_beside_the_spectrum(rows: int, seconds: float, blank: bool) -> None:
    few = evolve(
        FUV, primary={**FUV.primary, "EXPTIME": seconds}, extensions=(Extension("EVENTS", data_bytes=8, rows=rows),)
    )
    found = structures(expectation_of("ldfd01vnq", {"ldfd01vnq_rawtag_a.fits": few}))
    assert found["x1d"] == spectrum_table(blank=blank)
    assert found["corrtag_a"] == table("EVENTS", "GTI", "TIMELINE", blank=blank)
    both = expectation_of("ldfd01vnq", {"ldfd01vnq_rawtag_a.fits": FUV, "ldfd01vnq_rawtag_b.fits": few})
    assert structures(both)["x1d"] == spectrum_table(), "the other segment has a spectrum"


@pytest.mark.parametrize(("seconds", "exposed"), [(100.0, True), (0.0, False)])
def test_a_product_is_exposed_if_its_raw_exposure_is(seconds: float, exposed: bool) -> None:
    raws = {"j8cb01u2q_raw.fits": evolve(WFC, primary={**WFC.primary, "EXPTIME": seconds})}
    products = expectation_of("j8cb01u2q", raws).products
    assert {product.exposed for product in products if product.is_fits and product.roots} == {exposed}


def test_whose_rootname_each_product_may_have() -> None:
    table = association("j8cb010b0", "j8cb01u2q EXP-CRJ", "j8cb01u3q EXP-CRJ", "j8cb010b1 PROD-CRJ")
    products = expectation_of("j8cb010b0", {f"j8cb01u{x}q_raw.fits": WFC for x in "23"}, table).products
    roots = {product.name: product.roots for product in products}
    assert roots["j8cb01u2q_flt.fits"] == {"j8cb01u2q"}
    assert roots["j8cb010b1_crj.fits"] == {"j8cb010b1", "j8cb01u2q", "j8cb01u3q"}
    assert roots["j8cb010b1_drz.fits"] == {"j8cb010b0", "j8cb010b1", "j8cb01u2q", "j8cb01u3q"}
    assert roots["j8cb01u2q_flt_hlet.fits"] == frozenset(), "headerlets have none"
    spectra = expectation_of("ldfd01010", {f"ldfd01v{x}q_rawtag_a.fits": FUV for x in "nprt"}, COS_FUV).products
    assert {p.name: p.roots for p in spectra}["ldfd01010_x1dsum1.fits"] == {
        "ldfd01010", "ldfd01vnq", "ldfd01vpq", "ldfd01vrq", "ldfd01vtq"
    }  # fmt: skip
