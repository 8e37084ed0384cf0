"""Tables of what decides whether products are stale."""

from __future__ import annotations

from caldp.domain.stale.cards import BOOKKEEPING
from caldp.domain.stale.rungs import MEANINGS
from caldp.domain.stale.selecting import IMAGES, TABLES, Column
from caldp.domain.stale.steps import READERS
from caldp.domain.stale.used import Match
from caldp_docs.markdown import code, table


def rungs() -> str:
    """List the rungs."""
    return table(("Rung", "Meaning"), [(code(rung.value), meaning) for rung, meaning in MEANINGS.items()])


def selecting_columns() -> str:
    """List the columns that select rows."""
    rows = [
        (
            entry.instrument.upper(), code(entry.keyword),
            ", ".join(map(_column, entry.columns))
            + "".join(f"; of {code(name)} also {_column(column)}" for name, column in entry.of_fewer),
            entry.source,
        )
        for entry in TABLES
    ]  # fmt: skip
    return table(("Instrument", "Type", "Columns that select rows", "Source"), rows)


def regions() -> str:
    """List the images of which a region is used."""
    rows = [
        (entry.instrument.upper(), code(entry.keyword), ", ".join(entry.detectors), entry.source) for entry in IMAGES
    ]
    return table(("Instrument", "Type", "Detectors", "Source"), rows)


def readers() -> str:
    """List the steps that alone read a type."""
    rows = [
        (
            reader.instrument.upper(), code(reader.keyword),
            " and ".join(map(code, reader.every)) or " or ".join(map(code, reader.either)), reader.source,
        )
        for reader in READERS
    ]  # fmt: skip
    return table(("Instrument", "Type", "Read if these perform", "Source"), rows)


def bookkeeping() -> str:
    """List the cards that do not count."""
    return table(("Card", "Reason"), [(code(keyword), reason) for keyword, reason in sorted(BOOKKEEPING.items())])


def _column(column: Column) -> str:
    also = f" (and {', '.join(column.also)})" if column.also else ""
    relation = "" if column.match is Match.EQUAL else f" {column.match.value}"
    return f"{code(column.name)}{relation}{also}"
