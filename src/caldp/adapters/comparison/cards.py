"""Comparison of headers: cards that matter, and the number of those that do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from caldp.domain.comparison.agreement import Tolerance
from caldp.domain.comparison.difference import CardChange
from caldp.domain.hst.digests import VOLATILE_CARDS

_REMARKS: Final = frozenset({"", "HISTORY", "COMMENT", *VOLATILE_CARDS})
"""Cards that differ between equal runs, or are prose."""

Values = Mapping[str, tuple[Any, ...]]
"""Values of a header by keyword, of those that come twice all."""


def values_of(header: Any) -> Values:
    """Read a header of astropy; a card that cannot be read counts as its text."""
    found: dict[str, tuple[Any, ...]] = {}
    for card in header.cards:
        try:
            keyword, value = card.keyword, card.value
        except Exception:  # astropy cannot parse it
            keyword, value = card.image[:8].strip(), card.image[8:].strip()
        found[keyword] = (*found.get(keyword, ()), value)
    return found


def compare_cards(a: Values, b: Values, tolerance: Tolerance) -> tuple[tuple[CardChange, ...], int]:
    """Compare two headers; neither the order of cards nor their comments count.

    Parameters
    ----------
    a, b
        The headers.
    tolerance
        Difference that numbers may have.

    Returns
    -------
    matter : tuple of CardChange
        Cards that differ, by keyword.
    rest : int
        Number of keywords that differ and do not matter.
    """
    differing = [
        key for key in (*a, *(key for key in b if key not in a)) if not _same(a.get(key), b.get(key), tolerance)
    ]
    matter = tuple(
        CardChange(key, _text(a.get(key)), _text(b.get(key))) for key in sorted(differing) if key not in _REMARKS
    )
    return matter, len(differing) - len(matter)


def _same(a: tuple[Any, ...] | None, b: tuple[Any, ...] | None, tolerance: Tolerance) -> bool:
    if a is None or b is None or len(a) != len(b):
        return False
    return all(_value_same(one, other, tolerance) for one, other in zip(a, b, strict=True))


def _value_same(a: Any, b: Any, tolerance: Tolerance) -> bool:
    if a == b and isinstance(a, bool) == isinstance(b, bool):
        return True
    if isinstance(a, bool) or isinstance(b, bool) or not (isinstance(a, int | float) and isinstance(b, int | float)):
        return False
    return abs(a - b) <= tolerance.atol + tolerance.rtol * abs(b)


def _text(values: tuple[Any, ...] | None) -> str | None:
    return None if values is None else " | ".join(str(value).strip() for value in values)
