"""Exposures as records tell of them."""

from __future__ import annotations

from caldp.domain.run.recorded import RecordedFile, RecordedReference, RecordedRun
from caldp.domain.stale.recorded import recorded_exposures
from caldp.domain.stale.steps import Reading, reading

RAW = "j6gp01mkq_raw.fits"
SELECTION = {"INSTRUME": "ACS", "CCDAMP": "C", "CCDCHIP": "1", "FILTER1": "UNDEFINED", "CCDGAIN": "UNDEFINED"}


def run(*, asked: str = "PERFORM", prepared: str = "", came_out: str = "COMPLETE") -> RecordedRun:
    return RecordedRun(
        "run", "j6gp01mkq", 0, selection={RAW: SELECTION},
        inputs=(RecordedFile(RAW, 1, switches={"FLATCORR": asked}),),
        prepared=(RecordedFile(RAW, 1, switches={"FLATCORR": prepared} if prepared else {}),),
        products=(
            RecordedFile("j6gp01mkq_flt.fits", 1, switches={"FLATCORR": came_out}),
            RecordedFile("j6gp01zzq_flt.fits", 1, switches={"DARKCORR": "SKIPPED"}),
        ),
        references=(
            RecordedReference("PFLTFILE", "A_PFL.FITS", (RAW,)),
            RecordedReference("IDCTAB", "a_idc.fits", (RAW, "j6gp01aaq_raw.fits")),
        ),
    )  # fmt: skip


def test_each_raw_file_has_its_references_and_values() -> None:
    other, own = recorded_exposures(run())
    assert (other.name, other.references, other.selection) == ("j6gp01aaq_raw.fits", {"IDCTAB": "a_idc.fits"}, {})
    assert (own.name, own.instrument) == (RAW, "acs")
    assert own.references == {"PFLTFILE": "a_pfl.fits", "IDCTAB": "a_idc.fits"}
    assert own.values == {"CCDAMP": ("C",)}, "chips may differ between extensions, and UNDEFINED is no value"
    assert own.is_partial


def test_a_step_that_was_skipped_is_known_by_the_products_of_the_exposure() -> None:
    skipped = [one.skipped for one in recorded_exposures(run(came_out="SKIPPED")) if one.name == RAW]
    assert skipped == [frozenset({"FLATCORR"})]


def test_switches_are_those_that_the_engines_were_asked_for() -> None:
    """A wish may perform a step that the file of the archive omits: its flat field was used."""
    for asked, prepared, expected in (
        ("OMIT", "PERFORM", Reading.READ), ("PERFORM", "OMIT", Reading.OMITTED), ("OMIT", "", Reading.OMITTED),
    ):  # fmt: skip
        (own,) = [one for one in recorded_exposures(run(asked=asked, prepared=prepared)) if one.name == RAW]
        assert reading("acs", "PFLTFILE", own.switches, own.skipped) is expected
