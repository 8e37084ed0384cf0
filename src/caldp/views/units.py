"""Sizes and ages in readable units."""

from __future__ import annotations


def size_text(size: float) -> str:
    """Write a number of bytes in decimal units.

    Examples
    --------
    >>> size_text(999), size_text(1_400_000_000)
    ('999 B', '1.4 GB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def age_text(seconds: float) -> str:
    """Write an age in its largest unit.

    Examples
    --------
    >>> age_text(59), age_text(3700), age_text(200_000)
    ('59 s', '1 h', '2 d')
    """
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"
