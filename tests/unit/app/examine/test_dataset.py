"""Findings about the run of one dataset, by its plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from caldp.app.examine.dataset import examine_dataset
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.errors import BestrefsError, CacheIncomplete, UsageError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.health import Finding, Severity
from caldp.domain.run.plan import PlannedInputs, RunPlan

ASSIGNED = Assignment(
    "hst_1.pmap",
    (
        ReferenceFile("DARKFILE", "d.fits", Path("/c/d.fits"), ("r",), size=1_500_000_000),
        ReferenceFile("BPIXTAB", "b.fits", Path("/c/b.fits"), ("r",)),
        ReferenceFile("PFLTFILE", "p.fits", Path("/c/p.fits"), ("r",), size=250_000_000),
        ReferenceFile("DFLTFILE", "p.fits", Path("/c/p.fits"), ("r",), size=250_000_000),
    ),
)
INPUTS = PlannedInputs((), ASSIGNED, (), ())
PLAN = RunPlan(DatasetName.parse("lsim01010"), INPUTS)


def found(**changes: Any) -> dict[str, Finding]:
    plan = evolve(PLAN, inputs=evolve(INPUTS, **changes))
    return {one.subject: one for one in examine_dataset("lsim01010", lambda: plan)}


def test_a_full_cache_is_well() -> None:
    assert found()["references"].text == "all 3 by hst_1.pmap are in the cache"


def test_each_missing_file_is_counted_once() -> None:
    references = found(absent=("d.fits", "p.fits"), downloads=2)["references"]
    assert references.severity is Severity.OK
    assert references.text == (
        "2 of 3 by hst_1.pmap are not in the cache, 1.750 GB: d.fits (1.500 GB), p.fits (0.250 GB)."
        " A run downloads them"
    )


def test_a_size_that_nobody_knows_is_said_to_be_so() -> None:
    assert "1.500 GB and 1 of unknown size: b.fits (?)" in found(absent=("b.fits", "d.fits"))["references"].text
    assert ", of unknown size: b.fits (?)" in found(absent=("b.fits",))["references"].text


def test_what_may_not_be_downloaded_is_a_problem() -> None:
    references = found(absent=("d.fits",))["references"]
    assert references.severity is Severity.PROBLEM
    assert references.remedy


def test_unknown_references_have_their_reason() -> None:
    why = CacheIncomplete("There is no CRDS cache at /c.", advice="Set CRDS_PATH.")
    references = found(assignment=None, obstacle=why)["references"]
    assert (references.text, references.remedy) == ("cannot be told: There is no CRDS cache at /c.", "Set CRDS_PATH.")


def test_inputs_that_are_elsewhere_decide() -> None:
    (references,) = examine_dataset("lsim01010", lambda: evolve(PLAN, inputs=None))
    assert references.severity is Severity.WARNING
    assert "caldp doctor lsim01010 DIRECTORY" in references.remedy


@pytest.mark.parametrize("is_planned", [True, False])
def test_obstacles_are_problems(is_planned: bool) -> None:
    def plan() -> RunPlan:
        if is_planned:
            return evolve(PLAN, obstacles=(BestrefsError("b", advice="do"),))
        raise UsageError("b", advice="do")

    last = examine_dataset("lsim01010", plan)[-1]
    assert (last.subject, last.severity, last.text, last.remedy) == ("lsim01010", Severity.PROBLEM, "b", "do")
