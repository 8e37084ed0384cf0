"""A table: columns with names, types and units, and rows that may come one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

Cell = str | int | float | bool | None
"""A value; None where there is none."""


@frozen
class Column:
    """A column of a table.

    Attributes
    ----------
    name
        Its name, a Python identifier.
    doc
        Its meaning, a clause.
    type
        Type of its values: str, int, float or bool.
    unit
        Unit as astropy writes it, such as ``s`` or ``byte``; empty for none.
    """

    name: str
    doc: str
    type: type[str] | type[int] | type[float] | type[bool] = str
    unit: str = ""


@frozen
class Table:
    """A table.

    Attributes
    ----------
    columns
        Its columns.
    rows
        Its rows: a cell for each column. They may be made as they are asked for, and then only once.
    meta
        Further facts that hold for the whole table, by name.
    """

    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]
    meta: Mapping[str, Cell] = field(factory=dict)


@frozen
class Plan:
    """The way from results of one kind to a table.

    Attributes
    ----------
    columns
        Each column with the function that takes its value out of an item.
    items
        Takes the items, one for each row, out of a result.
    """

    columns: tuple[tuple[Column, Callable[[Any], Cell]], ...]
    items: Callable[[Any], Iterable[Any]] = lambda result: (result,)

    def table(self, results: Iterable[Any], meta: Mapping[str, Cell] | None = None) -> Table:
        """Make the table of results."""
        columns, getters = zip(*self.columns, strict=True)
        return Table(columns, self._rows(results, getters), {} if meta is None else meta)

    def _rows(self, results: Iterable[Any], getters: tuple[Callable[[Any], Cell], ...]) -> Iterator[tuple[Cell, ...]]:
        for result in results:
            for item in self.items(result):
                yield tuple(get(item) for get in getters)
