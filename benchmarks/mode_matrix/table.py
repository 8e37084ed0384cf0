"""The table of modes in the documentation, from the rows of the matrix."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.mode_matrix.judging import Verdict

COLUMNS: Final = (
    "mode", "dataset", "arrived", "engines", "products", "stays", "previews", "runs", "whole", "turned", "bare",
    "right", "delivered", "identical",
)  # fmt: skip


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write one line for each mode, sorted by its name. Lines of modes that the rows have not stay as they are."""
    lines = {line[0]: line for line in _there(path)}
    lines |= {line[0]: line for line in _lines(rows)}
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(lines.values()))


def _there(path: Path) -> Iterator[tuple[str, ...]]:
    """Read the lines that are there."""
    if path.exists():
        with path.open(newline="") as file:
            for line in csv.DictReader(file, delimiter="\t"):
                yield tuple(line[name] for name in COLUMNS)


def _lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for usual in (row for row in rows if not row["change"]):
        if usual["caldp"] != "0" and usual["verdict"] == Verdict.RIGHT:
            continue  # a failure of both ways shows no products
        own = [row for row in rows if row["mode"] == usual["mode"]]
        right = sum(row["verdict"] == Verdict.RIGHT for row in own)
        whole = [row for row in own if row["is_whole"]]
        stays = "; ".join(f"{suffix}: {' '.join(left)}" for suffix, left in usual["stays"].items())
        counts = (
            len(own),
            len(whole),
            sum(bool(row["change"]) for row in whole),
            sum(not row["delivered"] for row in whole),
            right,
            *(sum(row[name] for row in whole) for name in ("delivered", "identical")),
        )
        words = (" ".join(usual[name]) for name in ("arrived", "programs", "suffixes"))
        yield (
            usual["mode"], usual["dataset"], *words, stays, " ".join(usual["previews"]), *map(str, counts)
        )  # fmt: skip
