"""Judgement of references that differ from the catalogue."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.reference_check import Comparison, Identity, ReferenceCheck, judge_cache

RIGHT = Identity(2880, "a" * 40)
FLIPPED = Identity(2880, "b" * 40)
SHORT = Identity(1440)


def compared(*found: Identity | None) -> list[Comparison]:
    """Compare files with the same entry; None stands for a file that the catalogue does not have."""
    return [
        Comparison(f"r{number}.fits", f"/c/r{number}.fits", RIGHT if item else None, item or FLIPPED)
        for number, item in enumerate(found)
    ]


@pytest.mark.parametrize(
    ("found", "check", "damaged"),
    [
        ([RIGHT, RIGHT], "auto", []),
        ([RIGHT, FLIPPED], "auto", ["r1.fits"]),
        ([FLIPPED], "auto", ["r0.fits"]),
        ([RIGHT, RIGHT, SHORT], "auto", ["r2.fits"]),
        ([FLIPPED] * 9, "auto", [f"r{number}.fits" for number in range(9)]),
        ([SHORT, SHORT], "auto", ["r0.fits", "r1.fits"]),
        ([SHORT] * 3 + [RIGHT] * 3, "auto", ["r0.fits", "r1.fits", "r2.fits"]),
        ([SHORT] * 4 + [RIGHT, FLIPPED], "auto", []),
        ([SHORT] * 4 + [RIGHT, FLIPPED], "strict", ["r0.fits", "r1.fits", "r2.fits", "r3.fits", "r5.fits"]),
        ([RIGHT, FLIPPED, SHORT], "off", []),
        ([None, None, RIGHT], "strict", []),
    ],
)
def test_damaged_is_what_differs_unless_the_cache_is_one_of_stand_ins(
    found: list[Identity | None], check: str, damaged: list[str]
) -> None:
    judgement = judge_cache(compared(*found), ReferenceCheck(check))
    assert [item.name for item in judgement.damaged] == damaged


def test_a_cache_of_stand_ins_is_said_to_be_no_copy() -> None:
    judgement = judge_cache(compared(SHORT, SHORT, SHORT, RIGHT), ReferenceCheck.AUTO)
    assert judgement.no_copy == "3 of 4 files have another size than its catalogue says"
    assert not judge_cache(compared(FLIPPED, FLIPPED, FLIPPED), ReferenceCheck.AUTO).no_copy


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (RIGHT, ""),
        (Identity(2880), ""),
        (SHORT, "it has 1440 bytes instead of 2880"),
        (FLIPPED, f"its SHA-1 is {'b' * 40} instead of {'a' * 40}"),
    ],
)
def test_a_difference_is_said_in_numbers(found: Identity, said: str) -> None:
    assert RIGHT.differs(found) == said


def neighbours(*found: Identity) -> list[Comparison]:
    return [Comparison(f"n{number}.fits", f"/c/n{number}.fits", RIGHT, item) for number, item in enumerate(found)]


@pytest.mark.parametrize(
    ("around", "damaged"),
    [([SHORT] * 4, []), ([RIGHT] * 4, ["r0.fits"]), ([RIGHT] * 5 + [SHORT] * 4, ["r0.fits"])],
)
def test_neighbours_tell_of_a_cache_what_one_file_cannot(around: list[Identity], damaged: list[str]) -> None:
    judgement = judge_cache(compared(FLIPPED), ReferenceCheck.AUTO, neighbours(*around))
    assert [item.name for item in judgement.damaged] == damaged


def test_a_dataset_whose_files_are_cut_off_does_not_condemn_the_catalogue_of_a_good_cache() -> None:
    judgement = judge_cache(compared(SHORT, SHORT, SHORT), ReferenceCheck.AUTO, neighbours(*[RIGHT] * 20))
    assert len(judgement.damaged) == 3
