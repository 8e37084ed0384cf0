"""Pixels without data, closed up from their neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDEST_GAP = 16
"""Widest gap that is closed, pixels. Bad columns and hot pixels are narrower; areas that no chip saw are wider."""

WIDEST_COSMIC_RAY = 4
"""Widest cosmic ray that is closed, pixels. A star taken for one is wider, and must not vanish."""


def close_gaps(pixels: NDArray[np.float32], widest: int = WIDEST_GAP) -> None:
    """Fill short runs of NaN between good pixels, in place: along the rows first, what remains along the columns.

    A run that touches the edge of the array stays as it is.

    Parameters
    ----------
    pixels
        Of shape (rows, columns); NaN where there is no data.
    widest
        Longest run that is filled, pixels.
    """
    if np.isnan(pixels).any():
        _close_along_rows(pixels, widest)
        _close_along_rows(pixels.T, widest)


def replace_suspects(pixels: NDArray[np.float32], suspect: NDArray[np.bool_], widest: int = WIDEST_GAP) -> None:
    """Close the gaps that suspect pixels would leave, in place; where they are too wide for that, the pixels stay.

    Parameters
    ----------
    pixels
        Of shape (rows, columns).
    suspect
        Of the same shape.
    widest
        Longest run that is filled, pixels.
    """
    values = pixels[suspect]
    pixels[suspect] = np.nan
    close_gaps(pixels, widest)
    pixels[suspect] = np.where(np.isnan(pixels[suspect]), values, pixels[suspect])


def _close_along_rows(pixels: NDArray[np.float32], widest: int) -> None:
    rows, first, last = _inner_runs(np.isnan(pixels))
    length = last - first
    is_short = length <= widest
    rows, first, last, length = rows[is_short], first[is_short], last[is_short], length[is_short]
    left, right = pixels[rows, first - 1], pixels[rows, last]
    for step in range(int(length.max(initial=0))):
        goes_on = length > step
        weight = ((step + 1) / (length[goes_on] + 1)).astype(np.float32)
        pixels[rows[goes_on], first[goes_on] + step] = left[goes_on] * (1 - weight) + right[goes_on] * weight


def _inner_runs(blank: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Find the runs of True that end within their row: row, first column, and the column after the last."""
    changes = blank[:, 1:] != blank[:, :-1]
    rows, columns = np.nonzero(changes)
    columns += 1
    opens = blank[rows, columns]
    # A run is inner if, next to the change that opens it, a change in the same row closes it.
    is_inner = opens[:-1] & (rows[1:] == rows[:-1])
    starts = np.flatnonzero(is_inner)
    return rows[starts], columns[starts], columns[starts + 1]
