"""Samples gathered for a plot: into columns of pixels, but no further than agrees with what is in them."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen

from caldp.adapters.previews.spectrum.bins import Bins, Counts, concatenated, deviations, medians, samples_of
from caldp.adapters.previews.spectrum.reading import Panel, Trace
from caldp.adapters.previews.spectrum.sensitivity import Flags, Values
from caldp.domain.hst.spectra import AIRGLOW

_SAMPLES_PER_COLUMN: Final = 2
_DIFFERENT: Final = 5.0
"""Sigmas from which on a part differs from the mean of the whole, which is then drawn in its parts."""

_REACH: Final = 0.75
"""Resolution elements from the middle of one, within which a column without samples is no gap."""


@frozen(eq=False)
class Curve:
    """Points of a trace to draw.

    Attributes
    ----------
    wavelength, flux, error
        Of each point: of a sample, or the mean of several. NaN where the line has a gap, or the error is not known.
    count
        Number of samples of each point, 0 in a gap.
    is_airglow
        True for points in a line of the Earth's atmosphere.
    columns
        Wavelengths of the columns of pixels, Angstrom.
    lowest, highest
        Extremes of the resolution elements in each column; NaN where nothing is.
    signal_to_noise
        Of a resolution element in each column; NaN where it is not known, and in airglow.
    errors_off
        Factor by which the scatter of the resolution elements differs from their errors.
    """

    wavelength: Values
    flux: Values
    error: Values
    count: Counts
    is_airglow: Flags
    columns: Values
    lowest: Values
    highest: Values
    signal_to_noise: Values
    errors_off: float

    @property
    def certain(self) -> Flags:
        """True for points that surely shine."""
        return np.asarray(self.flux > _DIFFERENT * self.errors_off * self.error, dtype=np.bool_)

    @property
    def is_binned(self) -> bool:
        """True if a point is the mean of several samples."""
        return bool((self.count > 1).any())


def shown_samples(panel: Panel) -> tuple[Flags, ...]:
    """Choose the samples that are drawn: those that can be trusted; all of them, if none can."""
    if all((trace.flagged | trace.unknown).all() for trace in panel.traces):
        return tuple(np.ones_like(trace.flagged) for trace in panel.traces)
    return tuple(~(trace.flagged | trace.unknown) for trace in panel.traces)


def wavelength_range(panel: Panel) -> tuple[float, float]:
    """Return the first and last wavelength that is drawn, or that is marked as unknown, Angstrom."""
    chosen = [shown | trace.unknown for trace, shown in zip(panel.traces, shown_samples(panel), strict=True)]
    ends = [trace.wavelength[seen][[0, -1]] for trace, seen in zip(panel.traces, chosen, strict=True) if seen.any()]
    return float(np.min(ends)), float(np.max(ends))


def curves_of(panel: Panel, columns: int) -> tuple[Curve, ...]:
    """Gather the samples of each trace for a plot that is so many pixels wide."""
    first, last = wavelength_range(panel)
    width = max(last - first, 1e-6) / columns
    with np.errstate(over="ignore", invalid="ignore"):
        return tuple(
            _curve(trace, shown, first, width)
            for trace, shown in zip(panel.traces, shown_samples(panel), strict=True)
            if shown.any()
        )


def _curve(trace: Trace, shown: Flags, first: float, width: float) -> Curve:
    samples = samples_of(trace, shown)
    of_elements = _starts(np.flatnonzero(shown) // trace.element)
    elements = samples.gathered(of_elements)
    column = ((elements.wavelength - first) / width).astype(np.intp)
    of_columns = _starts(column)
    columns = elements.gathered(of_columns)
    spanned = (trace.wavelength[-1] - trace.wavelength[0]) / width
    from_columns, errors_off = deviations(elements, np.repeat(columns.flux, np.diff(of_columns, append=len(elements))))
    points = samples
    if len(samples) > _SAMPLES_PER_COLUMN * spanned:
        points = _refined(columns, elements, samples, of_columns, of_elements, from_columns)
    points = _with_gaps(points, max(width, 1.5 * trace.step))
    noise = np.sqrt(np.add.reduceat(elements.error**2, of_columns) / np.diff(of_columns, append=len(elements)))
    ratio = np.divide(columns.flux, noise, out=np.full(len(noise), np.nan), where=noise > 0)
    ratio[_airglow(columns.wavelength, trace.step)] = np.nan
    filled = column[of_columns]
    every = np.arange(filled[0], filled[-1] + 1)
    nearest = np.searchsorted((filled[1:] + filled[:-1]) / 2, every)
    beyond = np.abs(every - filled[nearest]) > max(0.5, _REACH * trace.element * trace.step / width)

    def spread(values: Values) -> Values:
        """Give every column the value of the nearest filled one, as far as that one's elements reach."""
        return np.where(beyond, np.nan, values[nearest])

    return Curve(
        wavelength=points.wavelength,
        flux=points.flux,
        error=points.error,
        count=points.count,
        is_airglow=_airglow(points.wavelength, trace.step),
        columns=first + (every + 0.5) * width,
        lowest=spread(np.minimum.reduceat(elements.flux, of_columns)),
        highest=spread(np.maximum.reduceat(elements.flux, of_columns)),
        signal_to_noise=spread(ratio),
        errors_off=errors_off,
    )


def _refined(
    columns: Bins, elements: Bins, samples: Bins, of_columns: Counts, of_elements: Counts, from_columns: Values
) -> Bins:
    """Take the mean of each column, but its resolution elements where they differ, and samples where these do.

    So noise is averaged, and a line is seen to its tip. One sample that stands alone is no line, but a defect that
    nobody flagged: it takes two that differ in the same way.
    """
    in_columns = np.diff(of_columns, append=len(elements))
    in_elements = np.diff(of_elements, append=len(samples))
    differs = np.maximum.reduceat(np.abs(from_columns), of_columns) > _DIFFERENT
    splits = np.repeat(_with_neighbours(differs), in_columns)

    # Not from the mean, from which all samples of an element differ when one of them is wild.
    # And not by less than their own errors: those of the few counts in a line are true, whatever the scatter beside it.
    sigmas, _ = deviations(samples, np.repeat(medians(samples.flux, of_elements), in_elements), least_off=1.0)
    differs = np.zeros(len(elements), dtype=np.bool_)
    for side in (sigmas > _DIFFERENT, sigmas < -_DIFFERENT):
        differs |= np.add.reduceat(side.astype(np.intp), of_elements) > 1
    in_samples = _with_neighbours(differs)
    # A column whose elements agree may have samples that do not: they decide.
    split = np.logical_or.reduceat(splits | in_samples, of_columns)
    splits = np.repeat(split, in_columns) & ~in_samples
    return concatenated([columns[~split], elements[splits], samples[np.repeat(in_samples, in_elements)]])


def _starts(groups: Counts) -> Counts:
    """Return where each group of equal numbers begins."""
    return np.flatnonzero(np.diff(groups, prepend=-1))


def _with_neighbours(chosen: Flags) -> Flags:
    wider = chosen.copy()
    wider[1:] |= chosen[:-1]
    wider[:-1] |= chosen[1:]
    return wider


def _with_gaps(points: Bins, widest: float) -> Bins:
    """Put a point of NaN between points that are farther apart than that, Angstrom."""
    gaps = np.flatnonzero(points.first[1:] - points.last[:-1] > widest) + 1
    if not gaps.size:
        return points
    nothing = {name: np.insert(getattr(points, name), gaps, np.nan) for name in ("flux", "error", "weight")}
    middle = (points.last[gaps - 1] + points.first[gaps]) / 2
    places = {name: np.insert(getattr(points, name), gaps, middle) for name in ("wavelength", "first", "last")}
    return Bins(**nothing, **places, count=np.insert(points.count, gaps, 0))


def _airglow(wavelength: Values, step: float) -> Flags:
    inside = np.zeros(len(wavelength), dtype=np.bool_)
    for line in AIRGLOW:
        begin, end = line.extent(step)
        inside |= (wavelength >= begin) & (wavelength <= end)
    return inside
