"""Tables as CSV, and as ECSV with types, units and meanings of columns, which astropy reads."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Final

from caldp.domain.tables.table import Cell, Column, Table

_DATATYPES: Final = {str: "string", int: "int64", float: "float64", bool: "bool"}
FORMATS: Final = ("table", "json", "csv", "ecsv")
"""Ways in which commands write results: for people, and for machines."""


def csv_lines(table: Table) -> Iterator[str]:
    """Yield the lines of a table as comma-separated values (RFC 4180), row by row; None is an empty cell."""
    yield _line([column.name for column in table.columns])
    for row in table.rows:
        yield _line([_text(cell) for cell in row])


def ecsv_lines(table: Table) -> Iterator[str]:
    """Yield the lines of a table as enhanced comma-separated values (astropy's APE 6, version 1.0)."""
    yield "# %ECSV 1.0"
    yield "# ---"
    yield "# delimiter: ','"
    yield "# datatype:"
    yield from (f"# - {_yaml(_described(column))}" for column in table.columns)
    if table.meta:
        yield "# meta: !!omap"
        yield from (f"# - {_yaml({name: value})}" for name, value in table.meta.items())
    yield "# schema: astropy-2.0"
    yield from csv_lines(table)


def table_lines(table: Table, form: str) -> Iterator[str]:
    """Yield the lines of a table in a format: ``csv`` or ``ecsv``."""
    return ecsv_lines(table) if form == "ecsv" else csv_lines(table)


def _described(column: Column) -> dict[str, Cell]:
    unit = {"unit": column.unit} if column.unit else {}
    return {"name": column.name, **unit, "datatype": _DATATYPES[column.type], "description": column.doc}


def _yaml(values: Mapping[str, Cell]) -> str:
    """Write a mapping in YAML's flow style, for which JSON will do."""
    return json.dumps(values)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return " ".join(cell.split()) if isinstance(cell, str) else str(cell)


def _line(cells: list[str]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()
