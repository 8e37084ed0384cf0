"""Comparison of two sides, as text or as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from caldp.domain.comparison.agreement import Agreement
from caldp.domain.comparison.causes import Cause
from caldp.domain.comparison.difference import (
    Comparison,
    DatasetDifference,
    FlagChange,
    HduDifference,
    ProductDifference,
    ValueDifference,
)
from caldp.domain.run.plain import to_plain
from caldp.views.columns import columns

_MOST_CARDS: Final = 12
_MOST_NAMES: Final = 8


def comparison_text(comparison: Comparison) -> str:
    """Write a comparison for people: of each dataset the causes, then the products that differ."""
    parts = ["\n".join(_dataset(one)) for one in comparison.datasets if not _is_quiet(one)]
    for names, side in ((comparison.only_a, comparison.a), (comparison.only_b, comparison.b)):
        if names:
            parts.append(f"Only in {side}: {_some(names)}")
    return "\n\n".join([*parts, _total(comparison)])


def comparison_json(comparison: Comparison) -> str:
    """Write a comparison for machines. Products whose data and headers are equal are named without details."""
    document: dict[str, Any] = {
        "schema": 1,
        "a": comparison.a,
        "b": comparison.b,
        "tolerance": to_plain(comparison.tolerance),
        "agreement": comparison.agreement.value,
        "only_a": list(comparison.only_a),
        "only_b": list(comparison.only_b),
        "datasets": [{"agreement": one.agreement.value, **to_plain(one)} for one in comparison.datasets],
    }
    return json.dumps(document, indent=2)


def products_text(products: Sequence[ProductDifference]) -> Iterator[str]:
    """Yield the lines about products: a line for those that are exact together, and details of each other."""
    exact = [one for one in products if one.agreement is Agreement.EXACT]
    if exact:
        marked = [one for one in exact if one.hdus]
        headers = f"; the headers of {len(marked)} differ" if marked else ""
        yield f"  EXACT           {len(exact)} of {len(products)} FITS files{headers}"
        yield from _headers(marked)
    for product in products:
        if product not in exact:
            reason = f": {product.reason}" if product.reason else ""
            yield f"  {product.agreement.value.upper():<15} {product.name}{reason}"
            for hdu in product.hdus:
                yield from _hdu(hdu)


def _headers(products: Sequence[ProductDifference]) -> Iterator[str]:
    """Yield the cards that differ where data do not, each once, with the number of files."""
    counts: Counter[tuple[str, str | None, str | None]] = Counter()
    for product in products:
        counts.update({(card.keyword, card.a, card.b) for hdu in product.hdus for card in hdu.cards})
    rows = [
        (f"    {keyword}", _card(a), "->", _card(b), f"in {count} file{'' if count == 1 else 's'}")
        for (keyword, a, b), count in counts.most_common(_MOST_CARDS)
    ]
    yield from columns(rows).splitlines() if rows else ()
    if len(counts) > _MOST_CARDS:
        yield f"    and {len(counts) - _MOST_CARDS} more cards"


def causes_text(causes: Sequence[Cause]) -> Iterator[str]:
    """Yield the lines about causes, by kind and subject."""
    rows = [(f"  {one.kind.value}", one.subject, f"{one.a} -> {one.b}") for one in causes]
    for line, cause in zip(columns(rows).splitlines() if rows else (), causes, strict=True):
        yield line
        yield from (f"      {detail}" for detail in cause.details)


def _is_quiet(one: DatasetDifference) -> bool:
    """Tell whether there is nothing to say of a dataset that the total does not say."""
    is_same = all(product.agreement is Agreement.EXACT and not product.hdus for product in one.products)
    return bool(one.products) and is_same and not (one.causes or one.remarks)


def _dataset(one: DatasetDifference) -> Iterator[str]:
    yield f"{one.dataset or 'files'}: {one.agreement.value.upper()}"
    yield from (f"  {remark}" for remark in one.remarks)
    if one.causes:
        yield "Differences of the runs, A -> B"
        yield from causes_text(one.causes)
    yield "Products"
    yield from products_text(one.products)
    if one.others:
        yield f"  Other files that differ: {_some(one.others)}"


def _hdu(hdu: HduDifference) -> Iterator[str]:
    said = "data are the same" if hdu.agreement is Agreement.EXACT and not hdu.reason else hdu.reason
    if hdu.agreement is Agreement.WITHIN and not hdu.values:
        said = "values are the same, written otherwise"
    yield f"    {hdu.label}" + (f": {said}" if said else "")
    yield from (f"      {line}" for value in hdu.values for line in _value(value))
    if hdu.cards:
        rows = [(f"      {one.keyword}", _card(one.a), "->", _card(one.b)) for one in hdu.cards[:_MOST_CARDS]]
        yield from columns(rows).splitlines()
        if len(hdu.cards) > _MOST_CARDS:
            more = [card.keyword for card in hdu.cards[_MOST_CARDS:]]
            yield f"      and {len(more)} more cards: {_some(more)}"


def _value(value: ValueDifference) -> Iterator[str]:
    lead = f"{value.column}: " if value.column else ""
    count = f"{lead}{value.differing:,} of {value.samples:,} differ"
    if value.beyond != value.differing:
        count += f", {value.beyond:,} beyond the tolerance"
    if value.invalid:
        count += f", {value.invalid:,} are numbers in one of the two only"
    sizes = [
        f"{words} {number:.4g}"
        for words, number in (
            ("largest relative", value.largest),
            ("median", value.median),
            ("largest absolute", value.absolute),
            ("median B/A", value.ratio),
        )
        if number is not None and not value.flags
    ]
    yield count
    if sizes:
        yield f"  {', '.join(sizes)}"
    yield f"  first at {value.first}" + (f", largest at {value.worst}" if value.worst and not value.flags else "")
    yield from (f"  {_flag(flag)}" for flag in value.flags)


def _flag(flag: FlagChange) -> str:
    name = f"{flag.name} ({flag.flag})" if flag.name else f"flag {flag.flag}"
    return f"{name}: {flag.gained:,} gained, {flag.lost:,} lost"


def _card(value: str | None) -> str:
    return "(none)" if value is None else value if len(value) <= 60 else f"{value[:57]}..."


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _total(comparison: Comparison) -> str:
    products = [product for one in comparison.datasets for product in one.products]
    counts = {one: sum(product.agreement is one for product in products) for one in Agreement}
    told = ", ".join(f"{number} {one.value}" for one, number in counts.items() if number)
    read = sum(product.is_read for product in products)
    how = f"; {read} read, {len(products) - read} told by digests" if products else ""
    sets = f"{len(comparison.datasets)} dataset{'' if len(comparison.datasets) == 1 else 's'}"
    return f"{sets}, {len(products)} FITS file{'' if len(products) == 1 else 's'}: {told or 'nothing in common'}{how}"
