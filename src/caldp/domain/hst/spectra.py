"""Facts about spectra of COS and STIS: resolution elements, and lines that are not the target's."""

from __future__ import annotations

from typing import Final

from attrs import frozen

_WIDEST: Final = 7.0
_HALF_WIDTH: Final = 125


@frozen
class AirglowLine:
    """Line, or multiplet, that the Earth's own atmosphere emits.

    Attributes
    ----------
    name
        As spectroscopists write it.
    first, last
        Wavelengths of the multiplet's first and last line, Angstrom.
    """

    name: str
    first: float
    last: float

    def extent(self, step: float) -> tuple[float, float]:
        """Return the first and last wavelength that the line covers, Angstrom.

        It fills the aperture of COS, and so is about a hundred samples wide, whatever the grating.

        Parameters
        ----------
        step
            Distance of two samples, Angstrom.
        """
        reach = min(_HALF_WIDTH * step, _WIDEST)
        return self.first - reach, self.last + reach


AIRGLOW: Final = (
    AirglowLine("Ly \N{GREEK SMALL LETTER ALPHA}", 1215.67, 1215.67),
    AirglowLine("O I", 1302.168, 1306.029),
)
"""The brightest in the far ultraviolet; calcos (airglow.py) knows fainter ones."""


def samples_per_element(instrument: str, detector: str) -> int:
    """Return how many samples a resolution element has (COS and STIS Instrument Handbooks).

    Parameters
    ----------
    instrument
        ``COS`` or ``STIS``.
    detector
        As the keyword DETECTOR has it.
    """
    if instrument == "COS":
        return 3 if detector.strip().upper() == "NUV" else 6
    return 2
