"""One HDU of a FITS file, by whatever it was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import Factory, field, frozen

from caldp.adapters.fits.header_cards import Card
from caldp.domain.hst.files import HeaderValue

if TYPE_CHECKING:
    from numpy import dtype


@frozen
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
    keywords
        Values by keyword; of two, astropy and HSTCAL take the first.
    """

    cards: tuple[Card, ...]
    start: int
    row: dtype[Any] | None = None
    keywords: Mapping[str, HeaderValue] = field(default=Factory(lambda hdu: _keywords(hdu.cards), takes_self=True))

    @property
    def repeated(self) -> Iterator[Card]:
        """Cards whose keyword has stood before."""
        seen: set[str] = set()
        for keyword, value in self.cards:
            if keyword in seen:
                yield keyword, value
            seen.add(keyword)


def _keywords(cards: Iterable[Card]) -> Mapping[str, HeaderValue]:
    keywords: dict[str, HeaderValue] = {}
    for keyword, value in cards:
        keywords.setdefault(keyword, value)
    return keywords
