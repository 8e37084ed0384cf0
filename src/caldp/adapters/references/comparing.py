"""Comparison of reference files by their values, through astropy and numpy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from caldp.adapters.references.images import compare_images
from caldp.adapters.references.tables import column_values, compare_tables
from caldp.adapters.support.foreign import in_words, reading_foreign
from caldp.adapters.support.quiet import ignoring_warnings
from caldp.domain.stale.cards import PEDIGREE, different_card, is_dummy
from caldp.domain.stale.findings import Comparison, Difference
from caldp.domain.stale.rungs import Rung, highest
from caldp.domain.stale.used import Used

_MOST_DIFFERENCES: Final = 5


class _Damaged(Exception):
    """A file cannot be read; the message says which and why."""


@frozen
class ValueComparison:
    """Compares reference files by their values; implements the port ReferenceComparison."""

    def values(self, path: Path, column: str) -> tuple[float, ...]:
        """Return the numbers in a column of all tables of a file."""
        try:
            with _opened(path) as hdus, reading_foreign(lambda error: _Damaged(in_words(error))):
                return column_values(hdus, column)
        except _Damaged:
            return ()

    def compare(self, old: Path, new: Path, used: Used) -> Comparison:
        """Compare what an exposure uses of two files, in full."""
        try:
            with ExitStack() as stack:
                before, after = stack.enter_context(_opened(old)), stack.enter_context(_opened(new))
                with reading_foreign(lambda error: _Damaged(f"{old.name} or {new.name} is damaged: {in_words(error)}")):
                    found = _compared(before, after, used)
                    return evolve(found, new_is_dummy=is_dummy(after[0].header.get(PEDIGREE, "")))
        except _Damaged as damage:
            return Comparison(Rung.UNKNOWN, str(damage))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from astropy.io import fits

    def damaged(error: Exception) -> _Damaged:
        return _Damaged(f"{path.name} is damaged: {in_words(error)}")

    with ExitStack() as stack:
        with reading_foreign(damaged):
            file = stack.enter_context(path.open("rb"))
            stack.enter_context(ignoring_warnings())
            hdus = stack.enter_context(fits.open(file, memmap=True, lazy_load_hdus=False))
            last = hdus[len(hdus) - 1].fileinfo()
            missing = last["datLoc"] + last["datSpan"] - path.stat().st_size
        if missing > 0:
            raise _Damaged(f"{path.name} is damaged: it is cut off, {missing} bytes are missing")
        yield hdus


def _compared(before: Any, after: Any, used: Used) -> Comparison:
    if (made_of := [_kind(hdu) for hdu in before]) != (now := [_kind(hdu) for hdu in after]):
        lost, gained = ", ".join(_only(made_of, now)), ", ".join(_only(now, made_of))
        return Comparison(Rung.CHANGED, f"the HDUs are not the same: {lost or 'fewer'} -> {gained or 'fewer'}")
    rungs, differences, detail = [Rung.SAME_CONTENT], list[Difference](), ""
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        place = f"HDU {number}" + (f" ({new.name})" if number and new.name else "")
        if card := different_card(_cards(old), _cards(new)):
            rungs.append(Rung.CHANGED)
            detail = detail or f"the header of {place} differs: {card}"
        found = _data_compared(old, new, used, place)
        rungs.append(found.rung)
        differences += found.differences
        detail = detail or found.detail
    rung = highest(rungs)
    return Comparison(rung, detail if rung is Rung.CHANGED else "", tuple(differences[:_MOST_DIFFERENCES]))


def _kind(hdu: Any) -> str:
    return f"{hdu.name or 'PRIMARY'},{hdu.ver} {'table' if getattr(hdu, 'columns', None) is not None else 'image'}"


def _only(first: list[str], second: list[str]) -> list[str]:
    return [one for one in first if one not in second]


def _cards(hdu: Any) -> Mapping[str, object]:
    cards: dict[str, object] = {}
    for card in hdu.header.cards:
        cards.setdefault(card.keyword, card.value)
    return cards


def _data_compared(old: Any, new: Any, used: Used, place: str) -> Comparison:
    if old.data is None or new.data is None:
        both = old.data is None and new.data is None
        return Comparison(Rung.SAME_CONTENT if both else Rung.CHANGED, "" if both else f"{place} is empty in one file")
    if getattr(new, "columns", None) is not None:
        return compare_tables(old, new, used, place)
    return compare_images(old, new, used.region, place)
