"""Tables of aligned columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from caldp.views.wrapping import wrapped

_GAP: Final = "  "


def columns(rows: Iterable[Sequence[str]], header: Sequence[str] = (), width: int | None = None) -> str:
    """Align rows in columns; the last column may have any width.

    Parameters
    ----------
    rows
        Cells of each row; every row has the same number.
    header
        Names of the columns, if they are to be shown.
    width
        Break the last column where lines would be longer than this, characters; None for never.
    """
    table = [tuple(header), *map(tuple, rows)] if header else [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [_GAP.join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)).rstrip() for row in table]
    if width is None:
        return "\n".join(lines)
    indent = sum(wide + len(_GAP) for wide in widths[:-1])
    return "\n".join(wrapped(line, max(width, 2 * indent), " " * indent) for line in lines)
