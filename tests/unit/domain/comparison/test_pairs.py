"""Agreement, tolerances, pairs of HDUs, and what digests tell."""

from __future__ import annotations

import pytest
from attrs import evolve

from caldp.domain.comparison.agreement import Agreement, Tolerance
from caldp.domain.comparison.difference import ProductDifference
from caldp.domain.comparison.pairs import differing, paired, same_by_digests
from caldp.domain.errors import UsageError
from caldp.domain.hst.digests import HduDigest
from caldp.domain.hst.flag_names import flag_names, flags_in
from caldp.domain.run.recorded import RecordedFile

SCI, DQ = HduDigest("SCI", 1, "h", "d"), HduDigest("DQ", 1, "h", "q")
FILE = RecordedFile("x_flt.fits", 2880, "1" * 64, (SCI, DQ))


def test_the_worst_agreement_counts() -> None:
    assert Agreement.of([]) is Agreement.EXACT
    assert Agreement.of([Agreement.WITHIN, Agreement.EXACT]) is Agreement.WITHIN
    assert Agreement.of([Agreement.DIFFERENT, Agreement.NOT_COMPARABLE]) is Agreement.DIFFERENT
    assert [one.is_good for one in Agreement] == [True, True, False, False]


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_tolerance_is_a_number_that_is_not_negative(value: float) -> None:
    with pytest.raises(UsageError, match="rtol is"):
        Tolerance(value)
    with pytest.raises(UsageError, match="atol is"):
        Tolerance(0, value)


def test_hdus_of_one_name_are_paired_in_their_order() -> None:
    a, b = (
        [(("SCI", 1), "a1"), (("", 1), "a2"), (("", 1), "a3")],
        [(("", 1), "b1"), (("SCI", 1), "b2"), (("DQ", 1), "b3")],
    )
    assert list(paired(a, b)) == [
        (("SCI", 1), "a1", "b2"), (("", 1), "a2", "b1"), (("", 1), "a3", None), (("DQ", 1), None, "b3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (FILE, FILE, True),
        (FILE, evolve(FILE, sha256="2" * 64), True),
        (evolve(FILE, hdus=()), FILE, True),
        (FILE, evolve(FILE, sha256="2" * 64, hdus=(SCI, evolve(DQ, data="r"))), False),
        (FILE, evolve(FILE, sha256="2" * 64, hdus=(SCI, evolve(DQ, header="r"))), False),
        (evolve(FILE, sha256="", hdus=()), evolve(FILE, sha256="", hdus=()), False),
        (FILE, None, False),
        (None, FILE, False),
    ],
)
def test_digests_tell_that_files_are_the_same(a: RecordedFile | None, b: RecordedFile | None, same: bool) -> None:
    assert same_by_digests(a, b) == (ProductDifference("x_flt.fits", Agreement.EXACT) if same else None)


def test_digests_tell_which_hdus_differ() -> None:
    other = (evolve(SCI, header="i"), evolve(DQ, data="r"), HduDigest("", 1, "h", "d"))
    assert differing((SCI, DQ), other) == (("DQ,1", "primary"), ("SCI,1",))


def test_flags_have_the_names_of_their_instrument() -> None:
    assert flag_names("ACS", "SBC")[64] == "warm pixel"
    assert flag_names("WFC3", "IR")[8] == "deviant zero read"
    assert flag_names("wfc3 ", "UVIS")[8] == "masked by aperture"
    assert flag_names("COS", "FUV")[8192] == "gain sag"
    assert flag_names("NICMOS") == {}
    assert list(flags_in(0)) == []
    assert list(flags_in(1 | 32768)) == [1, 32768]
