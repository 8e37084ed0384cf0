"""What a stage left behind, compared with what was expected of it."""

from __future__ import annotations

import pytest

from caldp.domain.expected import Expectation, ExpectedProduct
from caldp.domain.files import Extension, FitsFacts, HeaderValue, UnreadableFits
from caldp.domain.judgement import Completion, Found, excuse, judge
from caldp.domain.plan import Stage, StageCommand

NAME = "j6gp01mkq_flt.fits"


def problems(
    facts: FitsFacts | UnreadableFits | None, *, fresh: bool = True, complete: str = "", filled: bool = False,
    photometry: bool = False,
) -> tuple[str, ...]:  # fmt: skip
    product = ExpectedProduct(
        NAME, Stage.STAGE1, frozenset(complete.split()), facts is not None, filled=filled, photometry=photometry
    )
    return judge([product], {NAME: Found(facts, fresh)})


def header(extensions: tuple[Extension, ...] = (), **keywords: HeaderValue) -> FitsFacts:
    return FitsFacts(NAME, keywords, extensions)


def test_a_product_that_was_not_made() -> None:
    assert judge([ExpectedProduct(NAME, Stage.STAGE1)], {}) == (f"{NAME} was not made",)


def test_a_text_file_needs_only_be_there_and_new() -> None:
    assert problems(None) == ()
    assert problems(None, fresh=False) == (f"{NAME} is left from an earlier run",)


def test_a_damaged_file() -> None:
    assert problems(UnreadableFits(NAME, "it is cut off")) == (f"{NAME} is not a whole FITS file: it is cut off",)


@pytest.mark.parametrize("state", ["COMPLETE", "SKIPPED"])
def test_a_step_that_was_done_or_skipped(state: str) -> None:
    assert problems(header(FLATCORR=state), complete="FLATCORR") == ()


@pytest.mark.parametrize("state", ["PERFORM", "OMIT"])
def test_a_step_that_was_not_done(state: str) -> None:
    assert problems(header(FLATCORR=state), complete="FLATCORR") == (f"FLATCORR is {state} in {NAME}",)


def test_a_switch_that_is_gone() -> None:
    assert problems(header(), complete="FLATCORR") == (f"FLATCORR is missing in {NAME}",)


def test_a_product_of_another_visit() -> None:
    assert problems(header(ROOTNAME="J8CB01U2Q")) == (f"{NAME} belongs to j8cb01u2q",)
    assert problems(header(ROOTNAME="J6GP01MAQ")) == (), "a sum has the name of its first exposure"


def test_a_product_without_data() -> None:
    empty, full = Extension("SCI"), Extension("SCI", data_bytes=8)
    assert problems(header((empty,)), filled=True) == (f"{NAME} holds no data",)
    assert problems(header((empty, full)), filled=True) == ()
    assert problems(header((empty,))) == ()


@pytest.mark.parametrize(
    ("primary", "science", "is_good"),
    [
        ({"PHOTFLAM": 1e-19}, {}, True),  # WFC3
        ({}, {"PHOTFLAM": 1e-19}, True),  # ACS
        ({"PHOTFLAM": 0.0}, {}, False),
        ({}, {"PHOTFLAM": 0.0}, False),
        ({}, {}, True),
    ],
)
def test_photometry(primary: dict[str, HeaderValue], science: dict[str, HeaderValue], is_good: bool) -> None:
    facts = header((Extension("SCI", science, 8),), PHOTCORR="COMPLETE", **primary)
    said = f"PHOTFLAM is 0 in {NAME} although PHOTCORR is COMPLETE"
    assert problems(facts, photometry=True) == (() if is_good else (said,))
    assert problems(header((Extension("SCI", science, 8),), PHOTCORR="SKIPPED", **primary), photometry=True) == ()


CALCOS = StageCommand(Stage.STAGE1, ("calcos", "x.fits"), frozenset({5}))
VISIT = StageCommand(Stage.SVM, ("runsinglehap", "x.out"), frozenset({55, 65}))
IDLE = Expectation(nothing_to_do="it is an acquisition")


@pytest.mark.parametrize(
    ("command", "status", "expectation", "said"),
    [
        (CALCOS, 5, IDLE, "There was nothing to calibrate: it is an acquisition."),
        (CALCOS, 0, IDLE, "There was nothing to calibrate: it is an acquisition."),
        (CALCOS, 1, IDLE, ""),
        (CALCOS, None, IDLE, ""),
        (CALCOS, 5, Expectation(), ""),
        (VISIT, 65, Expectation(), "runsinglehap found no image fit to be processed (status 65)."),
        (VISIT, 1, Expectation(), ""),
        (VISIT, 0, Expectation(), ""),
    ],
)
def test_excuses(command: StageCommand, status: int | None, expectation: Expectation, said: str) -> None:
    assert excuse(command, Completion(status), expectation) == said


def test_an_engine_that_we_ended_has_no_excuse_and_no_success_to_tell() -> None:
    assert excuse(CALCOS, Completion(0, timed_out=True), IDLE) == ""
    assert excuse(VISIT, Completion(65, timed_out=True), Expectation()) == ""
    assert [Completion(0).is_good, Completion(0, timed_out=True).is_good, Completion(1).is_good] == [True, False, False]
