"""Plots of spectra, through matplotlib's objects: nothing of matplotlib's global state is touched."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from PIL import Image

from caldp.adapters.previews.spectrum.binning import (
    Curve,
    curves_of,
    flagged_stretches,
    flux_range,
    wavelength_range,
)
from caldp.adapters.previews.spectrum.reading import Panel, Spectrum
from caldp.adapters.support.partial import replacing
from caldp.domain.output.previews import SPECTRUM_SIZE, PreviewRequest

_DPI: Final = 100
_INK, _FRAME, _GRID = "#202020", "#707070", "#e3e3e3"
_LINES: Final = ("#0b4f8a", "#2b8cbe")
"""Orders take turns, so that one can be told from the next."""
_BAND, _EXTREMES, _FLAG = "#f8cb98", "#dde5ed", "#c0392b"

_DRAWING: Final = threading.Lock()
"""matplotlib's caches of fonts and paths are not made for several threads."""


def draw_plots(spectrum: Spectrum, request: PreviewRequest, directory: Path) -> tuple[Path, ...]:
    """Draw a spectrum at full size and as a thumbnail; return the pictures."""
    with _DRAWING:
        full = _rendered(full_figure(spectrum, request.stem))
        thumbnail = _rendered(_small_figure(spectrum, request.thumbnail_size))
    return (
        _save(full, directory / request.full_name),
        _save(thumbnail, directory / request.thumbnail_name),
    )


def full_figure(spectrum: Spectrum, title: str) -> Figure:
    """Draw a panel below the other, with all that a reader needs around them."""
    figure = _figure(SPECTRUM_SIZE)
    figure.subplots_adjust(left=0.09, right=0.975, top=0.915, bottom=0.065, hspace=0.22)
    figure.text(0.09, 0.968, title, color=_INK, fontproperties=_font(17, "bold"), parse_math=False)
    figure.text(0.09, 0.943, spectrum.subtitle, color=_INK, fontproperties=_font(11), parse_math=False)
    drawn: list[Curve] = []
    for number, panel in enumerate(spectrum.panels, start=1):
        axes = figure.add_subplot(len(spectrum.panels), 1, number)
        drawn += _draw_panel(axes, panel, f"{spectrum.quantity} ({{power}}{spectrum.unit})")
    figure.axes[-1].set_xlabel("Wavelength (Å)", color=_INK, fontproperties=_font(13))
    _draw_key(figure, spectrum, drawn)
    return figure


def _draw_panel(axes: Axes, panel: Panel, label: str) -> tuple[Curve, ...]:
    """Draw the traces of a panel; return what was drawn."""
    curves = curves_of(panel, SPECTRUM_SIZE)
    lowest, highest = flux_range(curves)
    power = math.floor(math.log10(max(-lowest, highest)))
    scale = 10.0**-power
    for number, curve in enumerate(curves):
        _draw_extremes(axes, curve, scale)
        _draw_curve(axes, curve, scale, _LINES[number % len(_LINES)], width=1.1)
    first, last = wavelength_range(panel)
    pixel = max(last - first, 1e-6) / SPECTRUM_SIZE
    _draw_flags(axes, panel, pixel)
    axes.axhline(0, color=_FRAME, linewidth=0.6, zorder=1)
    axes.set_xlim(first - 10 * pixel, last + 10 * pixel)
    axes.set_ylim(lowest * scale, highest * scale)
    axes.set_ylabel(label.format(power=_power_of_ten(power)), color=_INK, fontproperties=_font(13))
    axes.set_title(panel.label, loc="right", pad=4, color=_INK, fontproperties=_font(12), parse_math=False)
    axes.ticklabel_format(useOffset=False)
    axes.grid(visible=True, color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=11, labelcolor=_INK, color=_FRAME, direction="in", top=True, right=True)
    return curves


def _draw_curve(axes: Axes, curve: Curve, scale: float, colour: str, width: float) -> None:
    """Draw the flux in its error band."""
    low, high = (curve.flux - curve.error) * scale, (curve.flux + curve.error) * scale
    axes.fill_between(curve.wavelength, low, high, color=_BAND, linewidth=0, zorder=3)
    axes.plot(curve.wavelength, curve.flux * scale, color=colour, linewidth=width, linestyle="-", marker="", zorder=4)


def _draw_extremes(axes: Axes, curve: Curve, scale: float) -> None:
    """Show behind a mean what the samples are that it is made of."""
    low, high = curve.lowest * scale, curve.highest * scale
    axes.fill_between(curve.wavelength, low, high, color=_EXTREMES, linewidth=0.4, zorder=2)


def _draw_flags(axes: Axes, panel: Panel, pixel: float) -> None:
    """Mark where samples are flagged along the wavelength axis."""
    axes.broken_barh(
        flagged_stretches(panel, pixel),
        (0, 0.018),
        transform=axes.get_xaxis_transform(),
        facecolor=_FLAG,
        linewidth=0,
        zorder=5,
    )


def _draw_key(figure: Figure, spectrum: Spectrum, drawn: Sequence[Curve]) -> None:
    """Explain the colours that are there."""
    traces = [trace for panel in spectrum.panels for trace in panel.traces]
    band, extremes, flag = (
        any(np.isfinite(curve.error).any() for curve in drawn),
        any(curve.is_binned for curve in drawn),
        any(trace.flagged.any() for trace in traces),
    )
    patches = ((band, _BAND, "± 1 sigma"), (extremes, _EXTREMES, "extremes"), (flag, _FLAG, "flagged"))
    line = Line2D([], [], color=_LINES[0], label=spectrum.quantity.lower())
    figure.legend(
        handles=[line, *(Patch(color=colour, label=label) for is_there, colour, label in patches if is_there)],
        loc="upper right",
        bbox_to_anchor=(0.98, 0.99),
        ncols=4,
        frameon=False,
        borderaxespad=0,
        columnspacing=1.2,
        handlelength=1.4,
        labelcolor=_INK,
        prop=_font(10),
    )


def _small_figure(spectrum: Spectrum, size: int) -> Figure:
    """Draw all segments, or one exposure, in one pair of axes without words, which could not be read."""
    figure = _figure(size)
    axes = figure.add_axes((0.03, 0.03, 0.94, 0.94))
    panels = spectrum.panels if spectrum.instrument == "COS" else spectrum.panels[:1]
    curves = [curve for panel in panels for curve in curves_of(panel, size // len(panels))]
    lowest, highest = flux_range(curves)
    for curve in curves:
        _draw_curve(axes, curve, 1 / (highest - lowest), _LINES[0], width=0.7)
    axes.set_ylim(lowest / (highest - lowest), highest / (highest - lowest))
    axes.margins(x=0.01)
    axes.set_xticks([])
    axes.set_yticks([])
    return figure


def _figure(size: int) -> Figure:
    return Figure(figsize=(size / _DPI, size / _DPI), dpi=_DPI, facecolor="white")


def _font(size: float, weight: str = "normal") -> FontProperties:
    return FontProperties(family="DejaVu Sans", size=size, weight=weight)


def _rendered(figure: Figure) -> Image.Image:
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def _power_of_ten(power: int) -> str:
    """Write a factor such as 10⁻¹⁵; nothing for 1."""
    digits = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{digits} " if power else ""


def _save(picture: Image.Image, path: Path) -> Path:
    with replacing(path) as unfinished:
        picture.save(unfinished, "PNG")
    return path
