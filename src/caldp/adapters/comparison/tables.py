"""Comparison of binary tables, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from caldp.adapters.comparison.layout import place_in_table
from caldp.adapters.comparison.table_layout import Column, Table
from caldp.adapters.comparison.values import Tally
from caldp.domain.comparison.agreement import Tolerance
from caldp.domain.comparison.difference import ValueDifference

Array = NDArray[Any]


def layout_difference(a: Table, b: Table) -> str:
    """Say in what columns and rows two tables differ; empty if values can be compared one by one."""
    parts = []
    for names, where in ((a.columns.keys() - b.columns.keys(), "A"), (b.columns.keys() - a.columns.keys(), "B")):
        if names:
            parts.append(f"{', '.join(sorted(names))} in {where} only")
    for name in sorted(a.columns.keys() & b.columns.keys()):
        ours, theirs = a.columns[name], b.columns[name]
        if not _is_comparable(ours, theirs):
            parts.append(f"{name} is {ours.words} in A, {theirs.words} in B")
    if a.rows != b.rows:
        parts.append(f"{a.rows} rows in A, {b.rows} in B")
    return "; ".join(parts)


def compare_tables(
    a: Table, b: Table, tolerance: Tolerance, flags: Callable[[str], Mapping[int, str] | None]
) -> Iterator[ValueDifference]:
    """Compare the columns that two tables have in common, if they have as many rows.

    Parameters
    ----------
    a, b
        The tables.
    tolerance
        Difference that values may have.
    flags
        Return the names of the flags in a column; None for one that holds no flags.

    Yields
    ------
    ValueDifference
        One for each column that differs.
    """
    if a.rows != b.rows:
        return
    pairs = [
        (name, a.columns[name], b.columns[name])
        for name in a.columns
        if name in b.columns and a.columns[name].width and _is_comparable(a.columns[name], b.columns[name])
    ]
    plain = [pair for pair in pairs if not pair[1].is_variable]
    tallies = {
        name: Tally(tolerance, partial(place_in_table, elements=_elements(column)), flags(name))
        for name, column, _ in plain
    }
    for ours, theirs in zip(
        a.blocks([one for _, one, _ in plain]), b.blocks([one for _, _, one in plain]), strict=True
    ):
        for number, (name, left, right) in enumerate(plain):
            tallies[name].add(_values(left, ours[str(number)]), _values(right, theirs[str(number)]))
    for name, _, _ in plain:
        found = tallies[name].result(name)
        if found is not None:
            yield found
    for name, left, right in pairs:
        if left.is_variable:
            yield from _compare_variable(name, (a, left), (b, right), tolerance)


def _compare_variable(
    name: str, a: tuple[Table, Column], b: tuple[Table, Column], tolerance: Tolerance
) -> Iterator[ValueDifference]:
    """Compare arrays of variable length, row by row; arrays of other lengths differ in all their values."""
    starts: list[tuple[int, int]] = []  # number of the first value of each row, and the row

    def place(number: int) -> str:
        first, row = max(start for start in starts if start[0] <= number)
        return f"row {row}, element {number - first + 1}"

    tally, row = Tally(tolerance, place), 0
    for ours, theirs in zip(a[0].blocks([a[1]]), b[0].blocks([b[1]]), strict=True):
        for left, right in zip(ours["0"], theirs["0"], strict=True):
            row += 1
            starts.append((tally.samples, row))
            first, second = a[0].array(a[1], left), b[0].array(b[1], right)
            if len(first) != len(second):
                tally.miss(max(len(first), len(second)))
            else:
                tally.add(first, second)
    found = tally.result(name)
    if found is not None:
        yield found


def _values(column: Column, stored: Array) -> Array:
    if column.code == "A":
        return np.char.rstrip(stored, b" ")  # numpy leaves out NULs by itself
    return stored if column.code in "LX" else column.scale(stored)


def _elements(column: Column) -> int:
    return 1 if column.code == "A" else max(1, int(np.prod(column.shape)))


def _is_comparable(a: Column, b: Column) -> bool:
    """Tell whether two columns hold as many values of the same sort: numbers of any type, texts of any length."""
    sorts = ["L", "X", "A"]
    ours, theirs = ((one.of if one.is_variable else one.code) for one in (a, b))
    alike = ours == theirs or not (ours in sorts or theirs in sorts)
    return (
        alike
        and a.is_variable == b.is_variable
        and (a.is_variable or a.shape == b.shape)
        and (bool(a.width) == bool(b.width))
    )
