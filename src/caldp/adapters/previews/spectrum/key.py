"""Key of a plot: colours, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from attrs import frozen

from caldp.adapters.previews.sheet import Box, Sheet, font, pixels

_SIZE: Final = 9.5
_WIDTH, _HEIGHT, _ABOVE, _TO_WORDS, _APART, _MARGIN = (part * pixels(_SIZE) for part in (1.3, 0.7, 0.83, 0.5, 1.0, 0.4))


@frozen
class Meaning:
    """Meaning of a colour.

    Attributes
    ----------
    colour
        The colour.
    words
        Its meaning.
    style
        ``area``, ``line`` or ``hatch``.
    """

    colour: str
    words: str
    style: str = "area"


Key = Mapping[str, Meaning]
"""Meanings by name, so that each is told once."""


def draw_key(sheet: Sheet, meanings: Iterable[Meaning], left: float, top: float) -> None:
    """Draw samples and words side by side; the place is that of the upper left corner."""
    face = font(_SIZE)
    x, base = left + _MARGIN, top - _MARGIN - _ABOVE
    for meaning in meanings:
        sample = Box(x, base, x + _WIDTH, base + _HEIGHT)
        if meaning.style == "line":
            middle = base + _HEIGHT / 2
            sheet.line(np.array([(x, middle), (x + _WIDTH, middle)]), meaning.colour, 1.5, cap="projecting")
        elif meaning.style == "hatch":
            sheet.hatch(sample.corners, meaning.colour)
        else:
            sheet.fill([sample.corners], meaning.colour, edge=1.0)
        written = sheet.write(sample.right + _TO_WORDS, base, meaning.words, face)
        x = written.right + _APART
