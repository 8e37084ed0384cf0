"""Comparison of tables of reference files: all rows, or those that an exposure uses, in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from caldp.adapters.references.amounts import amount_of, unequal
from caldp.adapters.references.used_rows import used_rows
from caldp.domain.stale.cards import DESCRIP, PEDIGREE, is_dummy
from caldp.domain.stale.findings import Comparison, Difference
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.used import Criterion, Used

_MOST_ROWS: Final = 10


def compare_tables(old: Any, new: Any, used: Used, place: str) -> Comparison:
    """Compare two table HDUs.

    Engines take the first row that fits, or go through all that do in their order; so rows are compared in their order.

    Parameters
    ----------
    old, new
        HDUs of astropy, with data.
    used
        Part that is used.
    place
        Name of the HDU, for messages.
    """
    if (lacking := _other_columns(old, new)) is not None:
        return Comparison(Rung.CHANGED, f"{place} has other columns: {lacking}")
    before, after = _columns(old), _columns(new)
    if len(old.data) == len(new.data) and not any(_differing(before, after)):
        return Comparison(Rung.SAME_CONTENT)
    rows = _both_used(before, after, used.criteria)
    words = "rows" if rows is None else "used rows"
    first, second = (_all(before), _all(after)) if rows is None else rows
    if len(first) != len(second):
        return Comparison(Rung.CHANGED, f"{place} has {len(second)} {words} instead of {len(first)}")
    before = {name: column[first] for name, column in before.items()}
    after = {name: column[second] for name, column in after.items()}
    fewer = {} if rows is None else _fewer(before, after, used.of_fewer)
    differences = tuple(_described(before, after, second, place, fewer))
    if differences:
        return Comparison(Rung.CHANGED, "", differences)
    return Comparison(Rung.SAME_ROWS)


def column_values(hdus: Any, column: str) -> tuple[float, ...]:
    """Return the numbers in a column of all tables, sorted, each once."""
    found: set[float] = set()
    for hdu in hdus:
        for one in getattr(hdu, "columns", None) or ():
            if one.name.upper() == column and hdu.data[one.name].dtype.kind in "iuf":
                found.update(hdu.data[one.name].ravel().tolist())
    return tuple(sorted(map(float, found)))


def _fewer(
    before: Mapping[str, Any], after: Mapping[str, Any], of_fewer: Sequence[tuple[str, Criterion]]
) -> Mapping[str, Any]:
    """Return indices of the rows of which a column is used, by its name, where these are the same in both tables."""
    found: dict[str, Any] = {}
    for name, criterion in of_fewer:
        first, second = used_rows(before, (criterion,)), used_rows(after, (criterion,))
        if first is not None and second is not None and len(first) and list(first) == list(second):
            found[name] = first
    return found


def _other_columns(old: Any, new: Any) -> str | None:
    """Say which columns are not in both tables with one format and unit; None if all are."""
    before, after = ({_column_key(hdu, column) for column in hdu.columns} for hdu in (old, new))
    if before == after:
        return None
    lost, gained = (
        ", ".join(" ".join(key).strip() for key in sorted(keys)) for keys in (before - after, after - before)
    )
    return f"{lost or 'none'} -> {gained or 'none'}"


def _column_key(hdu: Any, column: Any) -> tuple[str, ...]:
    """Return name, type, shape and unit; of one value, and of one dimension, formats can be written in two ways."""
    data = hdu.data[column.name]
    kind = str(column.format) if data.dtype.kind in "OSU" else f"{data.dtype.kind}{8 * data.dtype.itemsize}"
    shape = " x ".join(map(str, data.shape[1:]))
    return column.name.upper(), kind, shape, str(column.unit or "")


def _columns(hdu: Any) -> Mapping[str, Any]:
    """Return the columns that count, by name in upper case; of pedigrees only whether they are dummies."""
    import numpy as np

    found: dict[str, Any] = {}
    for column in hdu.columns:
        name = column.name.upper()
        if name == DESCRIP:
            continue
        data = np.asarray(hdu.data[column.name])
        found[name] = np.array([is_dummy(text) for text in data], dtype=bool) if name == PEDIGREE else data
    return found


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[bool]:
    return (bool(_unequal(before[name], after[name]).any()) for name in before)


def _unequal(old: Any, new: Any) -> Any:
    """Return the rows whose values in a column differ, as booleans."""
    import numpy as np

    if old.dtype.kind == "O":  # arrays of variable length
        pairs = zip(old, new, strict=True)
        return np.array([_differ(np.asarray(one), np.asarray(two)) for one, two in pairs], dtype=bool)
    different = unequal(old, new)
    return different.reshape(len(different), -1).any(axis=1) if different.ndim > 1 else different


def _differ(old: Any, new: Any) -> bool:
    return bool(old.shape != new.shape or old.dtype != new.dtype or unequal(old, new).any())


def _both_used(before: Mapping[str, Any], after: Mapping[str, Any], criteria: Sequence[Criterion]) -> Any:
    """Return the rows used of both tables; None where no condition applies, or none of the rows meets them."""
    first, second = used_rows(before, criteria), used_rows(after, criteria)
    if first is None or second is None or not (len(first) or len(second)):
        return None
    return first, second


def _all(columns: Mapping[str, Any]) -> Any:
    import numpy as np

    return np.arange(max((len(column) for column in columns.values()), default=0))


def _described(
    before: Mapping[str, Any], after: Mapping[str, Any], rows: Any, place: str, fewer: Mapping[str, Any]
) -> Iterator[Difference]:
    for name in before:
        chosen = fewer.get(name, slice(None))
        old, new = before[name][chosen], after[name][chosen]
        different = _unequal(old, new)
        if different.any():
            numbers = [int(row) + 1 for row in rows[chosen][different]]
            amount = None if old.dtype.kind == "O" else amount_of(old, new)
            yield Difference(f"{place}, column {name}", tuple(numbers[:_MOST_ROWS]), len(numbers), amount)
