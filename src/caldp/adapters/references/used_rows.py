"""Rows of a table that an exposure uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from caldp.domain.stale.used import ANY_NUMBER, ANY_VALUE, Criterion, Match

_TOLERANCE: Final = 1e-5  # of columns with 32 bits against header values in decimal


def used_rows(columns: Mapping[str, Any], criteria: Iterable[Criterion]) -> Any:
    """Find the rows of a table that meet all conditions.

    Parameters
    ----------
    columns
        Columns by name in upper case; arrays whose first axis is that of the rows.
    criteria
        Conditions. One that cannot be applied, such as one on a column that is not there, is met by each row.

    Returns
    -------
    numpy.ndarray of int or None
        Indices in order; None if no condition could be applied.
    """
    import numpy as np

    mask = None
    for criterion in criteria:
        column = columns.get(criterion.column)
        met = None if column is None or column.ndim != 1 else _met(column, criterion)
        if met is not None:
            mask = met if mask is None else mask & met
    return None if mask is None else np.flatnonzero(mask)


def _met(column: Any, criterion: Criterion) -> Any:
    if column.dtype.kind in "SU":
        return _met_by_text(column, criterion)
    return _met_by_number(column, criterion) if column.dtype.kind in "iuf" else None


def _met_by_text(column: Any, criterion: Criterion) -> Any:
    import numpy as np

    texts = np.char.upper(np.char.strip(column.astype(str)))
    met = np.isin(texts, list(ANY_VALUE))
    for value in criterion.values:
        met |= np.char.startswith(texts, value) if criterion.match is Match.BEGINS else texts == value
    return met


def _met_by_number(column: Any, criterion: Criterion) -> Any:
    import numpy as np

    try:
        values = [float(value) for value in criterion.values]
    except ValueError:
        return None
    if criterion.match is Match.AT_MOST:
        return column <= max(values)
    met = column == ANY_NUMBER
    for value in values:
        met |= np.isclose(column, value, rtol=_TOLERANCE, atol=0.0)
    return met
