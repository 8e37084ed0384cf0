"""Range and scale of a flux axis, and stretches of the wavelength axis that are marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from attrs import frozen

from caldp.adapters.previews.spectrum.binning import Curve
from caldp.adapters.previews.spectrum.bins import Counts
from caldp.adapters.previews.spectrum.reading import Panel
from caldp.adapters.previews.spectrum.sensitivity import Flags, Values
from caldp.domain.hst.spectra import AIRGLOW

_MOST_ERROR: Final = 5
_TALLEST_LINE: Final = 25
_DECADES: Final = 3
_FEWEST_CERTAIN: Final = 20
_MARGIN: Final = 0.06
_LINEAR_PART: Final = 5 / 9
"""Decades that the linear part takes on either side of zero."""


@frozen
class FluxAxis:
    """Range of a flux axis.

    Attributes
    ----------
    lowest, highest
        Ends of the axis.
    linear_below
        Flux from which on the axis is logarithmic; None for a linear one.
    """

    lowest: float
    highest: float
    linear_below: float | None = None

    def places(self, values: Values) -> Values:
        """Return places of values on the axis: 0 for its lowest, 1 for its highest end."""
        low, high = (self._stretched(np.array(end)) for end in (self.lowest, self.highest))
        return np.asarray((self._stretched(values) - low) / (high - low), dtype=np.float64)

    def _stretched(self, values: Values) -> Values:
        """Make equal steps on the axis of values."""
        if self.linear_below is None:
            return values
        in_thresholds = values / self.linear_below
        size = np.maximum(np.abs(in_thresholds), 1.0)
        linear = np.clip(in_thresholds, -1, 1) * _LINEAR_PART
        return np.asarray(linear + np.sign(in_thresholds) * np.log10(size), dtype=np.float64)


def flux_axis(curves: Sequence[Curve]) -> FluxAxis:
    """Choose the flux axis; it always holds zero.

    It holds nearly all that is drawn, but for airglow and for where errors are huge. Lines that are certain are shown
    up to the tip, unless they are many times as high as all the rest. Where certain fluxes span more than three
    decades, the axis is logarithmic above the least of them, and all tips are shown.
    """
    flux, wanted = _wanted(curves)
    count = np.concatenate([curve.count for curve in curves])
    lowest, highest = _percentiles(flux[wanted], count[wanted], (0.5, 99.5))
    certain = wanted & np.concatenate([curve.certain for curve in curves])
    tip = flux[certain].max(initial=highest)
    floor = _percentiles(flux[certain], count[certain], (1,))[0] if certain.sum() >= _FEWEST_CERTAIN else 0.0
    if 0 < floor * 10**_DECADES <= tip:
        return FluxAxis(-floor if lowest < 0 else 0.0, float(tip) * 2, floor)
    highest = max(min(tip, _TALLEST_LINE * highest), 0.0)
    lowest = min(lowest, 0.0)
    margin = _MARGIN * (highest - lowest) or 1.0
    return FluxAxis(float(lowest - margin), float(highest + margin))


def _wanted(curves: Sequence[Curve]) -> tuple[Values, Flags]:
    """Return the flux of all points, and which of them an axis must hold."""
    flux, error = (np.concatenate([getattr(curve, name) for curve in curves]) for name in ("flux", "error"))
    known = np.isfinite(flux)
    wanted = known & ~np.concatenate([curve.is_airglow for curve in curves])
    wanted = wanted if wanted.any() else known
    errors = error[wanted & np.isfinite(error)]
    if errors.size:
        wanted &= ~(error > _MOST_ERROR * np.median(errors)) | np.concatenate([curve.certain for curve in curves])
    return flux, wanted


def _percentiles(flux: Values, count: Counts, percentages: Sequence[float]) -> list[float]:
    """Return percentiles of the samples, of which a point has many: those of a line would count too much else."""
    order = np.argsort(flux)
    upwards = np.cumsum(count[order])
    places = np.searchsorted(upwards, np.array(percentages) / 100 * upwards[-1])
    return [float(value) for value in flux[order][places]]


def cut_tips(curves: Sequence[Curve], highest: float) -> list[tuple[float, float]]:
    """Return the wavelength and flux of tips above the end of an axis, where these are certain and no airglow."""
    tips = []
    for curve in curves:
        beyond = (curve.flux > highest) & curve.certain & ~curve.is_airglow
        for start, stop in _runs(beyond):
            tip = start + int(np.argmax(curve.flux[start:stop]))
            tips.append((float(curve.wavelength[tip]), float(curve.flux[tip])))
    return tips


def airglow_stretches(panel: Panel, drawn: tuple[float, float]) -> list[tuple[str, float, float]]:
    """Return the lines of the Earth's atmosphere in the drawn range: names, beginnings and ends in Angstrom."""
    step = min(trace.step for trace in panel.traces)
    lines = ((line.name, *line.extent(step)) for line in AIRGLOW)
    return [(name, begin, end) for name, begin, end in lines if begin < drawn[1] and end > drawn[0]]


def unknown_stretches(panel: Panel) -> list[tuple[float, float]]:
    """Return the stretches without known sensitivity: beginnings and ends in Angstrom."""
    return [
        (float(trace.wavelength[start]), float(trace.wavelength[stop - 1]))
        for trace in panel.traces
        for start, stop in _runs(trace.unknown)
    ]


def flagged_stretches(panel: Panel, width: float) -> list[tuple[float, float]]:
    """Return the stretches of flagged samples: beginnings and lengths in Angstrom, none shorter than ``width``."""
    stretches = []
    for trace in panel.traces:
        for start, stop in _runs(trace.flagged):
            begin, end = trace.wavelength[start], trace.wavelength[stop - 1]
            stretches.append((float(begin), max(float(end - begin), width)))
    return stretches


def _runs(chosen: Flags) -> Iterator[tuple[int, int]]:
    """Yield beginnings and ends of runs of chosen samples."""
    edges = np.flatnonzero(np.diff(chosen.astype(np.int8), prepend=0, append=0))
    for start, stop in edges.reshape(-1, 2):
        yield int(start), int(stop)
