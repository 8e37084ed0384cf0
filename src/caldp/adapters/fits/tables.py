"""Tables with other values in some cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from astropy.io import fits

from caldp.adapters.references.used_rows import used_rows
from caldp.domain.calibration.table_values import TableChange
from caldp.domain.hst.files import Cell
from caldp.domain.stale.used import Criterion

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNDEFINED: Final = -2147483647
"""Whole number that means that there is none, in tables that IRAF's tasks made (``mdzhandler.py`` of drizzlepac)."""


def changed_table(hdus: Any, change: TableChange) -> tuple[Any, int]:
    """Copy a file's HDUs with other values in some cells of its first table.

    Parameters
    ----------
    hdus
        HDUs of an open file.
    change
        The other values.

    Returns
    -------
    astropy.io.fits.HDUList, int
        The copy, and how many rows of it were changed.

    Raises
    ------
    ValueError
        If there is no table, or no such row or column, or a column cannot hold a value.
    """
    number = next((index for index, hdu in enumerate(hdus) if isinstance(hdu, fits.BinTableHDU)), None)
    if number is None:
        raise ValueError("it has no table")
    table = hdus[number]
    columns = {column.name.upper(): column for column in table.columns}
    altered = [column.name for column in table.columns if _is_altered(column)]
    if altered:
        raise ValueError(f"{', '.join(altered)} cannot be copied exactly: scaled, unsigned or arrays of varying length")
    if not change.may_add:
        _require_columns(change.cells, columns)
    _require_columns(change.bits, columns)
    chosen = _chosen(table.data, columns, change.rows)
    made = {
        name.upper(): _column(name, columns.get(name.upper()), table.data, value, chosen)
        for name, value in change.cells.items()
    } | {name.upper(): _flagged(columns[name.upper()], table.data, flag, chosen) for name, flag in change.bits.items()}
    kept = [made.pop(column.name.upper(), column) for column in table.columns]
    edited = fits.BinTableHDU.from_columns([*kept, *made.values()], header=table.header.copy(), nrows=len(table.data))
    copies = fits.HDUList([edited if index == number else hdu.copy() for index, hdu in enumerate(hdus)])
    if change.history:
        copies[0].header.add_history(change.history)
    return copies, len(chosen)


def _is_altered(column: Any) -> bool:
    """Tell whether astropy gives a column other values when the columns of a table are put together anew."""
    is_scaled = column.bscale not in ("", None, 1) or column.bzero not in ("", None, 0)
    return is_scaled or column.format.lstrip("01")[:1] in ("P", "Q")


def _require_columns(cells: Iterable[str], columns: Mapping[str, Any]) -> None:
    for name in cells:
        if name.upper() not in columns:
            close = get_close_matches(name.upper(), columns, n=1)
            nearest = f"; did you mean {close[0]}" if close else f", only {', '.join(columns)}"
            raise ValueError(f"it has no column {name}{nearest}")


def _chosen(data: Any, columns: Mapping[str, Any], rows: Collection[Sequence[Criterion]]) -> NDArray[Any]:
    """Return the indices of the rows to change, in order."""
    if not rows:
        return np.arange(len(data))
    values = {name: np.asarray(data[column.name]) for name, column in columns.items()}
    found: set[int] = set()
    for group in rows:
        indices = used_rows(values, group)
        if indices is None:
            raise ValueError("it has none of the columns by which engines select rows")
        found.update(indices.tolist())
    if not found:
        raise ValueError("it has no row for this exposure")
    return np.array(sorted(found))


def _column(name: str, column: Any, data: Any, value: Cell, chosen: NDArray[Any]) -> Any:
    """Make a column with a value in some rows: like one that is there, or of the type of the value."""
    if column is None:
        return fits.Column(name, _format_of(value), array=np.full(len(data), _plain(value)))
    values = np.array(data[column.name])
    if values.ndim != 1 or values.dtype.kind == "O":
        raise ValueError(f"{column.name} holds arrays, and no single value")
    if values.dtype.kind == "U":
        text = "" if value is None else str(value)
        width = max(int(column.format.rstrip("A") or 1), len(text.encode()))
        values = values.astype(f"U{width}")
        values[chosen] = text
        return fits.Column(column.name, f"{width}A", unit=column.unit, disp=column.disp, array=values)
    values[chosen] = _like(values.dtype.kind, value, column.name)
    return fits.Column(
        column.name, column.format, unit=column.unit, disp=column.disp, dim=column.dim, null=column.null, array=values
    )


def _flagged(column: Any, data: Any, flag: int, chosen: NDArray[Any]) -> Any:
    """Make a column of flags with a further one in some rows."""
    values = np.array(data[column.name])
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise ValueError(f"{column.name} holds no flags as whole numbers")
    old = values[chosen]
    values[chosen] = np.where(old < 0, old, old | flag)  # without a value all flags are passed over
    return fits.Column(column.name, column.format, unit=column.unit, disp=column.disp, null=column.null, array=values)


def _like(kind: str, value: Cell, name: str) -> Any:
    """Turn a value into the type of a column."""
    if kind == "b":
        flags = {"true": True, "yes": True, "t": True, "1": True, "false": False, "no": False, "f": False, "0": False}
        found = flags.get(str(value).strip().lower())
        if found is None:
            raise ValueError(f"{name} holds true or false, and not {value!r}")
        return found
    try:
        if kind in "iu":
            return _UNDEFINED if value is None else int(str(value))
        return np.nan if value is None else float(value)
    except ValueError:
        raise ValueError(f"{name} holds {'whole ' if kind in 'iu' else ''}numbers, and not {value!r}") from None


def _format_of(value: Cell) -> str:
    if isinstance(value, bool):
        return "L"
    if isinstance(value, int):
        return "J"
    if isinstance(value, float) or value is None:
        return "E"
    return f"{max(len(value.encode()), 1)}A"


def _plain(value: Cell) -> Any:
    return np.nan if value is None else value
