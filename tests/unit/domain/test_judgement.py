"""Whether a stage did its job: a status of 0 proves nothing (CONTRACTS, section 6)."""

from __future__ import annotations

import pytest

from caldp.domain.expected import Expectation, ExpectedProduct
from caldp.domain.files import FitsFacts, HeaderValue, UnreadableFits
from caldp.domain.judgement import Completion, Found, excuse, judge
from caldp.domain.plan import HAP_TOLERATED, Stage, StageCommand

FLT = "ldfd01vnq_flt_a.fits"
DUE = ExpectedProduct(FLT, Stage.STAGE1, frozenset({"FLATCORR", "BADTCORR"}))
TRAILER = ExpectedProduct("ldfd01vnq.tra", Stage.STAGE1, is_fits=False)
DONE: dict[str, HeaderValue] = {"ROOTNAME": "ldfd01vnq", "FLATCORR": "COMPLETE", "BADTCORR": "COMPLETE"}


def flt(fresh: bool = True, **header: HeaderValue) -> Found:
    return Found(FitsFacts(FLT, {**DONE, **header}), fresh)


JUDGEMENTS: dict[str, tuple[ExpectedProduct, Found | None, tuple[str, ...]]] = {
    "done": (DUE, flt(), ()),
    "a step that says that it was skipped": (DUE, flt(FLATCORR="SKIPPED"), ()),
    "not made": (DUE, None, (f"{FLT} was not made",)),
    "left from before": (DUE, flt(fresh=False), (f"{FLT} is left from an earlier run",)),
    "cut off": (
        DUE, Found(UnreadableFits(FLT, "it is cut off"), True), (f"{FLT} is not a whole FITS file: it is cut off",),
    ),
    "another dataset's": (DUE, flt(ROOTNAME="ldfd02a1q"), (f"{FLT} belongs to ldfd02a1q",)),
    "a sum bears the rootname of its first exposure": (
        ExpectedProduct("ldfd01010_x1dsum.fits", Stage.STAGE1), flt(), (),
    ),
    "not completed": (DUE, flt(FLATCORR="PERFORM"), (f"FLATCORR is PERFORM in {FLT}",)),
    "left out": (DUE, flt(FLATCORR="OMIT"), (f"FLATCORR is OMIT in {FLT}",)),
    "no such switch, and another undone": (
        DUE, flt(FLATCORR="", BADTCORR="PERFORM"),
        (f"BADTCORR is PERFORM in {FLT}", f"FLATCORR is missing in {FLT}"),
    ),
    "switches that nobody asks for": (DUE, flt(X1DCORR="PERFORM"), ()),
    "a trailer is text": (TRAILER, Found(None, True), ()),
    "no trailer": (TRAILER, None, ("ldfd01vnq.tra was not made",)),
}  # fmt: skip


@pytest.mark.parametrize(("due", "found", "problems"), JUDGEMENTS.values(), ids=JUDGEMENTS.keys())
def test_a_product_is_held_against_what_was_expected(
    due: ExpectedProduct, found: Found | None, problems: tuple[str, ...]
) -> None:
    assert judge([due], {} if found is None else {due.name: found}) == problems


def test_every_product_is_judged() -> None:
    assert judge([DUE, TRAILER], {}) == (f"{FLT} was not made", "ldfd01vnq.tra was not made")


CALCOS = StageCommand(Stage.STAGE1, ("calcos", "ldfd01vlq_rawacq.fits"), frozenset({5}))
RUNSINGLEHAP = StageCommand(Stage.SVM, ("runsinglehap", "acs_8ph_01_input.out"), HAP_TOLERATED)
ACQUISITION = Expectation((), nothing_to_do="calcos calibrates no exposure that is ACQ/SEARCH")
SCIENCE = Expectation((DUE,))


@pytest.mark.parametrize(
    ("command", "status", "expectation", "says"),
    [
        # calcos: 5 is tolerable only if the headers said beforehand that there is nothing to do
        (CALCOS, 5, ACQUISITION, "There was nothing to calibrate: calcos calibrates no exposure that is ACQ/SEARCH."),
        (CALCOS, 0, ACQUISITION, "There was nothing to calibrate: calcos calibrates no exposure that is ACQ/SEARCH."),
        (CALCOS, 5, SCIENCE, ""),
        (CALCOS, 0, SCIENCE, ""),
        (CALCOS, 1, ACQUISITION, ""),
        # mosaics: the programs alone can tell
        (RUNSINGLEHAP, 55, Expectation(()), "runsinglehap found no image fit to be processed (status 55)."),
        (RUNSINGLEHAP, 65, SCIENCE, "runsinglehap found no image fit to be processed (status 65)."),
        (RUNSINGLEHAP, 1, Expectation(()), ""),
        (RUNSINGLEHAP, 0, Expectation(()), ""),
    ],
)
def test_what_excuses_a_run_that_made_nothing(
    command: StageCommand, status: int, expectation: Expectation, says: str
) -> None:
    assert excuse(command, Completion(status), expectation) == says


def test_a_signal_excuses_nothing() -> None:
    assert excuse(CALCOS, Completion(None, signal=9), ACQUISITION) == ""


def test_an_expectation_is_asked_stage_by_stage() -> None:
    drz = ExpectedProduct("jbz504010_drz.fits", Stage.STAGE2)
    assert Expectation((DUE, drz)).of(Stage.STAGE2) == (drz,)
