"""Products expected of calwf3 and runastrodriz (docs/reference/contracts/engines.md)."""

from __future__ import annotations

from caldp.domain.calibration.plan import Stage
from tests.support.expectations import expectation_of, raw, rows, texts
from tests.support.observations import WFC3_DITHER, association

IR_SWITCHES = "DQICORR ZSIGCORR ZOFFCORR DARKCORR BLEVCORR NLINCORR FLATCORR CRCORR UNITCORR PHOTCORR DRIZCORR"
IR = raw(IR_SWITCHES, omit="RPTCORR", DETECTOR="IR", OBSTYPE="IMAGING", EXPTIME=100.0)
UVIS_SWITCHES = "DQICORR BLEVCORR BIASCORR FLSHCORR EXPSCORR DARKCORR FLATCORR PHOTCORR PCTECORR DRIZCORR"
UVIS = raw(UVIS_SWITCHES, omit="CRCORR RPTCORR", DETECTOR="UVIS", OBSTYPE="IMAGING", EXPTIME=100.0)
SPLIT = raw(f"{UVIS_SWITCHES} CRCORR", omit="RPTCORR", DETECTOR="UVIS", OBSTYPE="IMAGING", EXPTIME=100.0)
CRSPLIT = association("ib6v19010", "ib6v19aaq EXP-CRJ", "ib6v19abq EXP-CRJ", "ib6v19011 PROD-CRJ")


def test_an_ir_dither() -> None:
    expectation = expectation_of("isim01010", {f"isim01a{x}q_raw.fits": IR for x in "12"}, WFC3_DITHER)
    assert rows(expectation, IR) == {
        "isim01a1q_ima.fits": "DRIZCORR",
        "isim01a1q_flt.fits": "DRIZCORR",
        "isim01a2q_ima.fits": "DRIZCORR",
        "isim01a2q_flt.fits": "DRIZCORR",
    }
    assert set(rows(expectation, IR, Stage.STAGE2)) == {
        "isim01010_drz.fits", "isim01a1q_flt_hlet.fits", "isim01a2q_flt_hlet.fits"
    }  # fmt: skip
    assert texts(expectation) == ["isim01a1q.tra", "isim01a2q.tra"]


def test_a_repeated_ir_exposure_is_combined_if_its_header_says_so() -> None:
    table = association("ib8t01010", "ib8t01aaq EXP-RPT", "ib8t01abq EXP-RPT", "ib8t01011 PROD-RPT")
    repeated = raw(f"{IR_SWITCHES} RPTCORR", DETECTOR="IR", OBSTYPE="IMAGING", EXPTIME=100.0)
    names = [f"ib8t01a{x}q_raw.fits" for x in "ab"]
    combined = expectation_of("ib8t01010", dict.fromkeys(names, repeated), table)
    assert rows(combined, repeated)["ib8t01011_crj.fits"] == "DRIZCORR RPTCORR"
    assert "ib8t01011_drz.fits" in rows(combined, repeated, Stage.STAGE2)
    assert "ib8t01011_crj.fits" not in rows(expectation_of("ib8t01010", dict.fromkeys(names, IR), table), IR)


def test_a_single_uvis_exposure_has_every_product_with_and_without_the_cte_correction() -> None:
    expectation = expectation_of("iacs01t4q", {"iacs01t4q_raw.fits": UVIS})
    assert rows(expectation, UVIS) == {"iacs01t4q_flt.fits": "DRIZCORR PCTECORR", "iacs01t4q_flc.fits": "DRIZCORR"}
    assert set(rows(expectation, UVIS, Stage.STAGE2)) == {
        "iacs01t4q_drz.fits", "iacs01t4q_drc.fits", "iacs01t4q_flt_hlet.fits"
    }  # fmt: skip


def test_a_split_uvis_exposure() -> None:
    expectation = expectation_of("ib6v19010", {f"ib6v19a{x}q_raw.fits": SPLIT for x in "ab"}, CRSPLIT)
    assert rows(expectation, SPLIT) == {
        "ib6v19aaq_flt.fits": "CRCORR DRIZCORR PCTECORR",
        "ib6v19aaq_flc.fits": "CRCORR DRIZCORR",
        "ib6v19abq_flt.fits": "CRCORR DRIZCORR PCTECORR",
        "ib6v19abq_flc.fits": "CRCORR DRIZCORR",
        "ib6v19011_crj.fits": "DRIZCORR PCTECORR",
        "ib6v19011_crc.fits": "DRIZCORR",
    }
    assert {"ib6v19011_drz.fits", "ib6v19011_drc.fits"} <= set(rows(expectation, SPLIT, Stage.STAGE2))
    assert texts(expectation) == ["ib6v19011.tra", "ib6v19aaq.tra", "ib6v19abq.tra"]


def test_where_no_calibrated_exposure_is_made_the_raw_ones_are_not_drizzled_in_its_place() -> None:
    split = raw("DQICORR BLEVCORR FLATCORR CRCORR DRIZCORR", DETECTOR="UVIS", OBSTYPE="IMAGING", EXPTIME=100.0)
    expectation = expectation_of("ib6v19010", {f"ib6v19a{x}q_raw.fits": split for x in "ab"}, CRSPLIT)
    assert rows(expectation, split) == {"ib6v19011_crj.fits": "DRIZCORR"}
    assert expectation.of(Stage.STAGE2) == ()
    assert "no calibrated exposure is made of ib6v19aaq, ib6v19abq" in expectation.left_out[Stage.STAGE2]


def test_without_switches_there_is_nothing_to_do() -> None:
    idle = raw("", omit=UVIS_SWITCHES, DETECTOR="UVIS", EXPTIME=10.0)
    assert expectation_of("iacs01t4q", {"iacs01t4q_raw.fits": idle}).nothing_to_do


def test_steps_of_the_other_detector_are_passed_over() -> None:
    ir = raw("DQICORR BIASCORR PCTECORR SHADCORR", omit="DRIZCORR", DETECTOR="IR", OBSTYPE="IMAGING")
    found = rows(expectation_of("iacs01t4q", {"iacs01t4q_raw.fits": ir}), ir)
    assert found["iacs01t4q_flt.fits"] == "BIASCORR PCTECORR SHADCORR"
    uvis = raw("DQICORR NLINCORR UNITCORR", omit="DRIZCORR", DETECTOR="UVIS", OBSTYPE="IMAGING")
    found = rows(expectation_of("ibbq01msq", {"ibbq01msq_raw.fits": uvis}), uvis)
    assert found == {"ibbq01msq_flt.fits": "NLINCORR UNITCORR"}


def test_calwf3_does_not_start_for_a_conversion_of_units_alone() -> None:
    ir = raw("UNITCORR ZSIGCORR", omit="DQICORR DRIZCORR", DETECTOR="IR", OBSTYPE="IMAGING")
    expectation = expectation_of("iacs01t4q", {"iacs01t4q_raw.fits": ir})
    assert expectation.nothing_to_do == "no calibration switch that calwf3 starts from is set to PERFORM"


def test_a_bias_is_not_marked_as_calibrated_by_itself() -> None:
    bias = raw("DQICORR BLEVCORR EXPSCORR", omit="DRIZCORR", DETECTOR="UVIS", OBSTYPE="IMAGING")
    found = rows(expectation_of("ibbq01msq", {"ibbq01msq_raw.fits": bias}), bias)
    assert found == {"ibbq01msq_flt.fits": "EXPSCORR"}
