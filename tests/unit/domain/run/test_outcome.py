"""Outcomes of runs: short on a screen, a table in a notebook, and the way to each product."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from attrs import evolve

from caldp.domain.errors import UsageError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.outcome import Outcome, PublishReceipt
from caldp.domain.run.record import Failure, FileRecord, RunRecord

ROOT = "/out/data/cos/ldfd01010"
NAMES = (
    "ldfd01010_asn.fits",
    "ldfd01010_x1dsum.fits",
    "ldfd01vnq_flt_a.fits",
    "ldfd01vnq_x1d.fits",
    "ldfd01voq_x1d.fits",
)


@pytest.fixture
def outcome() -> Outcome:
    products = tuple(FileRecord(name, 2_500_000) for name in NAMES)
    objects = (*(f"{ROOT}/{name}" for name in NAMES), f"{ROOT}/previews/ldfd01010_x1dsum.png")
    record = RunRecord(
        run="20261125T000000Z-0123abcd", dataset=DatasetName.parse("ldfd01010"), status=ExitCode.SUCCESS,
        started=datetime(2026, 1, 1, tzinfo=UTC), input="file:in", output="file:out", profile="onsite", layout="tree",
        context="hst_0729.pmap", products=products,
    )  # fmt: skip
    return Outcome(ExitCode.SUCCESS, record, PublishReceipt(ROOT, objects))


def failed(outcome: Outcome, message: str) -> Outcome:
    failure = Failure(ExitCode.STAGE1_ERROR, message, "Look at <the log>.")
    return evolve(outcome, status=ExitCode.STAGE1_ERROR, record=evolve(outcome.record, failures=(failure,)))


def test_an_outcome_is_true_if_everything_was_done(outcome: Outcome) -> None:
    assert outcome
    assert not failed(outcome, "no")


def test_its_repr_fits_a_screen(outcome: Outcome) -> None:
    assert repr(outcome) == f"<Outcome ldfd01010: SUCCESS (0), 5 products, in {ROOT}>"
    many = evolve(outcome, record=evolve(outcome.record, products=outcome.products * 1000))
    assert len(repr(failed(many, "long " * 500))) < 400
    assert "STAGE1_ERROR (23), long long" in repr(failed(many, "long " * 500))


class _Cells(HTMLParser):
    """Text of a table's cells; tags must nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.cells.append(data)


def test_a_notebook_shows_a_table_in_which_texts_are_escaped(outcome: Outcome) -> None:
    page = _Cells()
    page.feed(failed(outcome, "<script>alert(1)</script>")._repr_html_())
    assert page.open == []
    assert "<script>alert(1)</script> Look at <the log>." in page.cells
    assert page.cells[page.cells.index("ldfd01010_x1dsum.fits") + 1] == "2.5 MB"
    many = evolve(outcome, record=evolve(outcome.record, products=outcome.products * 1000))
    assert "and 4960 more products" in many._repr_html_()
    assert len(many._repr_html_()) < 10_000


@pytest.mark.parametrize(
    ("suffix", "name"),
    [("x1dsum", NAMES[1]), ("asn", NAMES[0]), ("flt_a", NAMES[2]), ("ldfd01vnq_x1d.fits", NAMES[3])],
)
def test_a_product_is_found_by_its_suffix_or_name(outcome: Outcome, suffix: str, name: str) -> None:
    assert outcome.path(suffix) == f"{ROOT}/{name}"


def test_several_files_of_a_suffix_are_listed(outcome: Outcome) -> None:
    with pytest.raises(UsageError, match=r"has 2 files 'x1d': ldfd01vnq_x1d\.fits, ldfd01voq_x1d\.fits\."):
        outcome.path("x1d")


@pytest.mark.parametrize(
    ("objects", "advice"),
    [
        ((f"{ROOT}/ldfd01010_x1dsum.fits", f"{ROOT}/ldfd01vnq_flt_a.fits"), "There are flt_a, x1dsum."),
        (
            ("s3://bucket/outputs/ldfd01010/ldfd01010.tar.gz",),
            "The products are in the tarball s3://bucket/outputs/ldfd01010/ldfd01010.tar.gz.",
        ),
        ((), "Nothing was published, and no scratch directory kept."),
    ],
)
def test_a_file_that_is_not_there_is_answered_with_those_that_are(
    outcome: Outcome, objects: tuple[str, ...], advice: str
) -> None:
    with pytest.raises(UsageError, match="has no file 'drz'") as caught:
        evolve(outcome, receipt=PublishReceipt(ROOT, objects)).path("drz")
    assert caught.value.advice == advice


def test_a_product_that_was_not_published_lies_in_the_scratch_directory(outcome: Outcome) -> None:
    assert evolve(outcome, receipt=None, work_directory="/w").path("x1dsum") == "/w/data/ldfd01010_x1dsum.fits"


def test_a_mosaic_is_found_by_its_suffix(outcome: Outcome) -> None:
    drizzled = "hst_9774_01_acs_wfc_f814w_j8ph01_drc.fits"
    assert evolve(outcome, receipt=PublishReceipt("", (f"/out/{drizzled}",))).path("drc") == f"/out/{drizzled}"
