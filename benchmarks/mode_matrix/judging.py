"""Judgement of a row of the matrix: what caldp said, held against what the engines did by hand."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import attrs
from astropy.io import fits
from attrs import field, frozen

from benchmarks.mode_matrix.comparing import differing
from benchmarks.mode_matrix.runs import CALCOS_NOTHING, Ran


class Verdict(StrEnum):
    """Worth of what caldp said."""

    RIGHT = "right"
    FALSE_SUCCESS = "FALSE SUCCESS"
    FALSE_FAILURE = "FALSE FAILURE"
    DIFFERS = "DIFFERS"


@frozen
class Reviewed:
    """A failure behind an engine's status 0 that somebody has looked into.

    Attributes
    ----------
    words
        Pattern of caldp's message.
    engine
        Pattern of the engine's last words.
    why
        The reason that it is true.
    """

    words: str
    engine: str
    why: str


@frozen
class Omission:
    """Products that caldp leaves out, which somebody has looked into.

    Attributes
    ----------
    words
        Pattern of caldp's note.
    names
        Pattern of the products' names.
    why
        The reason that this is right.
    """

    words: str
    names: str
    why: str


TRUE_FAILURES: Final = (
    Reviewed(
        r"_(sx2|x2d)\.fits was not made",
        "X2DCORR not performed due to missing row",
        "The SDCTAB has no row for the aperture, so that a step that was asked for is not done.",
    ),
)
TRUE_OMISSIONS: Final = (
    Omission(
        "runastrodriz is not run, since no calibrated exposure is made",
        r"_(drz|flt_hlet)\.fits$",
        "runastrodriz drizzles the raw exposures in their place, into a product without data, and writes into them.",
    ),
)


@frozen
class Row:
    """One run of the matrix, both ways.

    Attributes
    ----------
    mode, dataset
        The observation.
    change
        The switch that was turned, with its state; empty for the usual run.
    hand, caldp
        Statuses.
    made, delivered, identical
        Numbers of FITS products: by hand, by caldp, and those of caldp that have the pixels of those by hand.
    verdict
        Worth of what caldp said.
    lost, gained
        Suffixes of products by hand that the usual run has and this one has not, and the other way round.
    why
        Remarks: what differs, caldp's failure or notes, the engine's last words.
    differing
        FITS products whose pixels differ, and those that only one way has; of a run that caldp calls a failure, the
        former alone.
    suffixes, programs
        Suffixes of the products by hand, and the engines that made them; without what caldp leaves out.
    stays
        Of a usual run, by suffix: the switches that stand at PERFORM in the products that caldp delivered.
    previews
        Of a usual run: suffixes of the products that pictures were drawn of.
    arrived
        Suffixes of the files that the archive has.
    is_whole
        True if caldp was run as a whole; false if its step of calibration has judged what was made by hand.
    """

    mode: str
    dataset: str
    change: str
    hand: str
    caldp: str
    made: int
    delivered: int
    identical: int
    verdict: Verdict
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    why: str = ""
    suffixes: tuple[str, ...] = field(default=())
    programs: tuple[str, ...] = field(default=())
    stays: Mapping[str, tuple[str, ...]] = field(factory=dict)
    previews: tuple[str, ...] = field(default=())
    arrived: tuple[str, ...] = field(default=())
    is_whole: bool = True
    differing: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return attrs.asdict(self)


def judge(
    mode: str, dataset: str, change: str, hand: Ran, caldp: Ran, usual: Collection[str] | None, *, is_whole: bool = True
) -> Row:
    """Hold both ways against each other.

    Parameters
    ----------
    mode, dataset, change
        As for `Row`.
    hand, caldp
        Both ways.
    usual
        Suffixes of the products by hand of the usual run; None if this is it.
    is_whole
        False if caldp has judged the products by hand, and made none of its own.
    """
    shared = caldp.products.keys() & hand.products.keys() if is_whole else set()
    apart = {name: what for name in sorted(shared) if (what := differing(caldp.products[name], hand.products[name]))}
    more = sorted(caldp.products.keys() - hand.products.keys()) if is_whole else []
    # caldp starts no further engine after a failure
    absent = sorted(hand.products.keys() - caldp.products.keys()) if is_whole and caldp.is_good else []
    omitted = _omitted(absent, caldp.why)
    missing = [name for name in absent if name not in omitted]
    suffixes = _suffixes(hand.products.keys() - set(omitted))
    before = suffixes if usual is None else usual
    remarks = [f"{name} differs in {what}" for name, what in apart.items()]
    remarks += [f"left out by caldp: {name}" for name in omitted]
    remarks += [f"by hand only: {name}" for name in missing]
    remarks += [f"by caldp only: {name}" for name in more]
    said = f"caldp: {caldp.why}" if caldp.why else ""
    told = f"engine: {hand.why}" if not hand.is_good or not caldp.is_good else ""
    return Row(
        mode,
        dataset,
        change,
        hand.status,
        caldp.status,
        len(hand.products),
        len(caldp.products) if is_whole else 0,
        len(shared) - len(apart),
        _verdict(hand, caldp, is_same=not (apart or missing or more)),
        lost=tuple(sorted(set(before) - set(suffixes))),
        gained=tuple(sorted(set(suffixes) - set(before))),
        why="; ".join(filter(None, (*remarks, said, told))),
        suffixes=suffixes,
        programs=tuple(dict.fromkeys(caldp.programs if omitted else hand.programs)),
        stays=_stays(caldp.products) if usual is None else {},
        previews=_suffixes(caldp.pictures),
        arrived=_suffixes(hand.arrived),
        is_whole=is_whole,
        differing=(*apart, *missing, *more),
    )


def _omitted(absent: Iterable[str], why: str) -> list[str]:
    patterns = [each.names for each in TRUE_OMISSIONS if re.search(each.words, why)]
    return [name for name in absent if any(re.search(pattern, name) for pattern in patterns)]


def _stays(products: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """List the switches at PERFORM by suffix of the product."""
    found: dict[str, set[str]] = {}
    for name, path in products.items():
        left = {key for key, value in fits.getheader(path).items() if key.endswith("CORR") and value == "PERFORM"}
        found.setdefault(_suffix(name), set()).update(left)
    return {suffix: tuple(sorted(left)) for suffix, left in sorted(found.items()) if left}


def _suffix(name: str) -> str:
    return name.partition(".")[0].partition("_")[2]


def _suffixes(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({_suffix(name) for name in names}))


def _verdict(hand: Ran, caldp: Ran, *, is_same: bool) -> Verdict:
    if not caldp.is_good:
        is_true = not hand.is_good or any(
            re.search(each.words, caldp.why) and re.search(each.engine, hand.why) for each in TRUE_FAILURES
        )
        return Verdict.RIGHT if is_true else Verdict.FALSE_FAILURE
    has_nothing = hand.status == str(CALCOS_NOTHING) and not hand.products
    if not hand.is_good and not has_nothing:
        return Verdict.FALSE_SUCCESS
    return Verdict.RIGHT if is_same else Verdict.DIFFERS
