"""Ranges of axes, and samples gathered into as many bins as a plot has columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen

from caldp.adapters.previews.spectrum.reading import Flags, Panel, Trace, Values

_AIRGLOW: Final = ((1208.0, 1223.0), (1300.0, 1308.0))
"""Angstrom: Lyman alpha and O I of the Earth's own atmosphere, as wide as the lowest resolution makes them."""

_SAMPLES_PER_COLUMN: Final = 2
_FEW_ERRORS: Final = 5
_TALLEST_LINE: Final = 5


@frozen(eq=False)
class Curve:
    """Points of a trace to draw. All arrays have one length, and NaN where nothing is drawn or known.

    Attributes
    ----------
    wavelength
        Angstrom: of the samples, or of the middles of bins.
    flux, error
        Of the samples, or the mean of each bin and its error.
    lowest, highest
        The extremes of the samples in each bin.
    is_binned
        True if a point is the mean of several samples.
    """

    wavelength: Values
    flux: Values
    error: Values
    lowest: Values
    highest: Values
    is_binned: bool


def shown_samples(panel: Panel) -> tuple[Flags, ...]:
    """Choose the samples that are drawn: those that can be trusted; all of them, if none can."""
    if all(trace.flagged.all() for trace in panel.traces):
        return tuple(np.ones_like(trace.flagged) for trace in panel.traces)
    return tuple(~trace.flagged for trace in panel.traces)


def wavelength_range(panel: Panel) -> tuple[float, float]:
    """Return the first and last wavelength that is drawn, Angstrom."""
    ends = [
        trace.wavelength[shown][[0, -1]]
        for trace, shown in zip(panel.traces, shown_samples(panel), strict=True)
        if shown.any()
    ]
    return float(np.min(ends)), float(np.max(ends))


def curves_of(panel: Panel, columns: int) -> tuple[Curve, ...]:
    """Gather the samples of each trace for a plot that is so many pixels wide."""
    first, last = wavelength_range(panel)
    width = max(last - first, 1e-6) / columns
    return tuple(
        _curve(trace, shown, first, width)
        for trace, shown in zip(panel.traces, shown_samples(panel), strict=True)
        if shown.any()
    )


def _curve(trace: Trace, shown: Flags, first: float, width: float) -> Curve:
    wavelength, flux, error = trace.wavelength, trace.flux, trace.error
    spanned = (wavelength[-1] - wavelength[0]) / width
    if len(wavelength) <= _SAMPLES_PER_COLUMN * spanned:
        flux = np.where(shown, flux, np.nan)
        return Curve(wavelength, flux, np.where(shown, error, np.nan), flux, flux, is_binned=False)
    wavelength, flux, error = wavelength[shown], flux[shown], error[shown]
    columns = ((wavelength - first) / width).astype(np.intp)
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    counts = np.diff(starts, append=len(columns))
    filled = columns[starts] - columns[0]

    known = np.isfinite(error)
    known_counts = np.add.reduceat(known.astype(np.intp), starts)
    squares = np.add.reduceat(np.where(known, error, 0.0) ** 2, starts)
    variance = np.divide(squares, known_counts, out=np.full(len(starts), np.nan), where=known_counts > 0)

    def spread(values: Values) -> Values:
        """Put one value for each filled column into an array of all columns."""
        spreaded = np.full(filled[-1] + 1, np.nan)
        spreaded[filled] = values
        return spreaded

    return Curve(
        wavelength=first + (np.arange(columns[0], columns[-1] + 1) + 0.5) * width,
        flux=spread(np.add.reduceat(flux, starts) / counts),
        error=spread(np.sqrt(variance / counts)),
        lowest=spread(np.minimum.reduceat(flux, starts)),
        highest=spread(np.maximum.reduceat(flux, starts)),
        is_binned=True,
    )


def flux_range(curves: Sequence[Curve]) -> tuple[float, float]:
    """Return the range of the flux axis; it always holds zero.

    It holds nearly all that is drawn, but for airglow and for where errors are huge. Lines that are certain are shown
    up to the tip, unless they are several times as high as all the rest.
    """
    wavelength, flux, error = (
        np.concatenate([getattr(curve, name) for curve in curves]) for name in ("wavelength", "flux", "error")
    )
    known = np.isfinite(flux)
    wanted = known.copy()
    for begin, end in _AIRGLOW:
        wanted &= (wavelength < begin) | (wavelength > end)
    wanted = wanted if wanted.any() else known
    errors = error[wanted & np.isfinite(error)]
    if errors.size:
        wanted &= ~(error > _FEW_ERRORS * np.median(errors))
    lowest, highest = np.percentile(flux[wanted], (0.5, 99.5))
    tip = flux[wanted & (flux > _FEW_ERRORS * error)].max(initial=highest)
    highest = max(min(tip, _TALLEST_LINE * highest), 0.0)
    lowest = min(lowest, 0.0)
    margin = 0.06 * (highest - lowest) or 1.0
    return float(lowest - margin), float(highest + margin)


def flagged_stretches(panel: Panel, width: float) -> list[tuple[float, float]]:
    """Return the stretches of flagged samples: beginnings and lengths in Angstrom, none shorter than ``width``."""
    stretches = []
    for trace in panel.traces:
        edges = np.flatnonzero(np.diff(trace.flagged.astype(np.int8), prepend=0, append=0))
        for start, stop in edges.reshape(-1, 2):
            begin, end = trace.wavelength[start], trace.wavelength[stop - 1]
            stretches.append((float(begin), max(float(end - begin), width)))
    return stretches
