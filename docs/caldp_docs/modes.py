"""The table of modes, from the rows that the matrix of modes has written."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from caldp_docs.markdown import code, table

ROWS = "reference/modes.tsv"
"""Rows of the matrix: one a mode, written by ``python -m benchmarks.modes --table``."""
_HEAD = (
    "Mode",
    "Arrives",
    "Engines",
    "Products",
    "Switches that stay at PERFORM",
    "Previews of",
    "Runs, compared, right",
)
_COUNTS = ("runs", "whole", "turned", "bare", "right", "delivered", "identical")


def modes(docs: Path) -> str:
    """Put the modes of each instrument into a table."""
    found = list(read(docs / ROWS))
    parts = []
    for instrument in dict.fromkeys(row["mode"].partition(" ")[0] for row in found):
        own = [row for row in found if row["mode"].startswith(f"{instrument} ")]
        parts += [f"## {instrument}", "", table(_HEAD, map(_line, own)), ""]
    total = {name: sum(int(row[name]) for row in found) for name in _COUNTS}
    differing = total["delivered"] - total["identical"]
    summary = (
        "{modes} modes, {runs} runs, {right} with a right verdict. {whole} runs, {turned} of them with a switch "
        "turned, were made twice, and the products compared: of {delivered} FITS files that caldp delivered "
        "{identical} have the pixels of those that the engines make by themselves, and {differing} have not. "
        "{bare} of these runs deliver no FITS file, since the engine makes none or fails both ways."
    ).format(modes=len(found), differing=differing, **total)
    return "\n".join([summary, "", *parts])


def read(path: Path) -> Iterator[Mapping[str, str]]:
    """Read the rows."""
    with path.open(newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def _line(row: Mapping[str, str]) -> tuple[str, ...]:
    mode = row["mode"].partition(" ")[2]
    cells = (_codes(row[name]) for name in ("arrived", "engines", "products"))
    stays = "; ".join(
        f"{code(suffix)}: {left}"
        for suffix, _, left in (part.partition(": ") for part in filter(None, row["stays"].split("; ")))
    )
    return (mode, *cells, stays, _codes(row["previews"]), f"{row['runs']}, {row['whole']}, {row['right']}")


def _codes(names: str) -> str:
    return " ".join(map(code, names.split()))
