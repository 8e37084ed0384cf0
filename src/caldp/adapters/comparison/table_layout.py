"""Columns and rows of binary tables, as they lie in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import FileIO
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from caldp.adapters.comparison.layout import Scale, pieces, read

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
    heap, end
        Offsets of the heap of arrays of variable length, and of its end; bytes.
    columns
        Columns by name.
    """

    file: FileIO
    start: int
    rows: int
    width: int
    heap: int
    end: int
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
        heap = start + int(header.get("THEAP", rows * width))
        return cls(file, start, rows, width, heap, start + rows * width + int(header.get("PCOUNT", 0)), found)

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
        """Read an array of variable length.

        Raises
        ------
        ValueError
            If it does not lie in the heap.
        """
        count, offset, kind = int(descriptor[0]), int(descriptor[1]), np.dtype(_TYPES[column.of])
        if column.of == "X":
            count = -(-count // 8)
        if min(count, offset) < 0 or self.heap + offset + count * kind.itemsize > self.end:
            raise ValueError(f"{column.name} has an array outside of the heap")
        stored = read(self.file, self.heap + offset, kind, count)
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
