"""Private copies of reference tables, in which a user has changed values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from caldp.app.calibration.overrides import name_in_headers
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.process.flow import FetchedInputs
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.calibration.drizzle_parameters import Parameter, parameters_for_table
from caldp.domain.calibration.plan import Observation
from caldp.domain.calibration.reads import BITS, FLAG
from caldp.domain.calibration.table_values import TableChange, by_table, idle_tables
from caldp.domain.errors import InvalidInput, UsageError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import Cell
from caldp.domain.run.settings import Settings
from caldp.domain.stale.header_values import row_values
from caldp.domain.stale.selecting import own_rows
from caldp.domain.stale.used import Criterion

MDRIZTAB: Final = "MDRIZTAB"


@frozen
class TableEdit:
    """Change of a reference table.

    Attributes
    ----------
    keyword
        Type of the table, such as ``MDRIZTAB``.
    cells
        Values by column.
    is_whole
        True if all rows are changed, and columns may be added; else the rows that the exposures use.
    bits
        Flags by column, which are added to those that are there.
    """

    keyword: str
    cells: Mapping[str, Cell]
    is_whole: bool = False
    bits: Mapping[str, int] = field(factory=dict)

    def __str__(self) -> str:
        values = [f"{column} = {value}" for column, value in self.cells.items()]
        return ", ".join([*values, *(f"flag {flag} in {column}" for column, flag in self.bits.items())])


def wished_edits(settings: Settings, drizzle: Callable[[], Mapping[str, Parameter]]) -> tuple[TableEdit, ...]:
    """Return the changes of tables that settings ask for.

    Parameters
    ----------
    settings
        The wishes.
    drizzle
        Return drizzlepac's parameters by name.

    Raises
    ------
    UsageError
        If drizzlepac has no such parameter, or a value is of the wrong type.
    """
    edits = [TableEdit(keyword, dict(cells)) for keyword, cells in by_table(settings.table_values).items()]
    if settings.drizzle or settings.omitted_reads:
        cells = parameters_for_table(settings.drizzle, drizzle()) if settings.drizzle else {}
        bits = {column: FLAG for column in BITS if settings.omitted_reads and column not in cells}
        edits.append(TableEdit(MDRIZTAB, cells, is_whole=True, bits=bits))
    return tuple(edits)


def edit_references(
    assignment: Assignment,
    edits: Iterable[TableEdit],
    inputs: FetchedInputs,
    place: Path,
    fits: FitsFiles,
    note: Callable[[str], None],
) -> Assignment:
    """Put private copies into the place of assigned tables, in headers too.

    Parameters
    ----------
    assignment
        References that CRDS assigned, or the user gave. Tables that are not in the cache are left alone.
    edits
        Changes.
    inputs
        The raw exposures, whose headers are changed.
    place
        Directory for the copies.
    fits
        Copies and changes.
    note
        Hears of each change.

    Raises
    ------
    UsageError
        If no exposure has such a table, or it cannot hold a value.
    """
    observation = inputs.observation
    for edit in edits:
        tables = [one for one in assignment.references if one.keyword == edit.keyword]
        if edit.bits and not (tables or edit.cells):
            continue  # without drizzling nobody looks at the flags
        if not tables:
            raise UsageError(
                f"No exposure of {observation.dataset} is assigned the table {edit.keyword}.",
                advice=f"Assigned are {', '.join(sorted({one.keyword for one in assignment.references}))}.",
            )
        for text in idle_tables(observation, edit.keyword):
            note(text)
        copies = {
            table: _copied(table, edit, place / _name(table, number, observation.dataset), observation, fits, note)
            for number, table in enumerate(tables, start=1)
            if table.path.is_file()
        }
        for copy in copies.values():
            name_in_headers(copy, inputs, fits)
        assignment = assignment.with_references(copies.get(one, one) for one in assignment.references)
    return assignment


def _name(table: ReferenceFile, number: int, dataset: AnyDataset) -> str:
    return f"{dataset}_{table.keyword.lower()}{number if number > 1 else ''}.fits"


def _copied(
    table: ReferenceFile,
    edit: TableEdit,
    copy: Path,
    observation: Observation,
    fits: FitsFiles,
    note: Callable[[str], None],
) -> ReferenceFile:
    """Make a private copy of a table, with other values."""
    text = f"copy of {table.name} with {edit}"
    rows = frozenset() if edit.is_whole else _used(table, observation)
    change = TableChange(edit.cells, rows, edit.is_whole, f"caldp: {text}", edit.bits)
    try:
        count = fits.edit_table(table.path, copy, change)
    except InvalidInput as error:
        raise UsageError(f"{table.keyword}: {error.message}", advice=error.advice) from error
    note(f"{table.keyword} is a {text} in {count} rows, by request")
    return evolve(table, name=copy.name, path=copy, is_override=True)


def _used(table: ReferenceFile, observation: Observation) -> frozenset[tuple[Criterion, ...]]:
    """Return conditions on the rows that any of the exposures of a table uses."""
    headers = [observation.raws[raw] for raw in table.exposures]
    return frozenset(
        own_rows(
            facts.text("INSTRUME").lower(),
            table.keyword,
            row_values([facts.primary, *(extension.keywords for extension in facts.extensions)]),
        )
        for facts in headers
    )
