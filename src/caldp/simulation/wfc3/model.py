"""WFC3's infrared channel, as the simulated ramps and the reference files both know it.

Sizes and orders of magnitude are those of the WFC3 Instrument Handbook; every number is made up.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from caldp.simulation.camera import Camera, Window
from caldp.simulation.sky import stars
from caldp.simulation.truth import ImageTruth

CAMERA: Final = Camera(1014, 0.13, bend_columns=(-2e-6, 5e-6, 1e-6), bend_rows=(4e-6, -1e-6, 6e-6))
TRUTH: Final = ImageTruth(stars.field(half_width=12.0, rates=(300.0, 5000.0)), aperture=6.0)
FILTER: Final = "F160W"

BORDER: Final = 5
"""Reference pixels, which see no light, on each side."""

SUBARRAY: Final = Window(left=374, bottom=374, size=266)
"""Part of the detector that is read out, with its reference pixels; columns and rows count from the first pixel that
sees light.
"""

SEQUENCE: Final = {"SAMP_SEQ": "SPARS10", "SUBTYPE": "SQ256SUB"}
GAIN: Final = 2.4
"""Electrons per DN, of every amplifier."""

READ_NOISE: Final = 20.0
"""Electrons."""

BIAS: Final = 14500.0
"""DN of an empty pixel."""

DARK_RATE: Final = 0.05
"""Electrons per second."""

FLATTENING: Final = 1e-6
"""True over measured signal is one plus this per DN measured."""

SATURATION: Final = 30000.0
"""DN above the bias."""

_FIRST_READ: Final = 0.277815
_READ_STEP: Final = 7.346485
_MOST_READS: Final = 16


def read_times(exposure_time: float) -> tuple[float, ...]:
    """Give the times of the non-destructive reads of the sequence whose duration comes nearest.

    Parameters
    ----------
    exposure_time
        Seconds.

    Returns
    -------
    tuple of float
        Seconds since the reset, first read (0) first; at least 4 and at most 16 reads.
    """
    steps = round((exposure_time - _FIRST_READ) / _READ_STEP)
    return longest_sequence()[: min(max(steps + 2, 4), _MOST_READS)]


def longest_sequence() -> tuple[float, ...]:
    """Give the times (seconds) of all reads that the sequence may have."""
    return (0.0, *(_FIRST_READ + _READ_STEP * step for step in range(_MOST_READS - 1)))


def grain() -> NDArray[np.float64]:
    """Give the sensitivity of each pixel that sees light relative to the mean, shape (1014, 1014)."""
    return np.random.default_rng(160).normal(1.0, 0.01, (CAMERA.size, CAMERA.size))
