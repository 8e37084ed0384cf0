"""Keywords and values of a header, from its bytes.

Astropy makes an object of each card and asks its configuration for each value, which takes several times as long as all
else that is read of a file. Cards of the usual kind are read here (FITS standard 4.0, sections 4.1 and 4.2); whatever
is not, such as a long string, a record-valued keyword or a damaged card, is left to astropy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from caldp.domain.hst.files import HeaderValue

Card = tuple[str, HeaderValue]

_LENGTH: Final = 80  # characters of a card
_USUAL: Final = re.compile(
    r"(?=[A-Z0-9_-]+ *= )(?P<keyword>.{8})= +"
    r"(?:'(?P<text>(?:[^':&]|''|:(?! ))*)'"
    r"|(?P<logical>[TF])"
    r"|(?P<whole>[+-]?\d+)"
    r"|(?P<real>[+-]?(?:\d+\.\d*|\.\d+)(?:E[+-]?\d+)?)"
    r") *(?:/[^']*)?"
)
"""A text with ``&`` may go on in the next card, and one with a colon and a blank may be a record-valued keyword.

Astropy takes a quote in a comment for the end of the text.
"""
_COMMENTARY: Final = ("COMMENT ", "HISTORY ", " " * 8)
_CONTINUED: Final = "CONTINUE"


def header_cards(header: bytes) -> Iterator[Card]:
    """Yield keywords and values in their order, as astropy has them, without commentary and undefined values.

    Parameters
    ----------
    header
        The header, from its first card to the end of its blocks.

    Raises
    ------
    VerifyError, ValueError
        Of astropy, if a card cannot be read.
    """
    for image in _images(header):
        if image.startswith(_COMMENTARY):
            continue
        usual = _USUAL.fullmatch(image)
        if usual is None:
            yield from _by_astropy(image)
        else:
            yield usual["keyword"].rstrip(), _value(usual)


def _images(header: bytes) -> Iterator[str]:
    """Yield cards up to the end of the header, each with those that continue it."""
    text = header.decode("ascii", "replace").replace("\ufffd", "?")  # astropy takes such characters for the same
    whole = ""
    for start in range(0, len(text), _LENGTH):
        image = text[start : start + _LENGTH]
        if image.startswith(_CONTINUED):
            whole += image
            continue
        if whole:
            yield whole
        if image.rstrip() == "END":
            return
        whole = image
    if whole:
        yield whole


def _value(usual: re.Match[str]) -> HeaderValue:
    if usual["text"] is not None:
        return usual["text"].rstrip().replace("''", "'")
    if usual["logical"]:
        return usual["logical"] == "T"
    return int(usual["whole"]) if usual["whole"] else float(usual["real"])


def _by_astropy(image: str) -> Iterator[Card]:
    from astropy.io import fits

    card = fits.Card.fromstring(image)
    value = card.value
    if card.keyword not in ("", "COMMENT", "HISTORY") and isinstance(value, str | int | float | bool):
        yield card.keyword, value
