"""Spectra as values that a template writes as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import isfinite
from typing import Final

from attrs import frozen

from caldp.domain.hst.spectra import AIRGLOW
from caldp.domain.report.page import Curve

WIDTH: Final = 900
HEIGHT: Final = 240
_POINTS: Final = 6000
"""Points that are drawn of all curves of a page: on a screen each has room for some hundreds."""
_SAMPLES: Final = 15_000
"""Samples of all curves that the pointer can tell; of longer ones every second, third, ..."""
_LEAST: Final = 50
_MOST_CURVES: Final = 100
_TALLEST_LINE: Final = 25
_MARGIN: Final = 0.06


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
    means = [*_means(curve, max(1, len(curve.flux) // max(_LEAST, _POINTS // count)))]
    low, high = _flux_range(known, [point for point in means if point is not None])
    across, up = WIDTH / ((last - first) or 1.0), HEIGHT / (high - low)
    lines: list[str] = []
    for _, group in groupby(means, key=bool):
        points = [((x - first) * across, HEIGHT - (y - low) * up) for x, y in filter(None, group)]
        if points:
            lines.append(" ".join(f"{x:.1f},{min(max(y, -HEIGHT), 2 * HEIGHT):.1f}" for x, y in points))
    every = max(1, -(-len(known) // max(_LEAST, _SAMPLES // count)))
    samples = tuple((float(f"{wavelength:.9g}"), float(f"{flux:.8g}")) for wavelength, flux in known[::every])
    return Plot(curve.label, curve.unit, tuple(lines), first, last, low, high, samples)


def _means(curve: Curve, step: int) -> Iterator[tuple[float, float] | None]:
    """Yield the middle and the mean of every so many samples; None where none of them has a flux."""
    for start in range(0, len(curve.flux), step):
        values = [flux for flux in curve.flux[start : start + step] if flux is not None and isfinite(flux)]
        middle = curve.wavelength[min(start + step // 2, len(curve.wavelength) - 1)]
        yield (middle, sum(values) / len(values)) if values else None


def _flux_range(known: list[tuple[float, float]], means: list[tuple[float, float]]) -> tuple[float, float]:
    """Choose the range of fluxes that is drawn.

    It holds zero, nearly all samples, and the tips of lines unless they are many times as high as all the rest. Airglow
    does not count, as in previews.
    """
    spacing = (known[-1][0] - known[0][0]) / (len(known) - 1)
    glowing = [line.extent(spacing) for line in AIRGLOW]

    def outside(points: list[tuple[float, float]]) -> list[float]:
        return sorted(y for x, y in points if not any(begin <= x <= end for begin, end in glowing))

    fluxes = outside(known) or sorted(y for _, y in known)
    low, high = min(0.0, _part(fluxes, 0.005)), max(0.0, _part(fluxes, 0.995))
    tip = max(outside(means), default=high)
    high = max(high, min(tip, _TALLEST_LINE * high))
    margin = _MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def _part(ordered: list[float], fraction: float) -> float:
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]
