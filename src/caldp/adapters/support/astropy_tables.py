"""Tables of results as tables of astropy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from caldp.domain.tables.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from astropy.table import Table as AstropyTable

_DTYPES: Final = {str: "str", int: "int64", float: "float64", bool: "bool"}


def to_astropy(table: Table) -> AstropyTable:
    """Make an `astropy.table.Table` with names, types, units and meanings of columns; None becomes a masked value."""
    from astropy.table import Table as AstropyTable

    rows = [tuple(row) for row in table.rows]
    columns = [_column(column, [row[number] for row in rows]) for number, column in enumerate(table.columns)]
    return AstropyTable(columns, meta=dict(table.meta), copy=False)


def _column(column: Column, cells: Sequence[Any]) -> Any:
    """Make a column; it is masked only if a value is missing. A text that is missing is an empty one."""
    from astropy.table import Column as AstropyColumn
    from astropy.table import MaskedColumn

    facts = {"name": column.name, "dtype": _DTYPES[column.type], "description": column.doc, "unit": column.unit or None}
    values = [column.type() if cell is None else cell for cell in cells]
    if column.type is str or None not in cells:
        return AstropyColumn(values, **facts)
    return MaskedColumn(values, mask=[cell is None for cell in cells], **facts)
