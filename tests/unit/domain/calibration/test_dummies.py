"""Dummy references, in headers and logs."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.dummies import dummies_in_log, dummy_note, is_dummy, left_by_calstis
from caldp.domain.hst.files import FitsFacts


@pytest.mark.parametrize(
    ("pedigree", "dummy"), [("DUMMY", True), ("DUMMY 01/01/2001", True), ("GROUND", False), ("INFLIGHT DUMMY", False)]
)
def test_a_header_says_so(pedigree: str, dummy: bool) -> None:
    assert is_dummy(FitsFacts("x_drk.fits", {"PEDIGREE": pedigree})) is dummy
    assert not is_dummy(FitsFacts("x_drk.fits"))


def test_a_log_names_what_was_used() -> None:
    calacs = ["DARKCORR PERFORM", "DARKFILE jref$x_drk.fits", "DARKFILE PEDIGREE=DUMMY", "DARKFILE DESCRIP =no dark"]
    calstis = ["PHOTTAB  oref$x_pht.fits", "PHOTTAB  PEDIGREE=DUMMY"]
    calcos = ["Warning:  DEADTAB lref$x_dead.fits is a dummy file", "    so DEADCORR will not be done."]
    good = ["FLATFILE jref$x_pfl.fits", "FLATFILE PEDIGREE=INFLIGHT 01/01/2001"]
    assert dummies_in_log([*calacs, *good, *calstis, *calcos, *calacs]) == (
        ("DARKFILE", "x_drk.fits"), ("PHOTTAB", "x_pht.fits"), ("DEADTAB", "x_dead.fits")
    )  # fmt: skip


def test_the_note_names_the_reference() -> None:
    assert dummy_note("DARKFILE", "x_drk.fits") == "DARKFILE x_drk.fits is a dummy: the step that needs it is skipped"


def test_calstis_leaves_switches_of_steps_that_it_skips() -> None:
    assert left_by_calstis(["PHOTTAB", "DARKFILE"]) == {"FLUXCORR", "CTECORR"}
    assert left_by_calstis(["DISPTAB"]) == {"DISPCORR", "HELCORR", "FLUXCORR", "CTECORR"}
    assert left_by_calstis([]) == frozenset()
