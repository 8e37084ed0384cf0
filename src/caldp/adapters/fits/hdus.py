"""One HDU of a FITS file, by whatever it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from attrs import frozen

from caldp.adapters.fits.header_cards import Card
from caldp.domain.hst.files import HeaderValue

if TYPE_CHECKING:
    from numpy import dtype


@frozen(slots=False)
class Hdu:
    """Header of an HDU, and where its data are.

    Attributes
    ----------
    cards
        Keywords and values in their order.
    start
        Place of its data in the file, bytes.
    row
        Type of a table's rows, as they stand in the file; None for an image, and where it was not asked for.
    """

    cards: tuple[Card, ...]
    start: int
    row: dtype[Any] | None = None

    @cached_property
    def keywords(self) -> Mapping[str, HeaderValue]:
        """Values by keyword; of two, astropy and HSTCAL take the first."""
        keywords: dict[str, HeaderValue] = {}
        for keyword, value in self.cards:
            keywords.setdefault(keyword, value)
        return keywords

    @property
    def repeated(self) -> Iterator[Card]:
        """Cards whose keyword has stood before."""
        seen: set[str] = set()
        for keyword, value in self.cards:
            if keyword in seen:
                yield keyword, value
            seen.add(keyword)
