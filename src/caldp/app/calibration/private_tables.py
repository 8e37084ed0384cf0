"""Private copies of reference tables, in which a user has changed values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from caldp.app.ports.fits_files import FitsFiles
from caldp.app.process.flow import FetchedInputs
from caldp.domain.calibration.assignment import Assignment, ReferenceFile
from caldp.domain.calibration.drizzle_parameters import Parameter, parameters_for_table
from caldp.domain.errors import InvalidInput, UsageError
from caldp.domain.hst.files import Cell
from caldp.domain.run.settings import Settings

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
    rows
        Return the numbers of the rows to change in a table that some exposures use, counted from 0; None for all.
    """

    keyword: str
    cells: Mapping[str, Cell]
    rows: Callable[[ReferenceFile], Collection[int] | None] = lambda _reference: None


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
    if not settings.drizzle:
        return ()
    return (TableEdit(MDRIZTAB, parameters_for_table(settings.drizzle, drizzle())),)


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
    dataset = inputs.observation.dataset
    if dataset.is_mosaic:
        return assignment
    prefix = f"{dataset.instrument.recipe.reference_variable}$"
    for edit in edits:
        tables = [one for one in assignment.references if one.keyword == edit.keyword]
        if not tables:
            raise UsageError(
                f"No exposure of {dataset} is assigned the table {edit.keyword}.",
                advice=f"Assigned are {', '.join(sorted({one.keyword for one in assignment.references}))}.",
            )
        copies = {
            table: _copied(table, edit, place / _name(table, number, dataset.name), fits, note)
            for number, table in enumerate(tables, start=1)
            if table.path.is_file()
        }
        for copy in copies.values():
            for raw in copy.exposures:
                fits.set_keywords(inputs.files[raw], {copy.keyword: f"{prefix}{copy.name}"})
        changed = (copies.get(one, one) for one in assignment.references)
        assignment = evolve(assignment, references=tuple(sorted(changed, key=lambda one: (one.keyword, one.name))))
    return assignment


def _name(table: ReferenceFile, number: int, dataset: str) -> str:
    return f"{dataset}_{table.keyword.lower()}{number if number > 1 else ''}.fits"


def _copied(
    table: ReferenceFile, edit: TableEdit, copy: Path, fits: FitsFiles, note: Callable[[str], None]
) -> ReferenceFile:
    """Make a private copy of a table, with other values."""
    rows = edit.rows(table)
    where = "" if rows is None else f" in {len(rows)} rows"
    values = ", ".join(f"{column} = {value}" for column, value in edit.cells.items()) + where
    try:
        history = (f"caldp: copy of {table.name} with {values}",)
        fits.edit_table(table.path, copy, edit.cells, rows=rows, history=history)
    except InvalidInput as error:
        raise UsageError(f"{table.keyword}: {error.message}", advice=error.advice) from error
    note(f"{table.keyword} is a copy of {table.name} with {values}, by request")
    return evolve(table, name=copy.name, path=copy, is_override=True)
