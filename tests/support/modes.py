"""Rows of the table of modes in the documentation."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).parents[2] / "docs" / "reference" / "modes.tsv"


def read_modes() -> dict[str, dict[str, str]]:
    """Return the rows by the mode's name."""
    with TABLE.open(newline="") as file:
        return {row["mode"]: row for row in csv.DictReader(file, delimiter="\t")}
