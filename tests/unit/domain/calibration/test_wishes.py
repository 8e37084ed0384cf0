"""Switches, members and drizzle parameters that a user asks for, judged without any file."""

from __future__ import annotations

import re

import pytest

from caldp.domain.calibration.drizzle_parameters import check_drizzled, declared, parameters_for_table
from caldp.domain.calibration.members import check_members, parse_members, part_of
from caldp.domain.calibration.plan import Observation
from caldp.domain.calibration.switch_facts import MEANINGS, OBSTACLES, Wish
from caldp.domain.calibration.switches import changes, check_switches, obstacles, require_switches, switch_states
from caldp.domain.calibration.table_values import by_table, check_tables, idle_tables
from caldp.domain.errors import UsageError
from caldp.domain.hst.association import Association, Member
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import FitsFacts

FACTS = FitsFacts(
    "j6gp01mkq_raw.fits",
    {"DETECTOR": "HRC", "FLATCORR": "PERFORM", "PCTECORR": "OMIT", "SHADCORR": "", "DQICORR": "N/A"},
)
SPECIFICATION = """
_task_name_ = string_kw(default="astrodrizzle")
stepsize = integer_kw(default=10, comment="Step size for drizzle coordinate computation")
[STEP 3: DRIZZLE SEPARATE IMAGES]
driz_sep_kernel = option_kw("turbo","square", default="turbo", comment="Shape of \\"kernel\\" function")
[STEP 7: DRIZZLE FINAL COMBINED IMAGE]
final_pixfrac = float_kw(default=1., comment="Linear size of drop in input pixels")
final_bits = string_kw(default="0", comment="Integer mask bit values considered good")
[STEP 7a: CUSTOM WCS FOR FINAL OUTPUT]
final_wcs = boolean_kw(default=False, triggers='_section_switch_', comment= "Define custom WCS for final output image?")
final_refimage = string_kw(default="", triggers='_rule4b_', comment="Reference image from which to obtain a WCS")
final_scale = float_or_none_kw(default=None, comment="Absolute size of output pixels in arcsec/pixel")
final_outnx = integer_or_none_kw(default=None, comment= "Size of FINAL output frame X-axis (pixels)")
[INSTRUMENT PARAMETERS]
gain = string_kw(default="")
"""


def observation(*facts: FitsFacts, dataset: str = "j6gp01mkq") -> Observation:
    return Observation(DatasetName.parse(dataset), None, {one.name: one for one in facts})


@pytest.mark.parametrize(
    ("dataset", "switch", "advice"),
    [
        ("j6gp01mkq", "FLATCOR", "Did you mean FLATCORR?"),
        ("ldfd01010", "BLEVCORR", "COS|Its switches|Did you mean"),
        ("acs_8ph_01", "FLATCORR", "exposures' own dataset"),
    ],
)
def test_a_switch_that_the_instrument_lacks_is_refused_by_name(dataset: str, switch: str, advice: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_switches(DatasetName.parse(dataset), {switch: Wish.OMIT})
    assert re.search(advice, caught.value.advice)


def test_no_wish_is_right_for_any_dataset() -> None:
    check_switches(DatasetName.parse("acs_8ph_01"), {})
    check_members(DatasetName.parse("acs_8ph_01"), ())


def test_only_what_differs_is_changed() -> None:
    assert changes(FACTS, {"FLATCORR": Wish.OMIT, "PCTECORR": Wish.OMIT, "GLINCORR": Wish.PERFORM}) == {
        "FLATCORR": Wish.OMIT
    }


@pytest.mark.parametrize(
    ("switch", "message"),
    [("GLINCORR", "No exposure of j6gp01mkq has"), ("DQICORR", "as N/A"), ("SHADCORR", "as blank")],
)
def test_a_switch_that_does_not_apply_is_refused(switch: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        require_switches(observation(FACTS), {switch: Wish.OMIT})


def test_states_are_listed_with_the_exposures_that_have_them() -> None:
    other = FitsFacts("j6gp01mlq_raw.fits", {"FLATCORR": "OMIT", "XYZCORR": "PERFORM", "NCORR": 5})
    found = {one.name: one for one in switch_states(observation(FACTS, other))}
    assert list(found) == ["DQICORR", "FLATCORR", "PCTECORR", "SHADCORR", "XYZCORR"]
    assert found["FLATCORR"].states == {"PERFORM": ("j6gp01mkq_raw.fits",), "OMIT": ("j6gp01mlq_raw.fits",)}
    assert found["SHADCORR"].states == {"N/A": ("j6gp01mkq_raw.fits",)}
    assert found["FLATCORR"].meaning == "divide by the flat field"
    assert found["XYZCORR"].meaning == ""


def test_what_an_engine_was_seen_to_fail_without_is_said() -> None:
    ccd = FitsFacts("osim01010_raw.fits", {"DETECTOR": "CCD", "BLEVCORR": "PERFORM"})
    said = [*obstacles(observation(ccd, dataset="osim01010"), {"BLEVCORR": Wish.OMIT})]
    assert [text.partition(" cs0.e")[0] for text in said] == ["Without BLEVCORR"]
    assert [*obstacles(observation(ccd, dataset="osim01010"), {"BLEVCORR": Wish.PERFORM})] == []
    mama = FitsFacts("osim01010_raw.fits", {"DETECTOR": "FUV-MAMA"})
    assert [*obstacles(observation(mama, dataset="osim01010"), {"BLEVCORR": Wish.OMIT})] == []


@pytest.mark.parametrize(
    ("wishes", "is_said"),
    [
        ({"DGEOCORR": Wish.PERFORM}, True),
        ({"GEOCORR": Wish.PERFORM}, False),
        ({"GEOCORR": Wish.PERFORM, "DGEOCORR": Wish.PERFORM}, False),
        ({"GEOCORR": Wish.OMIT}, False),
        ({"FLATCORR": Wish.OMIT}, False),
        ({"GEOCORR": Wish.OMIT, "DGEOCORR": Wish.PERFORM}, True),
    ],
)
def test_a_step_that_another_needs_is_in_the_way_only_with_that_one(wishes: dict[str, Wish], is_said: bool) -> None:
    tagged = FitsFacts("lsim01a1q_rawtag.fits", {"DETECTOR": "NUV", "GEOCORR": "OMIT", "DGEOCORR": "OMIT"})
    said = [*obstacles(observation(tagged, dataset="lsim01a1q"), wishes)]
    assert [text.startswith("Without GEOCORR calcos ends") for text in said] == [True] * is_said


def test_a_step_may_be_left_out_along_with_the_one_that_needs_it() -> None:
    ccd = FitsFacts("osim01010_raw.fits", {"DETECTOR": "CCD", "DISPCORR": "PERFORM", "HELCORR": "PERFORM"})
    seen = observation(ccd, dataset="osim01010")
    assert len([*obstacles(seen, {"DISPCORR": Wish.OMIT})]) == 1
    assert [*obstacles(seen, {"DISPCORR": Wish.OMIT, "HELCORR": Wish.OMIT})] == []


def test_obstacles_are_of_switches_that_there_are() -> None:
    for obstacle in OBSTACLES:
        known = MEANINGS[obstacle.instrument]
        assert obstacle.switch in known
        assert not obstacle.needed_by or obstacle.needed_by in known


ASSOCIATION = Association(
    "j8cb01010",
    (
        Member("j8cb01u1q", "EXP-CR1"), Member("j8cb01u2q", "EXP-CR1"), Member("j8cb01011", "PROD-CR1"),
        Member("j8cb01u3q", "EXP-CR2"), Member("j8cb01u4q", "EXP-CR2", present=False), Member("j8cb01021", "PROD-CR2"),
        Member("j8cb01w1q", "EXP-AWAVE"), Member("j8cb01010", "PROD-DTH"),
    ),
)  # fmt: skip


def test_a_part_keeps_wavelength_calibrations_and_the_products_of_what_stays() -> None:
    part = part_of(ASSOCIATION, parse_members("J8CB01U1Q, j8cb01u2q"))
    assert [member.name for member in part.members] == [
        "j8cb01u1q", "j8cb01u2q", "j8cb01011", "j8cb01w1q", "j8cb01010",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["j8cb01u9q", "j8cb01u4q", "j8cb01w1q", "j8cb01011", ""])
def test_what_is_no_present_exposure_is_refused_by_name(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is no exposure of j8cb01010, which has j8cb01u1q"):
        part_of(ASSOCIATION, (name,))


@pytest.mark.parametrize("dataset", ["j6gp01mkq", "osim01010", "acs_8ph_01"])
def test_only_associations_of_exposures_have_a_part(dataset: str) -> None:
    with pytest.raises(UsageError, match=dataset):
        check_members(DatasetName.parse(dataset), ("j6gp01mkq",))


def test_parameters_are_those_of_the_steps_and_no_files() -> None:
    known = declared(SPECIFICATION)
    assert list(known) == ["driz_sep_kernel", "final_pixfrac", "final_bits", "final_wcs", "final_scale", "final_outnx"]
    assert known["driz_sep_kernel"].choices == ("turbo", "square")


def test_values_have_the_types_of_drizzlepac_and_a_grid_is_asked_for() -> None:
    known = declared(SPECIFICATION)
    assert parameters_for_table({"final_scale": "0.03", "final_bits": "64,32"}, known) == {
        "final_scale": 0.03,
        "final_bits": "64,32",
        "final_wcs": True,
    }
    assert parameters_for_table({"final_scale": "none", "final_wcs": "no"}, known) == {
        "final_scale": None,
        "final_wcs": False,
    }
    assert parameters_for_table({"driz_sep_kernel": "SQUARE"}, known) == {"driz_sep_kernel": "square"}


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("final_scal", "1", "Did you mean final_scale?"),
        ("gain", "1", "final_pixfrac"),
        ("final_refimage", "/etc/passwd", "Did you mean|Those are"),
        ("final_scale", "big", "a number, or none"),
        ("final_pixfrac", "nan", "a number"),
        ("final_outnx", "1.5", "a whole number, or none"),
        ("final_wcs", "perhaps", "true or false"),
        ("driz_sep_kernel", "cube", "one of turbo, square"),
    ],
)
def test_what_is_no_parameter_or_value_is_refused(name: str, value: str, advice: str) -> None:
    with pytest.raises(UsageError, match=name) as caught:
        parameters_for_table({name: value}, declared(SPECIFICATION))
    assert re.search(advice, caught.value.advice)


def test_only_what_is_drizzled_has_parameters() -> None:
    check_drizzled(DatasetName.parse("jbz504010"))
    for dataset in ("ldfd01010", "osim01010", "acs_8ph_01"):
        with pytest.raises(UsageError, match=dataset):
            check_drizzled(DatasetName.parse(dataset))


def test_values_are_grouped_by_table() -> None:
    assert by_table({"xtractab:HEIGHT": "35", "XTRACTAB:BHEIGHT": "40", "WCPTAB:XC_RANGE": "9"}) == {
        "XTRACTAB": {"HEIGHT": "35", "BHEIGHT": "40"},
        "WCPTAB": {"XC_RANGE": "9"},
    }


@pytest.mark.parametrize("name", ["HEIGHT", "XTRACTAB:", ":HEIGHT", "XTRACTABLE:HEIGHT", "XTRACTAB:HEI GHT", "../X:Y"])
def test_what_is_no_column_of_a_table_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no column of a table"):
        by_table({name: "1"})


@pytest.mark.parametrize(
    ("dataset", "keyword", "advice"),
    [
        ("ldfd01010", "XTRCTAB", "Did you mean XTRACTAB?"),
        ("jbz504010", "MDRIZTAB", "Override MDRIZTAB with a file"),
        ("acs_8ph_01", "CCDTAB", "Leave it out"),
    ],
)
def test_only_tables_whose_rows_are_known_can_be_changed(dataset: str, keyword: str, advice: str) -> None:
    with pytest.raises(UsageError, match=dataset) as caught:
        check_tables(DatasetName.parse(dataset), {f"{keyword}:X": "1"})
    assert advice in caught.value.advice
    check_tables(DatasetName.parse("ldfd01010"), {"XTRACTAB:HEIGHT": "35"})


@pytest.mark.parametrize(
    ("algorithm", "keyword", "said"),
    [
        ("TWOZONE", "XTRACTAB", ["XTRCTALG of ldfd01vnq_rawtag_a.fits is TWOZONE: calcos extracts its spectrum by "]),
        ("TWOZONE", "TWOZXTAB", []),
        ("BOXCAR", "TWOZXTAB", ["XTRCTALG of ldfd01vnq_rawtag_a.fits is BOXCAR: calcos extracts its spectrum by "]),
        ("BOXCAR", "XTRACTAB", []),
        ("", "XTRACTAB", []),
        ("TWOZONE", "FLUXTAB", []),
    ],
)
def test_a_table_by_which_nothing_is_extracted_is_named(algorithm: str, keyword: str, said: list[str]) -> None:
    facts = FitsFacts("ldfd01vnq_rawtag_a.fits", {"XTRCTALG": algorithm})
    found = list(idle_tables(observation(facts, dataset="ldfd01010"), keyword))
    other = {"XTRACTAB": "TWOZXTAB", "TWOZXTAB": "XTRACTAB"}.get(keyword, "")
    assert found == [f"{text}{other}, and not by {keyword}" for text in said]
