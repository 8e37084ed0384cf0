"""Looks of pictures: the curves from pixel values to grey and colour, for each kind of image.

fitscut's is measured in docs/reference/contracts/previews.md; ours in docs/decisions/2026-11-26-looks-of-previews.md.
"""

from __future__ import annotations

from math import asinh
from typing import Final

from attrs import frozen

_PHOTON_COUNTERS: Final = frozenset({"SBC", "FUV-MAMA", "NUV-MAMA", "FUV", "NUV"})
"""Detectors of ACS, STIS and COS that count photons, as DETECTOR names them (their Instrument Handbooks)."""


def counts_photons(detector: str) -> bool:
    """Tell whether a detector counts single photons, so that its sky is zero nearly everywhere.

    Parameters
    ----------
    detector
        As the keyword DETECTOR has it.
    """
    return detector.strip().upper() in _PHOTON_COUNTERS


@frozen
class Stretch:
    """Stretch of pixel values to grey or colour: an asinh curve between two percentiles.

    With ``t = (value - low) / (high - low)``, a grey pixel is ``255 min(asinh(k t) / k, 1) / white``, cut off to
    0..255, where k is the softening (docs/reference/contracts/previews.md).

    Attributes
    ----------
    clip_percent
        Percentage of the pixels that lie below ``low``, and of those above ``high``.
    softening
        The factor k: the greater, the more a bright object is held back.
    white
        Point at which the curve of a grey picture reaches white.
    smoothing
        Sigma of the Gaussian by which an image is smoothed before, pixels; 0 for none.
    """

    clip_percent: float = 0.5
    softening: float = 3.0
    white: float = 0.7
    smoothing: float = 0.0


@frozen
class ColourStretch:
    """Stretch of several images to colour.

    Attributes
    ----------
    softening
        The factor k of the asinh curve, as for grey.
    white_of_three, white_of_two
        Point at which fitscut's curve reaches white, of three channels and of two.
    keeps_hues
        True for the curve of Lupton et al. (2004, PASP 116, 133): a pixel that is too bright keeps its colour, and the
        sky of each channel is black. False for fitscut's, which whitens it.
    """

    softening: float = 3.0
    white_of_three: float = 0.33
    white_of_two: float = 0.4
    keeps_hues: bool = False


@frozen
class Look:
    """Stretch of each kind of image.

    Attributes
    ----------
    name
        As a command line has it.
    grey, counters, colour
        Of images, of those of detectors that count photons, and of pictures in colour.
    """

    name: str
    grey: Stretch
    counters: Stretch
    colour: ColourStretch


FITSCUT_STRETCH: Final = Stretch()
"""Stretch of ``fitscut --autoscale=99.5 --asinh-scale``."""

FITSCUT_LOOK: Final = Look("fitscut", FITSCUT_STRETCH, FITSCUT_STRETCH, ColourStretch())
"""Look of fitscut's pictures."""

LOOK: Final = Look(
    "caldp",
    FITSCUT_STRETCH,
    Stretch(clip_percent=0.02, softening=200.0, white=asinh(200.0) / 200.0, smoothing=1.5),
    ColourStretch(softening=25.0, keeps_hues=True),
)
"""Look of our pictures: fitscut's where it is good, another for photon counters and colours, where it is not."""

LOOKS: Final = {look.name: look for look in (LOOK, FITSCUT_LOOK)}
