"""Products of a stage, compared with the expected ones."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.expected import Expectation, ExpectedProduct
from caldp.domain.calibration.judgement import Completion, Found, excuse, judge
from caldp.domain.calibration.plan import Stage, StageCommand
from caldp.domain.hst.files import Extension, FitsFacts, HeaderValue, UnreadableFits

NAME = "j6gp01mkq_flt.fits"


def problems(
    facts: FitsFacts | UnreadableFits | None, *, fresh: bool = True, complete: str = "", photometry: bool = False,
    roots: str = "", is_link: bool = False,
) -> tuple[str, ...]:  # fmt: skip
    product = ExpectedProduct(
        NAME, Stage.STAGE1, frozenset(complete.split()), facts is not None, photometry=photometry,
        roots=frozenset(roots.split()),
    )  # fmt: skip
    return judge([product], {NAME: Found(facts, fresh, is_link)})


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


@pytest.mark.parametrize(
    ("rootname", "said"),
    [
        ("J6GP01MKQ", ()),
        ("J6GP01MKQ_CRC_TMP", ()),
        ("J6GP01MAQ", (f"{NAME} belongs to j6gp01maq",)),
        ("J8CB01U2Q", (f"{NAME} belongs to j8cb01u2q",)),
        ("J8CB01U2Q_CRC_TMP", (f"{NAME} belongs to j8cb01u2q",)),
        ("", (f"ROOTNAME is missing in {NAME}",)),
    ],
    ids=["its own", "its own by calacs", "a sibling's", "another visit's", "another's by calacs", "none"],
)
def test_a_product_has_its_own_rootname(rootname: str, said: tuple[str, ...]) -> None:
    assert problems(header(ROOTNAME=rootname), roots="j6gp01mkq") == said


@pytest.mark.parametrize("rootname", ["J6GP01011", "J6GP01MAQ", "J6GP01MBQ"])
def test_a_sum_has_its_own_rootname_or_a_members(rootname: str) -> None:
    assert problems(header(ROOTNAME=rootname), roots="j6gp01011 j6gp01maq j6gp01mbq") == ()


def test_a_link_is_no_product() -> None:
    assert problems(header(), is_link=True) == (f"{NAME} is a link to another file",)


@pytest.mark.parametrize(("extensions", "is_short"), [(2, True), (3, False), (4, False)])
def test_the_primary_header_counts_the_extensions(extensions: int, is_short: bool) -> None:
    facts = header((Extension("SCI"),) * extensions, NEXTEND=3)
    short = f"{NAME} is not a whole FITS file: it has 2 extensions where its header promises 3"
    assert problems(facts) == ((short,) if is_short else ())


UNASKED = "j6gp01mkq_crj.fits"


@pytest.mark.parametrize(
    ("name", "facts", "said"),
    [
        (UNASKED, FitsFacts(UNASKED, {"ROOTNAME": "J6GP01MKQ"}), ""),
        (UNASKED, FitsFacts(UNASKED), ""),
        (UNASKED, UnreadableFits(UNASKED, "it is empty"), f"{UNASKED} is not a whole FITS file: it is empty"),
        (UNASKED, FitsFacts(UNASKED, {"ROOTNAME": "J8CB01U2Q"}), f"{UNASKED} belongs to another dataset"),
        ("j8cb01u2q_flt.fits", FitsFacts(""), "j8cb01u2q_flt.fits belongs to another dataset"),
        ("j8cb01u2q.tra", None, "j8cb01u2q.tra belongs to another dataset"),
        ("j6gp01mkq.tra", None, ""),
        ("blot.fits", FitsFacts(""), ""),
    ],
)
def test_what_nobody_asked_for_is_whole_and_of_the_dataset(
    name: str, facts: FitsFacts | UnreadableFits | None, said: str
) -> None:
    assert judge([], {name: Found(facts, fresh=True)}, {"j6gp01mkq"}) == ((said,) if said else ())


def test_files_of_visits_go_by_other_names() -> None:
    name = "hst_99999_01_wfc3_ir_f130n_isim01a1_flt.fits"
    assert judge([], {name: Found(FitsFacts(name, {"ROOTNAME": "ISIM01A1Q"}), fresh=True)}) == ()


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
