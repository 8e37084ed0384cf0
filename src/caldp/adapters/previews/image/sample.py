"""First look at a few rows of an image: its sky, its noise, and whether its numbers are of a usual size."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen

from caldp.adapters.previews.image.reading import Image

_ROWS: Final = 16
_SIGMAS_OF_MEDIAN: Final = 1.4826  # of the median absolute deviation of normal noise
_USUAL: Final = (1e-25, 1e25)
"""Sizes of numbers that single precision stretches well, squares and all."""


@frozen
class Sample:
    """Facts about an image that a few of its rows tell.

    Attributes
    ----------
    sky, noise
        Median, and sigma around it, of the pixels that have data, times `factor`.
    factor
        Power of two by which all pixels are multiplied, so that single precision can hold them; 1 as a rule.
    """

    sky: float = 0.0
    noise: float = 0.0
    factor: float = 1.0


def take_sample(image: Image) -> Sample:
    """Read a few rows, evenly spread over an image.

    Exact zeros are left out, as most of them stand for no data.
    """
    last = image.shape[-2] - 1
    chosen = sorted({number * last // (_ROWS - 1) for number in range(_ROWS)})  # np.unique would import masked arrays
    rows = np.concatenate([image.rows(row, row + 1).astype(np.float64).ravel() for row in chosen])
    known = rows[np.isfinite(rows) & (rows != 0)]
    if not known.size:
        return Sample()
    usual = float(np.median(np.abs(known)))
    factor = 1.0 if _USUAL[0] < usual < _USUAL[1] else float(2.0 ** -np.round(np.log2(usual)))
    known = known * factor
    sky = float(np.median(known))
    return Sample(sky, _SIGMAS_OF_MEDIAN * float(np.median(np.abs(known - sky))), factor)
