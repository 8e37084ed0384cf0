"""Tables and code in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    return "\n".join(map(_line, [head, ["---"] * len(head), *rows]))


def code(text: str) -> str:
    """Write code, or nothing for nothing."""
    return f"`{text}`" if text else ""


def _line(cells: Sequence[str]) -> str:
    """Write a line of a table; a bar within a cell is escaped, in code too."""
    inner = " | ".join(cell.replace("|", r"\|") for cell in cells)
    return f"| {inner} |"
