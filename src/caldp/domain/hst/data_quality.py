"""Data quality flags that make a pixel or a sample unfit to be shown."""

from __future__ import annotations

from enum import IntFlag
from typing import Final


class PixelFlag(IntFlag):
    """Flags of ACS and WFC3 pixels that spoil a picture (ACS and WFC3 Data Handbooks, tables of DQ flags).

    Those of saturated pixels are not among them, as these are bright in truth; nor those of warm pixels and blobs,
    which the calibration has corrected.
    """

    LOST = 1
    FILLED = 2
    DEAD = 4
    UNSTABLE_ZERO_READ = 8
    """WFC3/IR; for the CCDs this flag means a shadow, which is wide."""
    HOT = 16
    BAD_COLUMN = 128
    """For WFC3/IR, a bad reference pixel."""
    COSMIC_RAY_BY_DRIZZLING = 4096
    COSMIC_RAY = 8192
    ARTIFACT = 16384
    """For WFC3/IR not in use."""


COSMIC_RAYS: Final = PixelFlag.COSMIC_RAY_BY_DRIZZLING | PixelFlag.COSMIC_RAY
"""Flags that an exposure gets by comparison with others. Moving or badly aligned objects get them wrongly."""

_DEFECTS: Final = PixelFlag(sum(PixelFlag)) & ~COSMIC_RAYS

STIS_SERIOUS: Final = 31743
"""STIS: the flags that the calibration takes to be serious where SDQFLAGS does not say: all but small blemishes."""

STIS_HARMLESS: Final = 16
"""STIS: a hot pixel took part in a sample. The archive's previews count such samples as good."""


def image_defects(detector: str) -> PixelFlag:
    """Return the flags of pixels that the detector spoilt and that are to be repaired in a picture.

    Parameters
    ----------
    detector
        As the keyword DETECTOR has it, such as ``WFC``, ``UVIS``, ``IR``.
    """
    return _DEFECTS if detector.strip().upper() == "IR" else _DEFECTS & ~PixelFlag.UNSTABLE_ZERO_READ
