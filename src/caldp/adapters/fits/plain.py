"""HDUs of ordinary files, and association tables, read without astropy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from caldp.adapters.fits.hdus import Hdu
from caldp.adapters.fits.header_cards import header_cards
from caldp.adapters.support.foreign import in_words, reading_foreign
from caldp.adapters.support.plain_fits import Unordinary, ordinary_headers
from caldp.domain.hst.association import Member
from caldp.domain.hst.files import HeaderValue

if TYPE_CHECKING:
    from numpy import dtype

_FORMAT: Final = re.compile(r"(?P<count>[0-9]{0,9})(?P<letter>[LABIJKED]) *")
"""Formats of columns whose values stand in the rows (FITS standard 4.0, section 7.3.3)."""
_WIDTHS: Final = {"L": 1, "A": 1, "B": 1, "I": 2, "J": 4, "K": 8, "E": 4, "D": 8}
_DTYPES: Final = {"L": "i1", "A": "S1", "B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
_TEXTS: Final = ("MEMNAME", "MEMTYPE")
_PRESENT: Final = "MEMPRSNT"


@frozen
class _Column:
    """Column of a table.

    Attributes
    ----------
    name
        TTYPE in upper case.
    letter, count
        Type and number of the values in a row.
    start
        Place in the row, bytes.
    """

    name: str
    letter: str
    count: int
    start: int

    @property
    def end(self) -> int:
        """Place of the next column, bytes."""
        return self.start + self.count * _WIDTHS[self.letter]


def plain_hdus(path: Path, *, with_rows: bool = False) -> tuple[Hdu, ...]:
    """Read the headers of a file.

    Parameters
    ----------
    path
        The file.
    with_rows
        True to find the types of tables' rows too.

    Raises
    ------
    Unordinary
        If astropy is to read the file.
    OSError
        If it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        return tuple(
            evolve(hdu, start=start, row=_row(hdu.keywords) if with_rows else None)
            for hdu, start, _ in ordinary_headers(file, _hdu, lambda hdu: hdu.keywords)
        )


def _hdu(header: bytes) -> Hdu:
    with reading_foreign(lambda error: Unordinary(in_words(error))):
        hdu = Hdu(tuple(header_cards(header)), 0)
    if any(_is_structure(keyword) for keyword, _ in hdu.repeated):
        raise Unordinary("a header tells its structure twice")
    return hdu


def _is_structure(keyword: str) -> bool:
    return keyword.startswith(("NAXIS", "TFORM", "TTYPE")) or keyword in {
        "XTENSION", "BITPIX", "PCOUNT", "GCOUNT", "TFIELDS"
    }  # fmt: skip


def _row(keywords: Mapping[str, HeaderValue]) -> dtype[Any] | None:
    """Return the type of a table's rows; None for an image."""
    if keywords.get("XTENSION", "IMAGE") == "IMAGE":
        return None
    import numpy as np

    columns = _columns(keywords)
    with reading_foreign(lambda error: Unordinary(in_words(error))):  # two of a name, or too wide
        return np.dtype([(column.name, _DTYPES[column.letter], (column.count,)) for column in columns])


def _columns(keywords: Mapping[str, HeaderValue]) -> Sequence[_Column]:
    if keywords.get("XTENSION") != "BINTABLE":
        raise Unordinary("it is no table of binary values")
    columns: list[_Column] = []
    place = 0
    count = keywords.get("TFIELDS")
    if type(count) is not int:
        raise Unordinary("it does not tell its columns")
    for number in range(1, count + 1):
        name, layout = (keywords.get(f"{keyword}{number}") for keyword in ("TTYPE", "TFORM"))
        match = _FORMAT.fullmatch(layout) if isinstance(layout, str) else None
        if match is None or not isinstance(name, str) or not name.strip():
            raise Unordinary("a column of another kind")
        columns.append(_Column(name.strip().upper(), match["letter"], int(match["count"] or 1), place))
        place = columns[-1].end
    if place != keywords["NAXIS1"]:
        raise Unordinary("rows are not as long as their columns")
    return columns


def plain_members(path: Path) -> tuple[Member, ...]:
    """Read the rows of an association table.

    Raises
    ------
    Unordinary
        If astropy is to read it.
    OSError
        If it cannot be read.
    """
    hdus = plain_hdus(path)
    if len(hdus) < 2:
        raise Unordinary("it has no table")
    table = hdus[1]
    columns = {column.name: column for column in _columns(table.keywords)}
    if not columns.keys() >= {*_TEXTS, _PRESENT} or (columns[_PRESENT].letter, columns[_PRESENT].count) != ("L", 1):
        raise Unordinary("it is no association table")
    if any(columns[name].letter != "A" for name in _TEXTS):
        raise Unordinary("names that are no texts")
    return tuple(_members(path, table, columns))


def _members(path: Path, table: Hdu, columns: Mapping[str, _Column]) -> Iterator[Member]:
    width, count = (int(table.keywords[f"NAXIS{axis}"]) for axis in (1, 2))
    with path.open("rb") as file:
        file.seek(table.start)
        for _ in range(count):
            row = file.read(width)
            name, kind = (_text(row[columns[column].start : columns[column].end]) for column in _TEXTS)
            yield Member(name.lower(), kind.upper(), row[columns[_PRESENT].start : columns[_PRESENT].end] == b"T")


def _text(cell: bytes) -> str:
    text = cell.rstrip(b"\0")
    if not text.isascii() or b"\0" in text:
        raise Unordinary("a text of other characters")
    return text.decode("ascii").strip()
