"""Header cards of reference files that no engine computes with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BOOKKEEPING: Final[Mapping[str, str]] = {
    "AUTHOR": "Name of a person.",
    "CHECKSUM": "Depends on every other card (FITS standard 4.0, section 4.4.2.7).",
    "COMMENT": "Text for readers.",
    "CREATOR": "Name of a program.",
    "DATASUM": "Written along with CHECKSUM; the data themselves are compared.",
    "DATE": "Time of writing.",
    "DESCRIP": "Copied into HISTORY of products (`imghistory.c`, `tabhistory.c` of HSTCAL), not computed with.",
    "FILENAME": "Name of the file.",
    "HISTORY": "Text for readers.",
    "IRAF-TLM": "Time of the last change.",
    "LONGSTRN": "Convention of long texts.",
    "ORIGIN": "Name of a program or institution.",
    "USEAFTER": "Read by CRDS alone, which has chosen the file by then.",
}
"""Keywords that may differ, each with the reason. Any other card that differs counts as a change."""

STRUCTURE: Final = frozenset({
    "BITPIX", "BSCALE", "BZERO", "END", "EXTEND", "EXTNAME", "EXTVER", "GCOUNT", "NAXIS", "PCOUNT", "SIMPLE", "TFIELDS",
    "THEAP", "XTENSION", "",
})  # fmt: skip
"""Keywords of the layout, which comparing the values takes care of."""
NUMBERED_STRUCTURE: Final = ("NAXIS", "TBCOL", "TDIM", "TDISP", "TFORM", "TNULL", "TSCAL", "TTYPE", "TUNIT", "TZERO")
"""Beginnings of further such keywords, before a number."""

PEDIGREE: Final = "PEDIGREE"
"""Keyword and column of which only the word DUMMY matters: engines skip a step because of it."""
DESCRIP: Final = "DESCRIP"
"""Column of which nothing matters: as the card of this name, engines copy it into HISTORY."""


def is_dummy(pedigree: object) -> bool:
    """Tell whether a pedigree says that calibration data do not exist."""
    return str(pedigree).strip().upper().startswith("DUMMY")


def counts(keyword: str) -> bool:
    """Tell whether a card counts when headers are compared."""
    stem = keyword.rstrip("0123456789")
    is_numbered = stem != keyword and stem in NUMBERED_STRUCTURE
    return not (keyword in BOOKKEEPING or keyword in STRUCTURE or is_numbered)


def different_card(old: Mapping[str, object], new: Mapping[str, object]) -> str:
    """Name the first keyword that counts and differs, with both values; empty if there is none."""
    for keyword in sorted(key for key in old.keys() | new.keys() if counts(key)):
        before, after = old.get(keyword), new.get(keyword)
        if keyword == PEDIGREE:
            if is_dummy(before) != is_dummy(after):
                return f"{keyword} {before} -> {after}"
        elif before != after or type(before) is not type(after):
            return f"{keyword} {_shown(before)} -> {_shown(after)}"
    return ""


def _shown(value: object) -> str:
    return "(none)" if value is None else str(value)[:80]
