"""Rungs of single types, and of a dataset."""

from __future__ import annotations

import pytest
from attrs import evolve

from caldp.domain.stale.findings import Comparison, DatasetFinding, Exposure, Origin, TypeFinding
from caldp.domain.stale.judging import judge_exposure, merged
from caldp.domain.stale.rungs import MEANINGS, Rung, Verdict, highest, verdict_of
from caldp.domain.stale.used import Used

EXPOSURE = Exposure(
    "j6gp01mkq_raw.fits", "acs", {"DARKFILE": "a_drk.fits", "IDCTAB": "a_idc.fits"}, {"INSTRUME": "ACS"}
)


def judge(
    assigned: dict[str, str],
    exposure: Exposure = EXPOSURE,
    found: Comparison = Comparison(Rung.CHANGED),  # noqa: B008
) -> dict[str, TypeFinding]:
    findings = judge_exposure(exposure, assigned, lambda *_arguments: found, lambda _keyword: None)
    return {one.keyword: one for one in findings}


def test_the_same_file_is_unchanged_whatever_its_case() -> None:
    assert judge({"DARKFILE": "A_DRK.fits"})["DARKFILE"].rung is Rung.UNCHANGED


def test_a_type_that_the_rules_leave_alone_is_unchanged() -> None:
    assert judge({})["IDCTAB"].rung is Rung.UNCHANGED


@pytest.mark.parametrize("rung", [Rung.SAME_CONTENT, Rung.SAME_ROWS, Rung.CHANGED, Rung.UNKNOWN])
def test_another_file_is_compared(rung: Rung) -> None:
    assert judge({"DARKFILE": "b_drk.fits"}, found=Comparison(rung))["DARKFILE"].rung is rung


def test_a_step_that_is_omitted_reads_nothing() -> None:
    omitted = evolve(EXPOSURE, switches={"DARKCORR": "OMIT"})
    found = judge({"DARKFILE": "b_drk.fits", "IDCTAB": "b_idc.fits"}, omitted)
    assert (found["DARKFILE"].rung, found["IDCTAB"].rung) == (Rung.UNUSED, Rung.CHANGED)


@pytest.mark.parametrize(("is_dummy", "rung"), [(True, Rung.UNUSED), (False, Rung.CHANGED)])
def test_a_step_that_was_skipped_may_run_with_the_new_file(is_dummy: bool, rung: Rung) -> None:
    """A dummy in the place of the old file may be the very reason."""
    skipped = evolve(EXPOSURE, switches={"DARKCORR": "PERFORM"}, skipped=frozenset({"DARKCORR"}))
    found = judge({"DARKFILE": "b_drk.fits"}, skipped, Comparison(Rung.CHANGED, new_is_dummy=is_dummy))
    assert found["DARKFILE"].rung is rung


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [("", "b_sat.fits", "none was assigned"), ("a_sat.fits", "N/A", "none is assigned any more")],
)
def test_a_file_in_the_place_of_none_is_a_change(old: str, new: str, detail: str) -> None:
    found = judge({"SATUFILE": new}, evolve(EXPOSURE, references={"SATUFILE": old}))["SATUFILE"]
    assert (found.rung, found.detail) == (Rung.CHANGED, detail)


def test_a_failing_rule_leaves_it_open() -> None:
    found = judge({"DARKFILE": "NOT FOUND no rule for 2026"})["DARKFILE"]
    assert (found.rung, found.detail) == (Rung.UNKNOWN, "CRDS assigns none: no rule for 2026")


def test_another_size_of_the_same_name_counts() -> None:
    against = Comparison(Rung.CHANGED, "it has another size")
    findings = judge_exposure(EXPOSURE, {}, lambda *_arguments: against, lambda _keyword: against)
    assert {one.rung for one in findings} == {Rung.CHANGED}


def test_only_what_the_exposure_uses_is_compared() -> None:
    asked: list[Used] = []

    def compare(_keyword: str, _old: str, _new: str, used: Used) -> Comparison:
        asked.append(used)
        return Comparison(Rung.SAME_ROWS)

    exposure = Exposure("x_raw.fits", "cos", {"WCPTAB": "a.fits"}, {}, {"OPT_ELEM": ("G140L",), "CENWAVE": ("1105",)})
    list(judge_exposure(exposure, {"WCPTAB": "b.fits"}, compare, lambda _keyword: None))
    assert [(one.column, one.values) for one in asked[0].criteria] == [("OPT_ELEM", ("G140L",))]


def test_exposures_with_the_same_finding_are_put_together() -> None:
    one = TypeFinding("DARKFILE", "a", "b", Rung.CHANGED, ("x_raw.fits",))
    two, three = evolve(one, exposures=("y_raw.fits",)), evolve(one, rung=Rung.SAME_ROWS)
    found = merged([one, two, three])
    assert {(each.rung, each.exposures) for each in found} == {
        (Rung.CHANGED, ("x_raw.fits", "y_raw.fits")),
        (Rung.SAME_ROWS, ("x_raw.fits",)),
    }


@pytest.mark.parametrize(
    ("rungs", "verdict"),
    [
        ((), Verdict.CURRENT),
        ((Rung.UNUSED, Rung.SAME_CONTENT, Rung.SAME_ROWS, Rung.UNCHANGED), Verdict.CURRENT),
        ((Rung.SAME_ROWS, Rung.UNKNOWN), Verdict.UNKNOWN),
        ((Rung.UNKNOWN, Rung.CHANGED), Verdict.STALE),
    ],
)
def test_a_dataset_is_judged_by_its_highest_rungs(rungs: tuple[Rung, ...], verdict: Verdict) -> None:
    assert verdict_of(rungs) is verdict


def test_rungs_have_an_order_and_a_meaning() -> None:
    assert highest(reversed(Rung)) is Rung.UNKNOWN
    assert highest(()) is Rung.UNCHANGED
    assert set(MEANINGS) == set(Rung)


def test_a_problem_leaves_a_dataset_open() -> None:
    assert DatasetFinding("x", Origin.RECORD, problem="it cannot be read").verdict is Verdict.UNKNOWN


def test_the_reason_to_recalibrate_names_types_and_files() -> None:
    types = (
        TypeFinding("DARKFILE", "a", "b", Rung.UNKNOWN, detail="a is not in the cache"),
        TypeFinding("FLATFILE", "c", "d", Rung.SAME_ROWS),
        TypeFinding("SATUFILE", "N/A", "e", Rung.CHANGED, detail="none was assigned"),
    )
    finding = DatasetFinding("x", Origin.RECORD, types=types)
    assert finding.reason == "DARKFILE a -> b (a is not in the cache); SATUFILE N/A -> e"
