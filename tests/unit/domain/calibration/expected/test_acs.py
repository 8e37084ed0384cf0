"""Products expected of calacs and runastrodriz (docs/reference/contracts/engines.md and layouts.md)."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.expected.structure import Structure
from caldp.domain.calibration.plan import Stage
from caldp.domain.hst.files import FitsFacts
from tests.support.expectations import expectation_of, raw, rows, texts
from tests.support.observations import ACS_REPEAT, association

SBC = raw(
    "DQICORR GLINCORR LFLGCORR FLATCORR PHOTCORR RPTCORR DRIZCORR",
    omit="PCTECORR DARKCORR",
    DETECTOR="SBC",
    OBSTYPE="IMAGING",
    EXPTIME=100.0,
)
HRC_SWITCHES = "DQICORR BLEVCORR BIASCORR EXPSCORR DARKCORR FLATCORR PHOTCORR DRIZCORR"
HRC = raw(HRC_SWITCHES, omit="CRCORR RPTCORR PCTECORR", DETECTOR="HRC", OBSTYPE="IMAGING", EXPTIME=10.0)
HRC_SPLIT = raw(f"{HRC_SWITCHES} CRCORR", omit="RPTCORR PCTECORR", DETECTOR="HRC", OBSTYPE="IMAGING", EXPTIME=10.0)
WFC = raw(f"{HRC_SWITCHES} PCTECORR CRCORR SINKCORR", DETECTOR="WFC", OBSTYPE="IMAGING", EXPTIME=10.0)
CRSPLIT = association("j8cb010b0", "j8cb01u2q EXP-CRJ", "j8cb01u3q EXP-CRJ", "j8cb010b1 PROD-CRJ")


def test_a_repeated_sbc_exposure_is_summed() -> None:
    expectation = expectation_of("jbz504010", {f"jbz504e{x}q_raw.fits": SBC for x in "jk"}, ACS_REPEAT)
    assert rows(expectation, SBC) == {
        "jbz504ejq_flt.fits": "DRIZCORR RPTCORR",
        "jbz504ekq_flt.fits": "DRIZCORR RPTCORR",
        "jbz504011_sfl.fits": "DRIZCORR",
    }
    assert set(rows(expectation, SBC, Stage.STAGE2)) == {
        "jbz504011_drz.fits", "jbz504ejq_flt_hlet.fits", "jbz504ekq_flt_hlet.fits"
    }  # fmt: skip
    assert texts(expectation) == ["jbz504011.tra", "jbz504ejq.tra", "jbz504ekq.tra"]


def test_a_single_exposure() -> None:
    expectation = expectation_of("j6gp01mkq", {"j6gp01mkq_raw.fits": HRC}, others="j6gp01mkq_spt.fits")
    assert rows(expectation, HRC) == {"j6gp01mkq_flt.fits": "DRIZCORR"}
    assert set(rows(expectation, HRC, Stage.STAGE2)) == {"j6gp01mkq_drz.fits", "j6gp01mkq_flt_hlet.fits"}


def test_a_split_exposure_is_cleaned_of_cosmic_rays() -> None:
    expectation = expectation_of("j8cb010b0", {f"j8cb01u{x}q_raw.fits": HRC_SPLIT for x in "23"}, CRSPLIT)
    assert rows(expectation, HRC_SPLIT) == {
        "j8cb01u2q_flt.fits": "CRCORR DRIZCORR",
        "j8cb01u3q_flt.fits": "CRCORR DRIZCORR",
        "j8cb010b1_crj.fits": "DRIZCORR",
    }
    assert set(rows(expectation, HRC_SPLIT, Stage.STAGE2)) == {
        "j8cb010b1_drz.fits", "j8cb01u2q_flt_hlet.fits", "j8cb01u3q_flt_hlet.fits"
    }  # fmt: skip
    assert texts(expectation) == ["j8cb010b1.tra", "j8cb01u2q.tra", "j8cb01u3q.tra"]


def test_wfc_has_every_product_with_and_without_the_cte_correction() -> None:
    expectation = expectation_of("j8cb010b0", {f"j8cb01u{x}q_raw.fits": WFC for x in "23"}, CRSPLIT)
    assert rows(expectation, WFC) == {
        "j8cb01u2q_flt.fits": "CRCORR DRIZCORR PCTECORR",
        "j8cb01u2q_flc.fits": "CRCORR DRIZCORR",
        "j8cb01u3q_flt.fits": "CRCORR DRIZCORR PCTECORR",
        "j8cb01u3q_flc.fits": "CRCORR DRIZCORR",
        "j8cb010b1_crj.fits": "DRIZCORR PCTECORR",
        "j8cb010b1_crc.fits": "DRIZCORR",
    }
    assert {"j8cb010b1_drz.fits", "j8cb010b1_drc.fits"} <= set(rows(expectation, WFC, Stage.STAGE2))
    [corrected] = [product for product in expectation.products if product.name == "j8cb010b1_drc.fits"]
    assert "j8cb010b1_drc.fits" in corrected.roots, "drizzlepac writes its file name as ROOTNAME"


def test_a_repeated_exposure_of_a_ccd_is_cleaned_too() -> None:
    repeated = raw(f"{HRC_SWITCHES} RPTCORR", DETECTOR="HRC", OBSTYPE="IMAGING", EXPTIME=10.0)
    table = association("j8cb010b0", "j8cb01u2q EXP-RPT", "j8cb01u3q EXP-RPT", "j8cb010b1 PROD-RPT")
    expectation = expectation_of("j8cb010b0", {f"j8cb01u{x}q_raw.fits": repeated for x in "23"}, table)
    assert rows(expectation, repeated)["j8cb010b1_crj.fits"] == "DRIZCORR RPTCORR"


def test_groups_of_a_dither_each_have_their_product_and_one_drizzled_product() -> None:
    table = association(
        "j8cb010b0",
        "j8cb01u1q EXP-CR1",
        "j8cb01u2q EXP-CR1",
        "j8cb01u3q EXP-CR2",
        "j8cb01u4q EXP-CR2",
        "j8cb01u5q EXP-CR3",
        "j8cb01u6q EXP-CR3 no",
        "j8cb010b1 PROD-CR1",
        "j8cb010b2 PROD-CR2",
        "j8cb010b3 PROD-CR3",
        "j8cb010b0 PROD-DTH",
    )
    expectation = expectation_of("j8cb010b0", {f"j8cb01u{x}q_raw.fits": HRC_SPLIT for x in "12345"}, table)
    assert sorted(name for name in rows(expectation, HRC_SPLIT) if "crj" in name) == [
        "j8cb010b1_crj.fits", "j8cb010b2_crj.fits"
    ]  # fmt: skip # a group of one is not combined
    drizzled = rows(expectation, HRC_SPLIT, Stage.STAGE2)
    assert [name for name in drizzled if "drz" in name] == ["j8cb010b0_drz.fits"]


def test_a_drizzled_product_that_no_row_names_has_the_name_of_the_table() -> None:
    table = association("j8cb010b0", "j8cb01u2q EXP-CR1", "j8cb01u3q EXP-CR1", "j8cb010b1 PROD-CR1")
    expectation = expectation_of("j8cb010b0", {f"j8cb01u{x}q_raw.fits": HRC_SPLIT for x in "23"}, table)
    assert "j8cb010b0_drz.fits" in rows(expectation, HRC_SPLIT, Stage.STAGE2)


def test_other_exposures_beside_the_association_are_not_calibrated() -> None:
    raws = {f"jbz504e{x}q_raw.fits": SBC for x in "jkl"}
    assert not any("elq" in product.name for product in expectation_of("jbz504010", raws, ACS_REPEAT).products)


@pytest.mark.parametrize("exposure", [HRC, WFC, SBC], ids=["HRC", "WFC", "SBC"])
def test_photometry_is_checked_in_images(exposure: FitsFacts) -> None:
    of = expectation_of("j6gp01mkq", {"j6gp01mkq_raw.fits": exposure}).of(Stage.STAGE1)
    assert all(product.photometry for product in of if product.is_fits)


def test_a_grism_has_no_flux_per_count() -> None:
    grism = raw(HRC_SWITCHES, DETECTOR="WFC", OBSTYPE="SPECTROSCOPIC", EXPTIME=10.0)
    assert not any(p.photometry for p in expectation_of("j6gp01mkq", {"j6gp01mkq_raw.fits": grism}).products)


def test_without_switches_there_is_nothing_to_do() -> None:
    idle = raw("DRIZCORR EXPSCORR", omit="FLATCORR", DETECTOR="HRC", EXPTIME=10.0)
    expectation = expectation_of("j6gp01mkq", {"j6gp01mkq_raw.fits": idle})
    assert expectation.products == ()
    assert expectation.nothing_to_do == "no calibration switch is set to PERFORM"


def test_a_bias_is_calibrated_and_not_drizzled() -> None:
    bias = raw("DQICORR BLEVCORR", omit="DRIZCORR", DETECTOR="WFC", OBSTYPE="IMAGING", EXPTIME=0.0)
    expectation = expectation_of("j6gp01mkq", {"j6gp01mkq_raw.fits": bias})
    assert set(rows(expectation, bias)) == {"j6gp01mkq_flt.fits"}
    assert expectation.of(Stage.STAGE2) == ()
    assert expectation.notes == ("Nothing is drizzled, since DRIZCORR is not PERFORM",)


def test_zero_exposure_time_is_drizzled_without_data() -> None:
    unexposed = raw(HRC_SWITCHES, DETECTOR="HRC", OBSTYPE="IMAGING", EXPTIME=0.0)
    expectation = expectation_of("j6gp01mkq", {"j6gp01mkq_raw.fits": unexposed})
    assert [(product.name, product.structure) for product in expectation.of(Stage.STAGE2)] == [
        ("j6gp01mkq_drz.fits", None)
    ]
    assert expectation.of(Stage.STAGE2)[0].complete == frozenset()
    assert expectation.notes == ("The exposure time is 0, so the drizzled product holds no data",)


def test_a_drizzled_product_of_an_exposure_must_hold_data() -> None:
    expectation = expectation_of("j6gp01mkq", {"j6gp01mkq_raw.fits": HRC})
    assert [product.structure for product in expectation.of(Stage.STAGE2) if "drz" in product.name] == [
        Structure(frozenset({"SCI", "WHT", "CTX"}))
    ]


def test_steps_of_the_other_detector_are_passed_over() -> None:
    sbc = raw("DQICORR BLEVCORR BIASCORR PCTECORR SHADCORR", omit="DRIZCORR", DETECTOR="SBC", OBSTYPE="IMAGING")
    found = rows(expectation_of("jbz504ejq", {"jbz504ejq_raw.fits": sbc}), sbc)
    assert found == {"jbz504ejq_flt.fits": "BIASCORR BLEVCORR PCTECORR SHADCORR"}
    hrc = raw("DQICORR GLINCORR LFLGCORR", omit="DRIZCORR", DETECTOR="HRC", OBSTYPE="IMAGING")
    found = rows(expectation_of("j8cb01u2q", {"j8cb01u2q_raw.fits": hrc}), hrc)
    assert found == {"j8cb01u2q_flt.fits": "GLINCORR LFLGCORR"}


def test_a_bias_is_not_marked_as_calibrated_by_itself() -> None:
    bias = raw("DQICORR BLEVCORR EXPSCORR", omit="DRIZCORR", DETECTOR="HRC", OBSTYPE="IMAGING")
    found = rows(expectation_of("j8cb01u2q", {"j8cb01u2q_raw.fits": bias}), bias)
    assert found == {"j8cb01u2q_flt.fits": "EXPSCORR"}
