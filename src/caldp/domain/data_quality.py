"""Data quality flags: which of them make a pixel or a sample unfit to be shown."""

from __future__ import annotations

from typing import Final

_LOST, _FILLED, _DEAD, _UNSTABLE_ZERO_READ, _HOT = 1, 2, 4, 8, 16
_BAD_COLUMN, _BAD_REFERENCE_PIXEL, _DRIZZLE_COSMIC_RAY, _COSMIC_RAY, _ARTIFACT = 128, 128, 4096, 8192, 16384

_CCD_DEFECTS: Final = _LOST | _FILLED | _DEAD | _HOT | _BAD_COLUMN | _DRIZZLE_COSMIC_RAY | _COSMIC_RAY | _ARTIFACT
_INFRARED_DEFECTS: Final = (
    _LOST | _FILLED | _DEAD | _UNSTABLE_ZERO_READ | _HOT | _BAD_REFERENCE_PIXEL | _DRIZZLE_COSMIC_RAY | _COSMIC_RAY
)

STIS_SERIOUS: Final = 31743
"""STIS: the flags that the calibration takes to be serious where SDQFLAGS does not say: all but small blemishes."""

STIS_HARMLESS: Final = 16
"""STIS: a hot pixel took part in a sample. The archive's previews count such samples as good."""


def image_defects(detector: str) -> int:
    """Return the flags of pixels that spoil a picture: no data, dead, hot, hit by a cosmic ray.

    Saturated pixels are not among them, as they are bright in truth; nor are warm pixels and blobs, which the
    calibration has corrected (ACS and WFC3 Data Handbooks, tables of DQ flags).

    Parameters
    ----------
    detector
        As the keyword DETECTOR has it, such as ``WFC``, ``UVIS``, ``IR``.

    Returns
    -------
    int
        The flags, added up.
    """
    return _INFRARED_DEFECTS if detector.strip().upper() == "IR" else _CCD_DEFECTS
