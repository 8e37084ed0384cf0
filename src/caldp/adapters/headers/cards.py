"""Headers of FITS files, read card by card without anything else of the file.

astropy takes ten milliseconds for the headers of an exposure; thousands are read here. Cards that are no keyword with a
value (comments, long strings, HIERARCH) are passed over: none of them says how an exposure was calibrated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from caldp.adapters.support.fits_layout import data_size
from caldp.domain.hst.files import HeaderValue

_BLOCK: Final = 2880
_CARD: Final = 80
_MOST_BLOCKS: Final = 10_000
_STARTS: Final = (b"SIMPLE  =", b"XTENSION=")
_END: Final = "END".ljust(_CARD)


def read_headers(read: Callable[[int], bytes], skip: Callable[[int], object]) -> tuple[Mapping[str, HeaderValue], ...]:
    """Read all headers of a FITS file.

    Parameters
    ----------
    read
        Returns the next bytes, as many as are asked for, fewer at the end of the file.
    skip
        Passes over so many bytes.

    Returns
    -------
    tuple of mapping
        Keywords and values of each header; of a keyword that is repeated the first value.

    Raises
    ------
    ValueError
        If it is no FITS file, or damaged; the message says why.
    """
    headers: list[Mapping[str, HeaderValue]] = []
    while (block := read(_BLOCK)) and block.strip(b"\0"):
        if not block.startswith(_STARTS[1:] if headers else _STARTS[:1]):
            if headers:
                break  # what follows the last HDU is no part of it
            raise ValueError("it does not begin like a FITS file")
        header = _header(block, read)
        headers.append(header)
        try:
            size = data_size(
                {key: "T" if value is True else str(value) for key, value in header.items() if _sizes(key)}
            )
        except (KeyError, ValueError):
            raise ValueError("a header does not tell the size of its data") from None
        skip(size + -size % _BLOCK)
    if not headers:
        raise ValueError("it is empty")
    return tuple(headers)


def _sizes(keyword: str) -> bool:
    return keyword.startswith("NAXIS") or keyword in ("BITPIX", "PCOUNT", "GCOUNT", "GROUPS")


def _header(block: bytes, read: Callable[[int], bytes]) -> Mapping[str, HeaderValue]:
    header: dict[str, HeaderValue] = {}
    for _ in range(_MOST_BLOCKS):
        if len(block) < _BLOCK:
            break
        text = block.decode("latin-1")
        for start in range(0, _BLOCK, _CARD):
            card = text[start : start + _CARD]
            if card[8:10] == "= ":
                keyword = card[:8].rstrip()
                if keyword not in header and (value := value_of(card[10:])) is not None:
                    header[keyword] = value
            elif card == _END:
                return header
        block = read(_BLOCK)
    raise ValueError("a header is cut off")


def value_of(field: str) -> HeaderValue | None:
    """Read the value in a card, behind the keyword and the equals sign; None if there is none.

    Source: FITS standard 4.0, section 4.2.
    """
    text = field.lstrip()
    if text.startswith("'"):
        return _text(text)
    plain = text.partition("/")[0].strip()
    if plain in ("T", "F"):
        return plain == "T"
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain.upper().replace("D", "E"))
    except ValueError:
        return None


def _text(text: str) -> str | None:
    end = text.find("'", 1)
    while end != -1 and text[end + 1 : end + 2] == "'":  # two stand for one
        end = text.find("'", end + 2)
    return None if end == -1 else text[1:end].replace("''", "'").rstrip()
