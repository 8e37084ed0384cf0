"""Reads of a ramp that a user wants to leave out, judged without any file."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.plan import Observation
from caldp.domain.calibration.reads import check_reads, parse_reads, samples_of
from caldp.domain.errors import UsageError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import Extension, FitsFacts, HeaderValue


def ramp(name: str, reads: int = 4, **more: HeaderValue) -> FitsFacts:
    """Return headers of a ramp, the last read first, as WFC3 has them."""
    samples = [Extension("SCI", {"SAMPNUM": reads - version}, version=version) for version in range(1, reads + 1)]
    return FitsFacts(name, {"DETECTOR": "IR", "CRCORR": "PERFORM", **more}, tuple(samples))


def of(*facts: FitsFacts) -> Observation:
    return Observation(DatasetName.parse("isim01010"), None, {one.name: one for one in facts})


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("", {}),
        ("1,2", {"": {1, 2}}),
        ("1-3", {"": {1, 2, 3}}),
        ("ISIM01A1Q:1-2,5; isim01a2q:9", {"isim01a1q": {1, 2, 5}, "isim01a2q": {9}}),
        ("isim01a1q:1;isim01a1q:3", {"isim01a1q": {1, 3}}),
        ("3-1", {"": set()}),
    ],
)
def test_reads_are_numbers_and_ranges_for_all_exposures_or_one(text: str, reads: dict[str, set[int]]) -> None:
    assert parse_reads(text) == reads


@pytest.mark.parametrize("text", ["one", "1,,2", ":1", "isim01a1q:", "1-", "-1", "1.5", "1-2-3", "9999", "¹"])
def test_what_is_no_number_of_a_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"is no number of a read|names no exposure") as caught:
        parse_reads(text)
    assert "SAMPNUM" in caught.value.advice


@pytest.mark.parametrize("dataset", ["ldfd01010", "jbz504010", "osim01010", "skycell-p1889x07y19"])
def test_only_wfc3_has_ramps(dataset: str) -> None:
    check_reads(DatasetName.parse(dataset), {})
    with pytest.raises(UsageError, match="has no ramps of reads"):
        check_reads(DatasetName.parse(dataset), {"": frozenset({1})})


def test_extensions_are_found_by_the_number_of_the_read() -> None:
    observation = of(ramp("isim01a1q_raw.fits"), ramp("isim01a2q_raw.fits", reads=6))
    assert samples_of(observation, {"": frozenset({1, 3})}) == {
        "isim01a1q_raw.fits": {3: 1, 1: 3},
        "isim01a2q_raw.fits": {5: 1, 3: 3},
    }
    assert samples_of(observation, {"isim01a2q": frozenset({5})}) == {"isim01a2q_raw.fits": {1: 5}}


def test_an_exposures_own_reads_count_in_the_place_of_those_for_all() -> None:
    observation = of(ramp("isim01a1q_raw.fits"), ramp("isim01a2q_raw.fits"))
    wishes = {"": frozenset({1}), "isim01a2q": frozenset({2})}
    assert samples_of(observation, wishes) == {"isim01a1q_raw.fits": {3: 1}, "isim01a2q_raw.fits": {2: 2}}


@pytest.mark.parametrize(
    ("facts", "wishes", "message"),
    [
        (ramp("isim01a1q_raw.fits"), {"isim01a9q": {1}}, "isim01a9q is no exposure of isim01010, which has isim01a1q"),
        (ramp("isim01a1q_raw.fits"), {"": {4}}, "has no read 4: its reads are 0 to 3"),
        (ramp("isim01a1q_raw.fits"), {"": {0, 1}}, "Read 0 of isim01a1q_raw.fits is what ZOFFCORR subtracts"),
        (ramp("isim01a1q_raw.fits"), {"": {1, 2, 3}}, "No read of isim01a1q_raw.fits would be left"),
        (ramp("isim01a1q_raw.fits", CRCORR="OMIT"), {"": {1}}, "CRCORR, which fits the ramp .* is not PERFORM"),
        (ramp("isim01a1q_raw.fits", DETECTOR="UVIS"), {"": {1}}, "is no ramp"),
        (FitsFacts("isim01a1q_raw.fits", {"DETECTOR": "IR", "CRCORR": "PERFORM"}), {"": {1}}, "has no read 1"),
    ],
)
def test_what_cannot_be_left_out_is_refused(facts: FitsFacts, wishes: dict[str, set[int]], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        samples_of(of(facts), {root: frozenset(reads) for root, reads in wishes.items()})
