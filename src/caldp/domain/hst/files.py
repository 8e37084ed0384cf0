"""HST file names, and facts from headers as plain values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from math import isfinite
from typing import Final

from attrs import field, frozen

from caldp.domain.errors import InvalidInput

HeaderValue = str | int | float | bool
"""Value of a FITS header keyword."""

Cell = str | int | float | bool | None
"""Value of a cell of a table; None for one that is not defined."""

_HST_FILE: Final = re.compile(r"(?P<root>[a-z0-9]{9})_(?P<suffix>[a-z0-9]+(?:_[a-z0-9]+)*)\.fits")
_ROOT: Final = re.compile(r"[ijlo][a-z0-9]{8}(?=[_.])")
SWITCH_STATES: Final = frozenset({"PERFORM", "OMIT", "COMPLETE", "SKIPPED"})


@frozen
class HstFileName:
    """A FITS file's name taken apart: ``ldfd01vnq_rawtag_a.fits`` -> ``ldfd01vnq``, ``rawtag_a``."""

    root: str
    suffix: str

    @staticmethod
    def parse(name: str) -> HstFileName | None:
        """Take a file name (no directory) apart; None if it is not an exposure's or association's FITS file."""
        match = _HST_FILE.fullmatch(name.lower()) if name.isascii() else None
        return None if match is None else HstFileName(match["root"], match["suffix"])

    def __str__(self) -> str:
        return f"{self.root}_{self.suffix}.fits"


def root_of(name: str) -> str:
    """Return the rootname that a file's name begins with, trailers included; empty if it begins with none."""
    match = _ROOT.match(name)
    return match.group() if match else ""


def rootname_in(value: str) -> str:
    """Return the rootname that the keyword ROOTNAME tells, in lower case.

    Into a ``crc`` calacs writes the name of its temporary file, such as ``J8CB01011_CRC_TMP``, since ``findroot.c`` of
    calacs 10.5 does not know that suffix.

    Parameters
    ----------
    value
        The keyword.
    """
    return value.strip().lower().removesuffix("_crc_tmp")


class Values(Enum):
    """Variety of the numbers in an image or in a column of a table."""

    NONE = "no data"
    NOT_FINITE = "NaN only"
    CONSTANT = "one value only"
    VARIED = "different values"


@frozen
class Extension:
    """One extension of a FITS file.

    Attributes
    ----------
    name
        EXTNAME in upper case, empty where there is none.
    keywords
        Header keywords in upper case.
    data_bytes
        Size of the data, padding not counted; 0 for an empty extension.
    version
        EXTVER, 1 where there is none.
    rows
        Number of rows of a table; None for an image.
    values
        Variety of the pixels, under the extension's name, and of the columns of a table, by name. Empty if not looked
        at.
    """

    name: str
    keywords: Mapping[str, HeaderValue] = field(factory=dict)
    data_bytes: int = 0
    version: int = 1
    rows: int | None = None
    values: Mapping[str, Values] = field(factory=dict)

    @property
    def is_filled(self) -> bool:
        """True if it holds data. HSTIO writes an array of one value as PIXVALUE, without data."""
        return self.data_bytes > 0 or "PIXVALUE" in self.keywords

    @property
    def columns(self) -> frozenset[str]:
        """Names of a table's columns, in upper case."""
        return frozenset(str(value).upper() for key, value in self.keywords.items() if key.startswith("TTYPE"))


@frozen
class FitsFacts:
    """Headers of a readable FITS file.

    Attributes
    ----------
    name
        File name without directory.
    primary
        Keywords of the primary header, in upper case.
    extensions
        The extensions in order.
    repeated
        Cards whose keyword has stood in the same header before: the first counts, but not for every program.
    """

    name: str
    primary: Mapping[str, HeaderValue] = field(factory=dict)
    extensions: tuple[Extension, ...] = ()
    repeated: tuple[tuple[str, HeaderValue], ...] = ()

    def cards(self) -> Iterator[tuple[str, HeaderValue]]:
        """Go through the keywords of all headers with their values, repeated ones included."""
        for header in (self.primary, *(extension.keywords for extension in self.extensions)):
            yield from header.items()
        yield from self.repeated

    def keyword(self, name: str) -> HeaderValue | None:
        """Find a keyword in the primary header, else in the first extension that has it."""
        for header in (self.primary, *(extension.keywords for extension in self.extensions)):
            if name in header:
                return header[name]
        return None

    def text(self, name: str) -> str:
        """Return a keyword as upper-case text without blanks around it, empty if it is missing."""
        value = self.keyword(name)
        return "" if value is None else str(value).strip().upper()

    def number(self, name: str) -> float | None:
        """Return a keyword as a number, None if it is missing or not one."""
        value = self.keyword(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def required(self, name: str) -> str:
        """Return a keyword that decides which products are due, as `text` does.

        Raises
        ------
        InvalidInput
            If it is missing or empty.
        """
        value = self.text(name)
        if not value:
            raise self._lacks(name)
        return value

    def required_number(self, name: str) -> float:
        """Return a number that decides which products are due. A missing one is never a zero.

        Raises
        ------
        InvalidInput
            If it is missing, or no finite number.
        """
        value = self.number(name)
        if value is None or not isfinite(value):
            raise self._lacks(name)
        return value

    def _lacks(self, name: str) -> InvalidInput:
        return InvalidInput(
            f"The header of {self.name} has no {name} that can be read; it decides which products are due.",
            advice="The file is damaged; fetch it again from the archive.",
        )

    def named(self, name: str) -> tuple[Extension, ...]:
        """Return the extensions of a name, in order."""
        return tuple(extension for extension in self.extensions if extension.name == name)

    @property
    def missing_extensions(self) -> str:
        """Say how many extensions are missing by NEXTEND; empty if none is.

        There may be more: drizzlepac and calcos append some and leave the count alone.
        """
        promised = self.primary.get("NEXTEND")
        if not isinstance(promised, int) or promised <= len(self.extensions):
            return ""
        return f"{len(self.extensions)} extensions where its header promises {promised}"

    @property
    def switches(self) -> dict[str, str]:
        """The calibration switches of the primary header and their states, such as ``FLATCORR: COMPLETE``."""
        return {
            name: state
            for name, value in self.primary.items()
            if name.endswith("CORR") and (state := str(value).strip().upper()) in SWITCH_STATES
        }


@frozen
class UnreadableFits:
    """File that is no whole FITS file, and the reason."""

    name: str
    reason: str
