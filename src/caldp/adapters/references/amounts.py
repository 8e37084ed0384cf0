"""Equality of arrays, and the size of their change."""

from __future__ import annotations

from typing import Any

from caldp.domain.stale.findings import Amount, Measure


def unequal(old: Any, new: Any) -> Any:
    """Return where two arrays of one shape and type differ; NaN is equal to NaN.

    Returns
    -------
    numpy.ndarray of bool
        Of the arrays' shape.
    """
    import numpy as np

    if old.dtype.kind in "SU":
        return np.char.rstrip(old) != np.char.rstrip(new)
    different = np.asarray(old != new)
    if old.dtype.kind in "fc":
        different &= ~(np.isnan(old) & np.isnan(new))
    return different


def amount_of(old: Any, new: Any) -> Amount | None:
    """Measure the change of numbers; None if they are no numbers, or none of them is finite in both.

    Parameters
    ----------
    old, new
        Arrays of one shape: the values that are used.
    """
    import numpy as np

    if old.dtype.kind not in "iuf" or old.size == 0:
        return None
    before, after = np.ravel(old).astype(float), np.ravel(new).astype(float)
    changed = int(np.count_nonzero(unequal(before, after)))
    finite = np.isfinite(before) & np.isfinite(after)
    is_ratio = bool(np.all(np.isfinite(before)) and (np.all(before > 0) or np.all(before < 0)))
    before, after = before[finite], after[finite]
    if not before.size:
        return None
    values = after / before if is_ratio else after - before
    farthest = int(np.argmax(np.abs(values - 1 if is_ratio else values)))
    measure = Measure.RATIO if is_ratio else Measure.DIFFERENCE
    return Amount(measure, float(values[farthest]), float(np.median(values)), changed, int(old.size))
