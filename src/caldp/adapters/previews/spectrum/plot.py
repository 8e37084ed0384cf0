"""Plots of spectra."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from caldp.adapters.previews.figures import DRAWING, FRAME, INK, font, new_figure, rendered, save_png
from caldp.adapters.previews.metadata import printable
from caldp.adapters.previews.spectrum.binning import Curve, curves_of, wavelength_range
from caldp.adapters.previews.spectrum.caption import spectrum_caption
from caldp.adapters.previews.spectrum.marks import mark_airglow, mark_cut_tips, mark_flags, mark_unknown
from caldp.adapters.previews.spectrum.ranges import FluxAxis, flux_axis
from caldp.adapters.previews.spectrum.reading import Panel, Spectrum
from caldp.adapters.previews.spectrum.sensitivity import Values
from caldp.domain.output.previews import SPECTRUM_SIZE, PreviewRequest

_GRID: Final = "#e3e3e3"
_LINES: Final = ("#0b4f8a", "#2b8cbe")
"""Orders take turns, so that one can be told from the next."""
_BAND, _EXTREMES, _STRIP = "#f8cb98", "#dde5ed", "#9fb4c7"
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.09, 0.975, 0.89, 0.065
_BETWEEN, _STRIP_PART = 0.05, 0.16
_COLUMNS: Final = int(SPECTRUM_SIZE * (_RIGHT - _LEFT))


def draw_plots(spectrum: Spectrum, request: PreviewRequest, directory: Path) -> tuple[Path, ...]:
    """Draw a spectrum at full size and as a thumbnail; return the pictures."""
    with DRAWING:
        full = rendered(full_figure(spectrum, request.stem))
        thumbnail = rendered(_small_figure(spectrum, request.thumbnail_size))
    caption = spectrum_caption(spectrum, request)
    return (
        save_png(full, directory / request.full_name, caption),
        save_png(thumbnail, directory / request.thumbnail_name, caption),
    )


def full_figure(spectrum: Spectrum, title: str) -> Figure:
    """Draw a panel below the other, each above its strip of signal to noise, with all that a reader needs."""
    figure = new_figure(SPECTRUM_SIZE, SPECTRUM_SIZE)
    figure.text(_LEFT, 0.968, title, color=INK, fontproperties=font(17, "bold"), parse_math=False)
    figure.text(_LEFT, 0.943, printable(spectrum.subtitle), color=INK, fontproperties=font(11), parse_math=False)
    key: dict[str, Any] = {"line": Line2D([], [], color=_LINES[0], label=spectrum.quantity.lower())}
    for panel, (bottom, height) in zip(spectrum.panels, _places(len(spectrum.panels)), strict=True):
        curves = curves_of(panel, _COLUMNS)
        has_strip = any(np.isfinite(curve.signal_to_noise).any() for curve in curves)
        strip_height = _STRIP_PART * height if has_strip else 0.0
        axes = figure.add_axes((_LEFT, bottom + strip_height, _RIGHT - _LEFT, height - strip_height))
        key |= _draw_panel(axes, panel, curves, f"{spectrum.quantity} ({{power}}{spectrum.unit})")
        if has_strip:
            axes.tick_params(labelbottom=False)
            axes = figure.add_axes((_LEFT, bottom, _RIGHT - _LEFT, strip_height), sharex=axes)
            _draw_strip(axes, curves)
            element = panel.traces[0].element
            key["strip"] = Patch(color=_STRIP, label=f"S/N of an element ({element} samples)")
    axes.set_xlabel("Wavelength (Å)", color=INK, fontproperties=font(13))
    figure.legend(
        handles=list(key.values()),
        loc="upper left",
        bbox_to_anchor=(_LEFT, 0.937),
        ncols=len(key),
        frameon=False,
        borderaxespad=0,
        columnspacing=1.0,
        handlelength=1.3,
        handletextpad=0.5,
        labelcolor=INK,
        prop=font(9.5),
    )
    return figure


def _places(count: int) -> Iterator[tuple[float, float]]:
    """Yield the bottom and height of each panel, from the top, in parts of the figure."""
    height = (_TOP - _BOTTOM - (count - 1) * _BETWEEN) / count
    for number in range(count):
        yield _TOP - (number + 1) * height - number * _BETWEEN, height


def _draw_panel(axes: Axes, panel: Panel, curves: tuple[Curve, ...], label: str) -> dict[str, Any]:
    """Draw the traces of a panel; return what its colours mean."""
    axis = flux_axis(curves)
    power = math.floor(math.log10(max(-axis.lowest, axis.highest))) if axis.linear_below is None else 0
    scale = 10.0**-power
    first, last = drawn = wavelength_range(panel)
    pixel = max(last - first, 1e-6) / _COLUMNS
    key: dict[str, Any] = {}
    if any(np.isfinite(curve.error).any() for curve in curves):
        key["band"] = Patch(color=_BAND, label="± 1 sigma")
    if binned := [curve for curve in curves if curve.is_binned]:
        columns, low, high = (_joined(binned, name) for name in ("columns", "lowest", "highest"))
        axes.fill_between(columns, low * scale, high * scale, color=_EXTREMES, linewidth=0.4, step="mid", zorder=2)
        key["extremes"] = Patch(color=_EXTREMES, label="range of elements")
    _draw_curves(axes, curves, scale, _LINES, width=1.1)
    _scale_axis(axes, axis, scale)
    axes.set_xlim(first - 10 * pixel, last + 10 * pixel)
    key |= mark_airglow(axes, panel, drawn) | mark_unknown(axes, panel) | mark_flags(axes, panel, pixel)
    mark_cut_tips(axes, curves, axis, scale)
    axes.axhline(0, color=FRAME, linewidth=0.6, zorder=1)
    axes.set_ylabel(label.format(power=_power_of_ten(power)), color=INK, fontproperties=font(13))
    title = " · ".join(filter(None, (panel.label, _averaged(curves))))
    axes.set_title(title, loc="right", y=1.0, pad=4, color=INK, fontproperties=font(11), parse_math=False)
    _dress(axes)
    return key


def _averaged(curves: tuple[Curve, ...]) -> str:
    """Say how many samples a point of the line stands for, as most samples are drawn."""
    counts = np.sort(np.concatenate([curve.count for curve in curves]))
    upwards = np.cumsum(counts)
    usual = int(counts[np.searchsorted(upwards, upwards[-1] / 2)])
    return f"mean of {usual} samples, of fewer in lines" if usual > 1 else ""


def _scale_axis(axes: Axes, axis: FluxAxis, scale: float) -> None:
    if axis.linear_below is not None:
        axes.set_yscale("symlog", linthresh=axis.linear_below * scale, linscale=0.5)
    else:
        axes.ticklabel_format(useOffset=False)
    axes.set_ylim(axis.lowest * scale, axis.highest * scale)


def _joined(curves: Sequence[Curve], name: str) -> Values:
    """Put values of all curves behind each other, with a gap after each: one artist draws them sooner than many."""
    return np.concatenate([np.append(getattr(curve, name), np.nan) for curve in curves])


def _draw_curves(axes: Axes, curves: Sequence[Curve], scale: float, colours: Sequence[str], width: float) -> None:
    """Draw the flux in its error band; colours take turns."""
    wavelength, flux, error = (_joined(curves, name) for name in ("wavelength", "flux", "error"))
    low, high = (flux - error) * scale, (flux + error) * scale
    axes.fill_between(wavelength, low, high, color=_BAND, linewidth=0, zorder=3)
    for number, colour in enumerate(colours):
        chosen = curves[number :: len(colours)]
        if chosen:
            x, y = _joined(chosen, "wavelength"), _joined(chosen, "flux") * scale
            axes.plot(x, y, color=colour, linewidth=width, linestyle="-", marker="", zorder=4)


def _draw_strip(axes: Axes, curves: tuple[Curve, ...]) -> None:
    """Draw the signal to noise of a resolution element below the flux."""
    values = _joined(curves, "signal_to_noise")
    height = np.nan_to_num(values)  # in one piece: matplotlib takes long for many
    axes.fill_between(_joined(curves, "columns"), 0, height, color=_STRIP, linewidth=0, step="mid", zorder=2)
    axes.set_ylim(0, 1.15 * max(float(np.nanpercentile(values, 99.5)), 1.0))
    axes.set_ylabel("S/N", color=INK, fontproperties=font(11))
    axes.locator_params(axis="y", nbins=3)
    axes.set_title("", y=1.0)  # matplotlib need not look for its place
    _dress(axes)


def _dress(axes: Axes) -> None:
    axes.grid(visible=True, color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=11, labelcolor=INK, color=FRAME, direction="in", top=True, right=True)


def _small_figure(spectrum: Spectrum, size: int) -> Figure:
    """Draw all segments, or one exposure, in one pair of axes without words, which could not be read."""
    figure = new_figure(size, size)
    axes = figure.add_axes((0.03, 0.03, 0.94, 0.94))
    panels = spectrum.panels if spectrum.instrument == "COS" else spectrum.panels[:1]
    curves = [curve for panel in panels for curve in curves_of(panel, size // len(panels))]
    axis = flux_axis(curves)
    scale = 1 / (axis.highest - axis.lowest)
    _draw_curves(axes, curves, scale, _LINES[:1], width=0.7)
    _scale_axis(axes, axis, scale)
    axes.margins(x=0.01)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_yticks([], minor=True)
    return figure


def _power_of_ten(power: int) -> str:
    """Write a factor such as 10⁻¹⁵; nothing for 1."""
    digits = str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{digits} " if power else ""
