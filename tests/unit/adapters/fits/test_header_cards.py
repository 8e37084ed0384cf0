"""Cards read from bytes are those that astropy reads."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Final

import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from caldp.adapters.fits import header_cards as module
from caldp.adapters.fits.header_cards import Card, header_cards

CARDS: Final = (
    "SIMPLE  =                    T / conforms to FITS standard",
    "EXPTIME =               1200.0 / exposure duration (seconds)--calculated",
    "ZERO    =                 -0.0",
    "PHOTFLAM=        1.2345678E-19 / inverse sensitivity",
    "DOUBLE  =        1.2345678D-19 / as Fortran writes it",
    "SMALL   =                1e-05 / lower case",
    "BARE    =                   .5",
    "POINT   =                   5.",
    "CCDGAIN =                    1/ no blank",
    "WHOLE   =                 +007",
    "TARGNAME= 'O''Brien''s  '      / a quote",
    "EMPTY   = ''                   / nothing",
    "BLANK   = '   '",
    "SLASH   = 'N/A     '           / with / slashes",
    "CONT    = 'a & b   '           / no long string",
    "TIME-OBS= '12:34:56'           / colons",
    "LFLTFILE= 'oref$n/a'",
    "D2IMERR1= 'EXTVER: 1.0'        / a record-valued keyword",
    "DP1     = 'AXIS.1: 2'",
    "NOTE    = 'seen: well'         / not a number",
    "UNDEF   =                      / undefined",
    "COMPLEX = (1.0, 2.0)",
    "COMMENT = 'no value'",
    "HISTORY Corrected = 'no value'",
    "COMMENT",
    "        = 'no keyword'",
    "",
    "lower   =                    1",
    "NOBLANK ='text'",
    "NOSPACE =12",
    "HIERARCH ESO DET = 3 / of another observatory",
    "QUOTE   = ''                   / the observer's",
    "QUOTES  = 'It''s'              / the 'observer'",
    "LONG    = 'begins here and goes on&'",
    "CONTINUE  'and ends '          / a long string",
    "JUNK    = 'text' and more",
    "PLAIN    5",
    "JUNK    =                 12ab",
    "OPEN    = 'never closed",
    "DOTS    =                  1.2.3",
)


def by_astropy(text: str) -> list[Card]:
    cards: list[Card] = []
    for card in fits.Header.fromstring(text).cards:
        value = card.value
        if card.keyword not in ("", "COMMENT", "HISTORY") and isinstance(value, str | int | float | bool):
            cards.append((card.keyword, value))
    return cards


def said(read: Callable[..., Iterable[Card]], *arguments: object) -> object:
    """Return cards with the types of their values, or the type and text of an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # AstropyFits ignores them too
        try:
            return [(keyword, type(value), repr(value)) for keyword, value in read(*arguments)]
        except (ValueError, OSError, fits.VerifyError) as error:
            return type(error), str(error)


def image_of(*cards: str) -> str:
    return "".join(card.ljust(80) for card in (*cards, "END"))


@pytest.mark.parametrize("card", CARDS)
def test_a_card_says_what_astropy_says(card: str) -> None:
    text = image_of(card)
    assert said(header_cards, text.encode()) == said(by_astropy, text)


def test_cards_keep_their_order_and_are_as_often_as_they_are() -> None:
    cards = [card for card in CARDS if not card.startswith(("JUNK", "OPEN", "DOTS"))]
    text = image_of(*cards, *cards[:6])
    assert said(header_cards, text.encode()) == said(by_astropy, text)


def test_nothing_behind_the_end_is_read() -> None:
    text = image_of("A       =                    1") + image_of("B       =                    2")
    assert list(header_cards(text.encode())) == [("A", 1)]


def test_characters_that_no_header_may_have_are_question_marks() -> None:
    text = image_of("OBSERVER= 'Müller'")
    assert list(header_cards(text.encode("latin-1"))) == [("OBSERVER", "M?ller")]


def test_cards_of_the_usual_kinds_need_no_astropy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_by_astropy", pytest.fail)
    assert len(list(header_cards(image_of(*CARDS[:4], *CARDS[6:8]).encode()))) == 6


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ROOTNAME", "EXPTIME", "A", "DATE-OBS", "CRVAL1", "B_2"]),
            st.integers(-(10**18), 10**18)
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.booleans()
            | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=90),
            st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
        ),
        max_size=6,
    )
)
def test_headers_that_astropy_has_written(cards: list[tuple[str, str | int | float, str]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # comments that are cut off
        text = fits.Header(cards).tostring(padding=True)
    assert said(header_cards, text.encode()) == said(by_astropy, text)


@given(st.sampled_from(CARDS), st.integers(0, 79), st.characters(min_codepoint=32, max_codepoint=126))
def test_a_damaged_card_says_what_astropy_says(card: str, place: int, character: str) -> None:
    image = card.ljust(80)
    text = image_of(image[:place] + character + image[place + 1 :])
    assert said(header_cards, text.encode()) == said(by_astropy, text)
