"""COS: what calcos was seen to make of FUV spectra and acquisition images, and its source for the rest."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from caldp.domain.hst.files import FitsFacts, HeaderValue
from tests.support.expectations import expectation_of, raw, rows, texts
from tests.support.observations import COS_FUV, association

FUV_SWITCHES = (
    "FLATCORR DEADCORR DQICORR TEMPCORR GEOCORR IGEOCORR RANDCORR XWLKCORR YWLKCORR PHACORR TRCECORR ALGNCORR "
    "DOPPCORR HELCORR X1DCORR BACKCORR WAVECORR FLUXCORR TDSCORR"
)
NUV_SWITCHES = "FLATCORR DEADCORR DQICORR DOPPCORR HELCORR X1DCORR BACKCORR WAVECORR FLUXCORR TDSCORR"
EXTRACTION = "BACKCORR FLUXCORR HELCORR TDSCORR X1DCORR"
SCIENCE: dict[str, Any] = {
    "OBSTYPE": "SPECTROSCOPIC", "EXPTYPE": "EXTERNAL/SCI", "OBSMODE": "TIME-TAG", "TAGFLASH": "AUTO", "NUMFLASH": 3,
    "APERTURE": "PSA", "RA_TARG": 209.3, "DOPPMAGV": 7.25, "DOPMAGT": -1.0,
}  # fmt: skip


def fuv(**keywords: HeaderValue) -> FitsFacts:
    return raw(FUV_SWITCHES, "EVENTS", "GTI", **{**SCIENCE, "DETECTOR": "FUV", "FPPOS": 1, **keywords})


def nuv(**keywords: HeaderValue) -> FitsFacts:
    return raw(NUV_SWITCHES, "EVENTS", **{**SCIENCE, "DETECTOR": "NUV", "FPPOS": 3, **keywords})


def test_an_fuv_association_of_four_positions() -> None:
    raws = {f"ldfd01v{x}q_rawtag_a.fits": fuv(FPPOS=position) for position, x in enumerate("nprt", start=1)}
    beside = {"ldfd01vlq_rawacq.fits": raw("FLATCORR", EXPTYPE="ACQ/IMAGE", OBSTYPE="IMAGING")}
    expectation = expectation_of("ldfd01010", {**raws, **beside}, COS_FUV, "ldfd01vnq_spt.fits ldfd01010_asn.fits")
    found = rows(expectation, fuv())
    assert {name: left for name, left in found.items() if name.startswith("ldfd01vnq")} == {
        "ldfd01vnq_flt_a.fits": EXTRACTION,
        "ldfd01vnq_counts_a.fits": EXTRACTION,
        "ldfd01vnq_corrtag_a.fits": EXTRACTION,
        "ldfd01vnq_lampflash.fits": " ".join(sorted(FUV_SWITCHES.split())),
        "ldfd01vnq_x1d.fits": "",
    }
    assert {name: left for name, left in found.items() if name.startswith("ldfd01010")} == {
        "ldfd01010_jnk.fits": " ".join(sorted(FUV_SWITCHES.split())),
        "ldfd01010_x1dsum.fits": "",
        "ldfd01010_x1dsum1.fits": "",
        "ldfd01010_x1dsum2.fits": "",
        "ldfd01010_x1dsum3.fits": "",
        "ldfd01010_x1dsum4.fits": "",
    }
    assert len(found) == 4 * 5 + 6
    assert texts(expectation) == [f"ldfd01v{x}q.tra" for x in "nprt"]


@pytest.mark.parametrize(
    ("switches", "is_done"),
    [
        ({"GEOCORR": "OMIT"}, False),
        ({"GEOCORR": "OMIT", "DGEOCORR": "PERFORM"}, True),
        ({"GEOCORR": "OMIT", "DGEOCORR": "OMIT"}, False),
        ({}, True),
    ],
)
def test_interpolation_is_done_in_the_corrections_that_it_belongs_to(switches: dict[str, str], is_done: bool) -> None:
    facts = fuv(**switches)
    expectation = expectation_of("ldfd01vnq", {"ldfd01vnq_rawtag_a.fits": facts})
    (spectrum,) = (product for product in expectation.products if product.name == "ldfd01vnq_x1d.fits")
    assert ("IGEOCORR" in spectrum.complete) == is_done


def test_segments_have_their_files_and_share_a_spectrum() -> None:
    found = rows(expectation_of("ldfd01vnq", {f"ldfd01vnq_rawtag_{x}.fits": fuv() for x in "ab"}), fuv())
    assert sorted(found) == [
        "ldfd01vnq_corrtag_a.fits", "ldfd01vnq_corrtag_b.fits", "ldfd01vnq_counts_a.fits", "ldfd01vnq_counts_b.fits",
        "ldfd01vnq_flt_a.fits", "ldfd01vnq_flt_b.fits", "ldfd01vnq_lampflash.fits", "ldfd01vnq_x1d.fits",
    ]  # fmt: skip


def test_an_nuv_association() -> None:
    table = association("la8q99030", "la8q99aaq EXP-FP", "la8q99030 PROD-FP")
    expectation = expectation_of("la8q99030", {"la8q99aaq_rawtag.fits": nuv()}, table, "la8q99aaq_spt.fits")
    assert sorted(rows(expectation, nuv())) == [
        "la8q99030_jnk.fits", "la8q99030_x1dsum.fits", "la8q99030_x1dsum3.fits", "la8q99aaq_corrtag.fits",
        "la8q99aaq_counts.fits", "la8q99aaq_flt.fits", "la8q99aaq_lampflash.fits", "la8q99aaq_x1d.fits",
    ]  # fmt: skip


def test_an_accumulated_exposure_has_events_made_up_and_no_lamp_flashes() -> None:
    accum = nuv(OBSMODE="ACCUM", DOPMAGT=7.0)
    expectation = expectation_of("la8q99aaq", {"la8q99aaq_rawaccum.fits": accum})
    assert sorted(rows(expectation, accum)) == [
        "la8q99aaq_corrtag.fits", "la8q99aaq_counts.fits", "la8q99aaq_flt.fits", "la8q99aaq_x1d.fits"
    ]  # fmt: skip


def test_images_are_summed() -> None:
    image = raw("FLATCORR DEADCORR DQICORR PHOTCORR TDSCORR", "EVENTS", **{**SCIENCE, "OBSTYPE": "IMAGING"})
    table = association("la8q99030", "la8q99aaq EXP-FP", "la8q99030 PROD-FP")
    expectation = expectation_of("la8q99030", {"la8q99aaq_rawtag.fits": image}, table)
    assert rows(expectation, image)["la8q99aaq_flt.fits"] == "TDSCORR"
    assert "la8q99030_fltsum.fits" in rows(expectation, image)


def test_an_acquisition_image() -> None:
    image = raw(
        "FLATCORR DEADCORR DQICORR TDSCORR PHOTCORR", EXPTYPE="ACQ/IMAGE", OBSTYPE="IMAGING", OBSMODE="ACCUM",
        DETECTOR="NUV", APERTURE="PSA",
    )  # fmt: skip
    expectation = expectation_of("ldfd01vlq", {"ldfd01vlq_rawacq.fits": image})
    assert rows(expectation, image) == {"ldfd01vlq_flt.fits": "TDSCORR", "ldfd01vlq_counts.fits": "TDSCORR"}


@pytest.mark.parametrize("kind", ["ACQ/SEARCH", "ACQ/PEAKD", "ACQ/PEAKXD", "ENG DIAG", "MEMORY DUMP"])
def test_other_acquisitions_are_not_calibrated(kind: str) -> None:
    expectation = expectation_of("ldfd01vlq", {"ldfd01vlq_rawacq.fits": raw("FLATCORR", EXPTYPE=kind)})
    assert expectation.products == ()
    assert kind in expectation.nothing_to_do


def test_without_switches_there_is_nothing_to_do() -> None:
    idle = raw("", omit=FUV_SWITCHES, EXPTYPE="EXTERNAL/SCI")
    assert expectation_of("ldfd01vnq", {"ldfd01vnq_rawtag_a.fits": idle}).nothing_to_do


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        (fuv(DOPPMAGV=0.0), "DOPPCORR"),
        (fuv(RA_TARG=-1.0), "HELCORR"),
        (fuv(EXPTYPE="WAVECAL", TAGFLASH="NONE"), "DOPPCORR FLUXCORR HELCORR TDSCORR WAVECORR"),
        (fuv(PHOTCORR="PERFORM"), "PHOTCORR"),
        (fuv(FLUXCORR="OMIT"), "TDSCORR"),
        (nuv(TEMPCORR="PERFORM", PHACORR="PERFORM", BRSTCORR="PERFORM"), "BRSTCORR PHACORR TEMPCORR"),
        (nuv(OBSMODE="ACCUM", DOPMAGT=0.0), "DOPPCORR"),
        (nuv(OBSMODE="ACCUM", DOPMAGT=7.0, FLATCORR="OMIT"), "DOPPCORR"),
    ],
    ids=["no motion", "no target", "wavecal", "spectrum", "no flux", "NUV", "accumulated", "no flat field to convolve"],
)
def test_calcos_turns_some_switches_off_by_itself(facts: FitsFacts, left: str) -> None:
    assert rows(expectation_of("ldfd01vnq", {"ldfd01vnq_rawtag.fits": facts}), facts)["ldfd01vnq_x1d.fits"] == left


def test_every_product_of_an_exposed_raw_file_states_its_exposure_time() -> None:
    """Its own trailer has none; all others copy the keyword of the raw file, lamp flashes too."""
    products = expectation_of("ldfd01vnq", {"ldfd01vnq_rawtag_a.fits": fuv()}).products
    assert {product.name for product in products if not product.exposed} == {"ldfd01vnq.tra"}


def test_wavecals_are_not_summed() -> None:
    table = association("ldfd01010", "ldfd01vnq EXP-FP", "ldfd01vpq EXP-GWAVE", "ldfd01010 PROD-FP")
    wavecal = fuv(EXPTYPE="WAVECAL", TAGFLASH="NONE", FPPOS=4)
    raws = {"ldfd01vnq_rawtag_a.fits": fuv(), "ldfd01vpq_rawtag_a.fits": wavecal}
    names = rows(expectation_of("ldfd01010", raws, table), fuv())
    assert "ldfd01vpq_x1d.fits" in names
    assert "ldfd01vpq_lampflash.fits" not in names
    assert [name for name in names if "x1dsum" in name] == ["ldfd01010_x1dsum.fits", "ldfd01010_x1dsum1.fits"]


def test_without_extraction_nothing_is_summed() -> None:
    unextracted = evolve(fuv(), primary={**fuv().primary, "X1DCORR": "OMIT"})
    table = association("ldfd01010", "ldfd01vnq EXP-FP", "ldfd01010 PROD-FP")
    names = rows(expectation_of("ldfd01010", {"ldfd01vnq_rawtag_a.fits": unextracted}, table), unextracted)
    assert not any("x1d" in name for name in names)


def test_a_file_without_events_has_products_without_calibration() -> None:
    empty = evolve(raw(FUV_SWITCHES, "EVENTS0", **SCIENCE), name="ldfd01vnq_rawtag_b.fits")
    raws = {"ldfd01vnq_rawtag_a.fits": fuv(), "ldfd01vnq_rawtag_b.fits": empty}
    expectation = expectation_of("ldfd01vnq", raws)
    complete = {product.name: product.complete for product in expectation.products}
    assert complete["ldfd01vnq_flt_b.fits"] == frozenset()
    assert complete["ldfd01vnq_flt_a.fits"]
    assert complete["ldfd01vnq_x1d.fits"]
    assert expectation.notes == ("ldfd01vnq_rawtag_b.fits holds no events",)


def test_calcos_does_not_start_for_a_step_that_needs_another() -> None:
    facts = raw("FLUXCORR BACKCORR GEOCORR", "EVENTS", omit="X1DCORR", **{**SCIENCE, "DETECTOR": "NUV", "FPPOS": 3})
    expectation = expectation_of("ldfd01vnq", {"ldfd01vnq_rawtag.fits": facts})
    assert expectation.products == ()
    assert expectation.nothing_to_do == "calcos calibrates no exposure that is EXTERNAL/SCI with these switches"


def test_calcos_always_starts_for_a_wavecal() -> None:
    keywords = {**SCIENCE, "DETECTOR": "NUV", "EXPTYPE": "WAVECAL", "TAGFLASH": "NONE"}
    facts = raw("", "EVENTS", omit="X1DCORR FLATCORR", **keywords)
    found = rows(expectation_of("ldfd01vnq", {"ldfd01vnq_rawtag.fits": facts}), facts)
    assert sorted(found) == ["ldfd01vnq_corrtag.fits", "ldfd01vnq_counts.fits", "ldfd01vnq_flt.fits"]


def test_notes_say_where_science_cannot_be_judged() -> None:
    few = evolve(nuv(), name="few", extensions=(evolve(nuv().extensions[0], rows=999),))
    many = evolve(few, name="many", extensions=(evolve(few.extensions[0], rows=1000),))
    dark = evolve(nuv(EXPTIME=0.0), name="dark")

    def notes(facts: FitsFacts) -> tuple[str, ...]:
        return expectation_of("ldfd01vnq", {"ldfd01vnq_rawtag.fits": facts}).notes

    assert notes(few) == ("few holds 999 events, so few that its products may hold no science",)
    assert notes(many) == ()
    assert notes(dark) == ("dark has an exposure time of 0, so its products may hold no science",)
