"""Comparison of images of reference files: all pixels, or those of the region that an exposure has read out."""

from __future__ import annotations

from typing import Any

from caldp.adapters.references.amounts import amount_of, unequal
from caldp.domain.stale.findings import Comparison, Difference
from caldp.domain.stale.rungs import Rung
from caldp.domain.stale.used import Region


def compare_images(old: Any, new: Any, region: Region | None, place: str) -> Comparison:
    """Compare two image HDUs.

    Parameters
    ----------
    old, new
        HDUs of astropy, with data.
    region
        Region of the detector that is used; None for all of it.
    place
        Name of the HDU, for messages.
    """
    before, after = old.data, new.data
    if before.shape != after.shape or before.dtype != after.dtype:
        return Comparison(Rung.CHANGED, f"{place} has another shape: {_shape(before)} -> {_shape(after)}")
    different = unequal(before, after)
    if not different.any():
        return Comparison(Rung.SAME_CONTENT)
    cut = _cut(new.header, after.shape, region)
    if cut is not None:
        if not different[cut].any():
            return Comparison(Rung.SAME_ROWS)
        before, after = before[cut], after[cut]
    amount = amount_of(before, after)
    return Comparison(Rung.CHANGED, "", (Difference(place, amount=amount),))


def _cut(header: Any, shape: tuple[int, ...], region: Region | None) -> Any:
    """Return the indices of a region; None if it cannot be cut out, or nothing of the image is in it."""
    if region is None or len(shape) != 2:
        return None
    left, bottom = (header.get(key, 0.0) for key in ("LTV1", "LTV2"))
    if not (float(left).is_integer() and float(bottom).is_integer()):
        return None
    columns = _span(region.left + int(left) - 1, region.width, shape[1])
    rows = _span(region.bottom + int(bottom) - 1, region.height, shape[0])
    return None if columns is None or rows is None else (rows, columns)


def _span(start: int, length: int, size: int) -> slice | None:
    first, last = max(0, start), min(size, start + length)
    return slice(first, last) if first < last else None


def _shape(data: Any) -> str:
    return f"{' x '.join(map(str, reversed(data.shape)))} {data.dtype.name}"
