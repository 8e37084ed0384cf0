"""HST file names, and what headers tell about a file, as plain values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import field, frozen

HeaderValue = str | int | float | bool
"""What a FITS header keyword can hold."""

_HST_FILE: Final = re.compile(r"(?P<root>[a-z0-9]{9})_(?P<suffix>[a-z0-9]+(?:_[a-z0-9]+)*)\.fits")
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
    """

    name: str
    keywords: Mapping[str, HeaderValue] = field(factory=dict)
    data_bytes: int = 0


@frozen
class FitsFacts:
    """What the headers of a readable FITS file say.

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
    """A file that is no whole FITS file, and why."""

    name: str
    reason: str
