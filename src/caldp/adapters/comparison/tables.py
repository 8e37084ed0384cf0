"""Comparison of binary tables, column by column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import FileIO
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from caldp.adapters.comparison.layout import Scale, pieces, place_in_table, read
from caldp.adapters.comparison.values import Tally
from caldp.domain.comparison.agreement import Tolerance
from caldp.domain.comparison.difference import ValueDifference

Array = NDArray[Any]

_FORMAT: Final = re.compile(r"(?P<repeat>\d*)(?P<code>[LXBIJKAEDCMPQ])(?P<of>[LXBIJKAEDCM]?)")
_TYPES: Final = {
    "L": "u1", "X": "u1", "B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "A": "S1",
    "E": ">f4", "D": ">f8", "C": ">c8", "M": ">c16", "P": ">i4", "Q": ">i8",
}  # fmt: skip


@frozen
class Column:
    """A column of a binary table.

    Attributes
    ----------
    name
        TTYPE, in upper case.
    code
        Letter of its format: the type of its values, or P or Q for arrays of variable length.
    of
        Type of the values of arrays of variable length.
    repeat
        Number of values in a row, or of characters.
    offset
        Its place in a row; bytes.
    scale
        Scaling of its values.
    """

    name: str
    code: str
    of: str
    repeat: int
    offset: int
    scale: Scale

    @property
    def is_variable(self) -> bool:
        """True for arrays of variable length."""
        return self.code in "PQ"

    @property
    def kind(self) -> np.dtype[Any]:
        """Type of the stored values of a row."""
        if self.code == "A":
            return np.dtype(f"S{self.repeat}")
        return np.dtype(_TYPES[self.code])

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of stored values of a row, in an array's form."""
        if self.code == "A":
            return ()
        count = 2 if self.is_variable and self.repeat else -(-self.repeat // 8) if self.code == "X" else self.repeat
        return (count,)

    @property
    def width(self) -> int:
        """Bytes in a row."""
        return self.repeat if self.code == "A" else int(np.prod(self.shape)) * self.kind.itemsize

    @property
    def words(self) -> str:
        """Format for people, such as ``1024E``."""
        return f"{self.repeat}{self.code}{self.of}"


@frozen
class Table:
    """A binary table in an open file.

    Attributes
    ----------
    file
        The file.
    start
        Offset of the first row; bytes.
    rows
        Number of rows.
    width
        Bytes of a row.
    heap
        Offset of the heap of arrays of variable length; bytes.
    columns
        Columns by name.
    """

    file: FileIO
    start: int
    rows: int
    width: int
    heap: int
    columns: Mapping[str, Column]

    @classmethod
    def of(cls, file: FileIO, header: Mapping[str, Any], start: int) -> Table:
        """Read the description of a table.

        Raises
        ------
        KeyError, ValueError
            If the header describes none.
        """
        rows, width = int(header["NAXIS2"]), int(header["NAXIS1"])
        found: dict[str, Column] = {}
        offset = 0
        for number in range(1, int(header["TFIELDS"]) + 1):
            column = _column(header, number, offset)
            offset += column.width
            found[column.name if column.name not in found else f"{column.name} ({number})"] = column
        if offset > width:
            raise ValueError("its columns are wider than its rows")
        return cls(file, start, rows, width, start + int(header.get("THEAP", rows * width)), found)

    def blocks(self, columns: list[Column]) -> Iterator[Array]:
        """Yield rows as structured arrays with some of the columns."""
        kinds = [(column.kind, column.shape) if column.shape else column.kind for column in columns]
        kind = np.dtype(
            {
                "names": [str(number) for number in range(len(columns))],
                "formats": kinds,
                "offsets": [column.offset for column in columns],
                "itemsize": self.width,
            }
        )
        yield from pieces(self.file, self.start, kind, self.rows)

    def array(self, column: Column, descriptor: Array) -> Array:
        """Read an array of variable length."""
        count, offset = int(descriptor[0]), int(descriptor[1])
        if column.of == "X":
            count = -(-count // 8)
        stored = read(self.file, self.heap + offset, np.dtype(_TYPES[column.of]), count)
        return column.scale(stored) if column.of not in "ALX" else stored


def _column(header: Mapping[str, Any], number: int, offset: int) -> Column:
    match = _FORMAT.match(str(header[f"TFORM{number}"]).strip().upper())
    if match is None:
        raise ValueError(f"TFORM{number} is {header[f'TFORM{number}']!r}")
    scale = Scale(
        float(header.get(f"TSCAL{number}", 1.0)), float(header.get(f"TZERO{number}", 0.0)), header.get(f"TNULL{number}")
    )
    return Column(
        str(header.get(f"TTYPE{number}", f"column {number}")).strip().upper(),
        match["code"],
        match["of"],
        int(match["repeat"] or 1),
        offset,
        scale,
    )


def layout_difference(a: Table, b: Table) -> str:
    """Say in what columns and rows two tables differ; empty if values can be compared one by one."""
    parts = []
    for names, where in ((a.columns.keys() - b.columns.keys(), "A"), (b.columns.keys() - a.columns.keys(), "B")):
        if names:
            parts.append(f"{', '.join(sorted(names))} in {where} only")
    for name in sorted(a.columns.keys() & b.columns.keys()):
        ours, theirs = a.columns[name], b.columns[name]
        if not _is_comparable(ours, theirs):
            parts.append(f"{name} is {ours.words} in A, {theirs.words} in B")
    if a.rows != b.rows:
        parts.append(f"{a.rows} rows in A, {b.rows} in B")
    return "; ".join(parts)


def compare_tables(
    a: Table, b: Table, tolerance: Tolerance, flags: Callable[[str], Mapping[int, str] | None]
) -> Iterator[ValueDifference]:
    """Compare the columns that two tables have in common, if they have as many rows.

    Parameters
    ----------
    a, b
        The tables.
    tolerance
        Difference that values may have.
    flags
        Return the names of the flags in a column; None for one that holds no flags.

    Yields
    ------
    ValueDifference
        One for each column that differs.
    """
    if a.rows != b.rows:
        return
    pairs = [
        (name, a.columns[name], b.columns[name])
        for name in a.columns
        if name in b.columns and a.columns[name].width and _is_comparable(a.columns[name], b.columns[name])
    ]
    plain = [pair for pair in pairs if not pair[1].is_variable]
    tallies = {
        name: Tally(tolerance, partial(place_in_table, elements=_elements(column)), flags(name))
        for name, column, _ in plain
    }
    for ours, theirs in zip(
        a.blocks([one for _, one, _ in plain]), b.blocks([one for _, _, one in plain]), strict=True
    ):
        for number, (name, left, right) in enumerate(plain):
            tallies[name].add(_values(left, ours[str(number)]), _values(right, theirs[str(number)]))
    for name, _, _ in plain:
        found = tallies[name].result(name)
        if found is not None:
            yield found
    for name, left, right in pairs:
        if left.is_variable:
            yield from _compare_variable(name, (a, left), (b, right), tolerance)


def _compare_variable(
    name: str, a: tuple[Table, Column], b: tuple[Table, Column], tolerance: Tolerance
) -> Iterator[ValueDifference]:
    """Compare arrays of variable length, row by row; arrays of other lengths differ in all their values."""
    starts: list[tuple[int, int]] = []  # number of the first value of each row, and the row

    def place(number: int) -> str:
        first, row = max(start for start in starts if start[0] <= number)
        return f"row {row}, element {number - first + 1}"

    tally, row = Tally(tolerance, place), 0
    for ours, theirs in zip(a[0].blocks([a[1]]), b[0].blocks([b[1]]), strict=True):
        for left, right in zip(ours["0"], theirs["0"], strict=True):
            row += 1
            starts.append((tally.samples, row))
            first, second = a[0].array(a[1], left), b[0].array(b[1], right)
            if len(first) != len(second):
                tally.miss(max(len(first), len(second)))
            else:
                tally.add(first, second)
    found = tally.result(name)
    if found is not None:
        yield found


def _values(column: Column, stored: Array) -> Array:
    if column.code == "A":
        return np.char.rstrip(stored, b" ")  # numpy leaves out NULs by itself
    return stored if column.code in "LX" else column.scale(stored)


def _elements(column: Column) -> int:
    return 1 if column.code == "A" else max(1, int(np.prod(column.shape)))


def _is_comparable(a: Column, b: Column) -> bool:
    """Tell whether two columns hold as many values of the same sort: numbers of any type, texts of any length."""
    sorts = ["L", "X", "A"]
    ours, theirs = ((one.of if one.is_variable else one.code) for one in (a, b))
    alike = ours == theirs or not (ours in sorts or theirs in sorts)
    return (
        alike
        and a.is_variable == b.is_variable
        and (a.is_variable or a.shape == b.shape)
        and (bool(a.width) == bool(b.width))
    )
