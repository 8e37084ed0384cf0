"""Plain text for people: examples below a command's help, and aligned columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def examples(*commands: str) -> str:
    """Write the examples that end a command's help; the mark at their head keeps their lines apart."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


def columns(rows: Iterable[Sequence[str]], header: Sequence[str] = ()) -> str:
    """Align rows in columns; the last column may be as long as it likes.

    Parameters
    ----------
    rows
        Cells of each row; every row has the same number.
    header
        Names of the columns, if they are to be shown.
    """
    table = [tuple(header), *map(tuple, rows)] if header else [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    return "\n".join(line.rstrip() for line in lines)
