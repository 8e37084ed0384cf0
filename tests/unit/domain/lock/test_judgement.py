"""Judgement of replays: exact, different, made by another build."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve

from caldp.domain.comparison.agreement import Agreement
from caldp.domain.comparison.causes import Cause, CauseKind
from caldp.domain.comparison.difference import HduDifference, ProductDifference
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.lock.judgement import Replay, Verification, judge, other_engines, unlike
from caldp.domain.lock.make import make_lock
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.outcome import Outcome
from caldp.domain.run.record import FileRecord, RunRecord
from tests.support.locked import HDUS, RECORDED

LOCK = make_lock(RECORDED)
SAME = tuple(FileRecord(one.name, 5, hdus=one.hdus) for one in LOCK.products)
OTHER_DATA = (HDUS[0], evolve(HDUS[1], data="other"))
OTHER_HEADER = (HDUS[0], evolve(HDUS[1], header="other"))
OTHER_BUILD = EngineIdentity("calcos", "/bin/calcos", "3.7.0", "def")


def agreements(products: tuple[ProductDifference, ...]) -> dict[str, Agreement]:
    return {product.name: product.agreement for product in products}


def test_equal_digests_are_exact() -> None:
    assert set(agreements(judge(LOCK, SAME, (), {})).values()) == {Agreement.EXACT}
    assert unlike(LOCK, SAME) == frozenset()


def test_other_data_are_different_and_the_hdu_is_named() -> None:
    made = (evolve(SAME[0], hdus=OTHER_DATA), SAME[1])
    found = judge(LOCK, made, (), {})[0]
    assert (found.agreement, [hdu.label for hdu in found.hdus]) == (Agreement.DIFFERENT, ["SCI,1"])
    assert unlike(LOCK, made) == {SAME[0].name}


def test_another_header_is_told_and_exact() -> None:
    found = judge(LOCK, (evolve(SAME[0], hdus=OTHER_HEADER), SAME[1]), (), {})[0]
    assert found.agreement is Agreement.EXACT
    assert found.hdus == (HduDifference("SCI", 1, Agreement.EXACT, "its header differs"),)


def test_measured_products_say_how_much() -> None:
    made = (evolve(SAME[0], hdus=OTHER_DATA), SAME[1])
    within = ProductDifference(SAME[0].name, Agreement.WITHIN, is_read=True)
    assert judge(LOCK, made, (), {SAME[0].name: within})[0] == within


def test_missing_and_further_products_are_different() -> None:
    further = FileRecord("lsim01b1q_x1d.fits", 5, hdus=HDUS)
    found = {product.name: product for product in judge(LOCK, (SAME[0], further), (), {})}
    assert found[SAME[1].name].reason == "it was not made"
    assert found[further.name].reason == "the locked run did not make it"
    assert {found[name].agreement for name in (SAME[1].name, further.name)} == {Agreement.DIFFERENT}


def test_another_build_is_never_called_exact() -> None:
    engines = other_engines(LOCK, [OTHER_BUILD])
    assert engines == (Cause(CauseKind.ENGINE, "calcos", "3.6.2 build abc", "3.7.0 build def"),)
    found = judge(LOCK, SAME, engines, {})
    assert set(agreements(found).values()) == {Agreement.NOT_COMPARABLE}
    assert found[0].reason == "other engines (calcos 3.6.2 build abc -> 3.7.0 build def); its data are the same"


def test_the_same_build_elsewhere_is_the_same() -> None:
    assert other_engines(LOCK, [evolve(RECORDED.programs[0], path="/opt/calcos")]) == ()


@pytest.mark.parametrize(
    ("agreement", "verification", "status"),
    [
        (Agreement.EXACT, Verification.EXACT, ExitCode.SUCCESS),
        (Agreement.WITHIN, Verification.EXACT, ExitCode.GENERIC_ERROR),
        (Agreement.WITHIN, Verification.TOLERANCE, ExitCode.SUCCESS),
        (Agreement.DIFFERENT, Verification.TOLERANCE, ExitCode.GENERIC_ERROR),
        (Agreement.NOT_COMPARABLE, Verification.TOLERANCE, ExitCode.GENERIC_ERROR),
    ],
)
def test_the_status_is_that_of_the_agreement(
    agreement: Agreement, verification: Verification, status: ExitCode
) -> None:
    record = RunRecord(
        "run", DatasetName.parse("lsim01010"), ExitCode.SUCCESS, datetime(2026, 11, 26, tzinfo=UTC), "in", "out",
        "onsite", "tree",
    )  # fmt: skip
    products = (ProductDifference("x.fits", agreement),)
    assert Replay(Outcome(ExitCode.SUCCESS, record), verification, products).status is status
    assert Replay(Outcome(ExitCode.STAGE1_ERROR, record), verification).status is ExitCode.STAGE1_ERROR
    assert not Replay(Outcome(ExitCode.SUCCESS, record), verification).ok
