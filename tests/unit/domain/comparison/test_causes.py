"""Causes: what differs between two records, in the field's words."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from caldp.domain.comparison.causes import Cause, CauseKind, causes
from caldp.domain.hst.digests import HduDigest
from caldp.domain.run.identity import EngineIdentity, Machine
from caldp.domain.run.recorded import RecordedFile, RecordedReference, RecordedRun

FLUXTAB = RecordedReference(
    "FLUXTAB",
    "sim_phot.fits",
    ("x_rawtag.fits",),
    sha256="1" * 64,
    hdus=(HduDigest("", 1, "h", "d"), HduDigest("", 1, "h", "e")),
)
RUN = RecordedRun(
    "20261126T050000Z-00000001",
    "lsim01010",
    0,
    request={"settings": {"previews": True, "awsdpver": "1.0", "crds_context": "hst_0001.pmap"}},
    machine=Machine(platform="Linux", processor="one", threads={"OMP_NUM_THREADS": "2"}),
    context="hst_0001.pmap",
    versions={"numpy": "2.3.0"},
    inputs=(RecordedFile("x_rawtag.fits", 1, "2" * 64),),
    prepared=(RecordedFile("x_rawtag.fits", 1, "3" * 64, switches={"FLATCORR": "PERFORM"}),),
    references=(FLUXTAB,),
    programs=(EngineIdentity("calcos", "/bin/calcos", "3.6.2", "abc", "4" * 64),),
    environment={"ASTROMETRY_APPLY_APRIORI": "off", "PATH": "/bin"},
)


def test_equal_runs_have_no_cause() -> None:
    other = evolve(RUN, run="another", environment={**RUN.environment, "PATH": "/usr/bin"})
    assert causes(RUN, other) == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"context": "hst_0002.pmap"}, Cause(CauseKind.CONTEXT, "context", "hst_0001.pmap", "hst_0002.pmap")),
        ({"versions": {}}, Cause(CauseKind.PACKAGE, "numpy", "2.3.0", "none")),
        (
            {"inputs": ()},
            Cause(CauseKind.INPUT, "x_rawtag.fits", "sha256 222222222222", "none"),
        ),
        (
            {"prepared": (RecordedFile("x_rawtag.fits", 1, switches={"FLATCORR": "OMIT"}),)},
            Cause(CauseKind.SWITCH, "FLATCORR", "PERFORM", "OMIT", ("in x_rawtag.fits",)),
        ),
        (
            {"programs": (EngineIdentity("calcos", "/opt/calcos", "3.7.0", "def"),)},
            Cause(CauseKind.ENGINE, "calcos", "3.6.2 build abc", "3.7.0 build def"),
        ),
        (
            {"request": {"settings": {"previews": True, "awsdpver": "2.0"}}},
            Cause(CauseKind.SETTING, "awsdpver", "1.0", "2.0"),
        ),
        ({"environment": {}}, Cause(CauseKind.VARIABLE, "ASTROMETRY_APPLY_APRIORI", "off", "none")),
        (
            {"machine": Machine(platform="Linux", processor="one", threads={})},
            Cause(CauseKind.THREADS, "OMP_NUM_THREADS", "2", "none"),
        ),
        ({"machine": evolve(RUN.machine, processor="two")}, Cause(CauseKind.MACHINE, "processor", "one", "two")),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Cause) else "",
)
def test_a_difference_is_named(change: Any, expected: Cause) -> None:
    assert causes(RUN, evolve(RUN, **change)) == (expected,)


@pytest.mark.parametrize(
    ("change", "b", "details"),
    [
        (
            {"name": "own.fits", "override": "/home/me/own.fits", "sha256": "5"},
            "own.fits (override)",
            ("the data of all HDUs are the same",),
        ),
        ({"sha256": "5"}, "sim_phot.fits", ("the same name, other contents", "the data of all HDUs are the same")),
        (
            {"sha256": "5", "hdus": (HduDigest("", 1, "h", "d"), HduDigest("FLUX", 1, "h", "other"))},
            "sim_phot.fits",
            ("the same name, other contents", "the data of primary differ"),
        ),
        ({"exposures": ("y_rawtag.fits",)}, "sim_phot.fits", ("the data of all HDUs are the same",)),
    ],
)
def test_a_reference_is_compared_by_name_and_content(change: Any, b: str, details: tuple[str, ...]) -> None:
    other = evolve(RUN, references=(evolve(FLUXTAB, **change),))
    assert causes(RUN, other) == (Cause(CauseKind.REFERENCE, "FLUXTAB", "sim_phot.fits", b, details),)


def test_a_reference_that_one_run_does_not_have_is_named() -> None:
    assert causes(RUN, evolve(RUN, references=()))[0].b == "none"


def test_what_may_matter_most_comes_first() -> None:
    other = RecordedRun("another", "lsim01010", 0)
    kinds = [cause.kind for cause in causes(RUN, other)]
    order = list(CauseKind)
    assert kinds == sorted(kinds, key=order.index)
    assert len(set(kinds)) == len(order) - 1  # no switches: these compare files that both have
