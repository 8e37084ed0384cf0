"""Structure of FITS products: image sets or tables, and sets that may hold no science."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import evolve, field, frozen

from caldp.domain.errors import InvalidInput
from caldp.domain.hst.files import FitsFacts, Values

IMSET: Final = frozenset({"SCI", "ERR", "DQ"})
"""An image set of ACS, STIS, COS and WFC3/UVIS."""
IR_IMSET: Final = IMSET | {"SAMP", "TIME"}
"""An image set of WFC3/IR."""
DRIZZLED: Final = frozenset({"SCI", "WHT", "CTX"})
"""Image of AstroDrizzle, its weights, and the map of the exposures behind each pixel."""
SPECTRUM: Final = frozenset({"NELEM", "WAVELENGTH", "NET", "FLUX", "ERROR"})
"""Columns of every spectrum of calstis (``pkg/stis/lib/cs6/output.c``) and calcos (``extract.py``, ``fpavg.py``)."""


@frozen
class Structure:
    """Parts that a product must consist of.

    Attributes
    ----------
    parts
        Names of the extensions of each set.
    sets
        Number of sets that there must be: EXTVER 1 to this number. There may be more.
    blank
        EXTVERs of the sets that may hold no science, since their raw data hold none.
    tables
        True if the parts are tables, which must have rows.
    columns
        Columns that each table must have.
    """

    parts: frozenset[str] = IMSET
    sets: int = 1
    blank: frozenset[int] = field(default=frozenset())
    tables: bool = False
    columns: frozenset[str] = frozenset()

    @property
    def holds_science(self) -> bool:
        """True if any of its sets must hold science."""
        return len(self.blank) < self.sets


HEADERLET: Final = Structure(frozenset({"SIPWCS"}), blank=frozenset({1}))
"""The world coordinates of an exposure: a header without data, and tables of distortion where there are any."""


def table(*parts: str, blank: bool = False, sets: int = 1) -> Structure:
    """Describe a file of tables, such as a list of events.

    Parameters
    ----------
    parts
        Names of the tables.
    blank
        True if they may hold no science.
    sets
        Number of sets that there must be.
    """
    return Structure(frozenset(parts), sets, _all_of(sets) if blank else frozenset(), tables=True)


def spectrum_table(*, blank: bool = False, sets: int = 1) -> Structure:
    """Describe a file of one-dimensional spectra: a table for each exposure, a row for each segment or order.

    Parameters
    ----------
    blank
        True if they may hold no science.
    sets
        Number of tables that there must be.
    """
    return evolve(table("SCI", blank=blank, sets=sets), columns=SPECTRUM)


def like_raw(facts: FitsFacts, parts: frozenset[str] = IMSET) -> Structure:
    """Describe an image product that has the image sets of the raw exposure that it is made of.

    Raises
    ------
    InvalidInput
        If the raw exposure has no image set.
    """
    return Structure(parts, image_sets(facts), blank_sets(facts))


def image_sets(facts: FitsFacts) -> int:
    """Count the image sets of a raw exposure.

    Raises
    ------
    InvalidInput
        If it has none.
    """
    found = len(facts.named("SCI"))
    if not found:
        raise InvalidInput(f"{facts.name} has no SCI extension.", advice="Fetch the file again from the archive.")
    return found


def combined(raws: Iterable[FitsFacts], parts: frozenset[str] = IMSET, sets: int = 1) -> Structure:
    """Describe an image product that is made of all image sets of some raw exposures together."""
    return Structure(parts, sets, frozenset() if any(map(has_science, raws)) else _all_of(sets))


def blank_sets(facts: FitsFacts) -> frozenset[int]:
    """List the EXTVERs of a raw exposure whose pixels all have one value."""
    return frozenset(each.version for each in facts.named("SCI") if not _varies(each.values.get("SCI")))


def has_science(facts: FitsFacts) -> bool:
    """Tell whether the pixels of a raw exposure differ."""
    return len(blank_sets(facts)) < len(facts.named("SCI"))


def blank_notes(raws: Iterable[FitsFacts]) -> tuple[str, ...]:
    """Name the raw exposures with pixels of one value only: their products may be constant too."""
    return tuple(
        f"{facts.name} has one value only in SCI,{version}, so its products may"
        for facts in raws
        for version in sorted(blank_sets(facts))
    )


def _varies(values: Values | None) -> bool:
    return values is None or values is Values.VARIED


def _all_of(sets: int) -> frozenset[int]:
    return frozenset(range(1, sets + 1))
