"""Charts as values that a template writes as SVG: spectra, and the timeline of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final

from attrs import frozen

from caldp.domain.report.page import Curve
from caldp.domain.run.record import RunRecord
from caldp.views.units import size_text

WIDTH: Final = 900
HEIGHT: Final = 240
_POINTS: Final = 6000
"""Points that are drawn of all curves of a page: on a screen each has room for some hundreds."""
_SAMPLES: Final = 15_000
"""Samples of all curves that the pointer can tell; of longer ones every second, third, ..."""
_LEAST: Final = 50
_MOST_CURVES: Final = 100


@frozen
class Plot:
    """A spectrum to draw.

    Attributes
    ----------
    label, unit
        Name of the segment, and unit of the flux.
    lines
        Points of the lines, as SVG has them; a gap ends a line.
    first, last, low, high
        Ranges of wavelength (Angstrom) and flux.
    samples
        Wavelength and flux that the pointer tells, as the file has them.
    """

    label: str
    unit: str
    lines: tuple[str, ...]
    first: float
    last: float
    low: float
    high: float
    samples: tuple[tuple[float, float], ...]


@frozen
class Bar:
    """A step or engine in the timeline of a run.

    Attributes
    ----------
    name, note
        Its name, and its duration and memory in words.
    left, width
        Place, in percent of the whole.
    is_ok
        True if it did its job.
    """

    name: str
    note: str
    left: float
    width: float
    is_ok: bool


def plots(curves: Sequence[Curve]) -> Iterator[Plot]:
    """Yield the plots of curves that have something to draw."""
    for curve in curves[:_MOST_CURVES]:
        known = [
            (wavelength, flux)
            for wavelength, flux in zip(curve.wavelength, curve.flux, strict=True)
            if flux is not None and isfinite(flux) and isfinite(wavelength)
        ]
        if len(known) > 1:
            yield _plot(curve, known, min(len(curves), _MOST_CURVES))


def _plot(curve: Curve, known: list[tuple[float, float]], count: int) -> Plot:
    """Make the plot of one of so many curves."""
    first, last = known[0][0], known[-1][0]
    ordered = sorted(flux for _, flux in known)
    low, high = min(0.0, _part(ordered, 0.01)), max(_part(ordered, 0.995) * 1.1, ordered[0])
    low, high = (low, high) if high > low else (ordered[0] - 1.0, ordered[0] + 1.0)
    across, up = WIDTH / ((last - first) or 1.0), HEIGHT / (high - low)
    lines: list[str] = []
    points: list[str] = []
    step = max(1, len(curve.flux) // max(_LEAST, _POINTS // count))
    for start in range(0, len(curve.flux), step):
        values = [flux for flux in curve.flux[start : start + step] if flux is not None and isfinite(flux)]
        if not values:
            lines, points = ([*lines, " ".join(points)] if points else lines), []
            continue
        x = (curve.wavelength[min(start + step // 2, len(curve.wavelength) - 1)] - first) * across
        y = HEIGHT - (sum(values) / len(values) - low) * up
        points.append(f"{x:.1f},{min(max(y, -HEIGHT), 2 * HEIGHT):.1f}")
    lines = [*lines, " ".join(points)] if points else lines
    every = max(1, -(-len(known) // max(_LEAST, _SAMPLES // count)))
    samples = tuple((float(f"{wavelength:.9g}"), float(f"{flux:.8g}")) for wavelength, flux in known[::every])
    return Plot(curve.label, curve.unit, tuple(lines), first, last, low, high, samples)


def _part(ordered: list[float], fraction: float) -> float:
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]


def timeline(record: RunRecord) -> tuple[Bar, ...]:
    """Return the bars of a run's steps, one after the other."""
    total = sum(step.usage.wall_seconds for step in record.steps) or 1.0
    bars, left = list[Bar](), 0.0
    for step in record.steps:
        usage = step.usage
        note = f"{usage.wall_seconds:.1f} s, {size_text(usage.max_rss_bytes)}"
        width = 100.0 * usage.wall_seconds / total
        bars.append(Bar(str(step.step), note, round(left, 2), round(max(width, 0.3), 2), not step.status))
        left += width
    return tuple(bars)
