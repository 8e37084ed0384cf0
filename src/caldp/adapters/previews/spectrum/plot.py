"""Plots of spectra."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from caldp.adapters.previews.metadata import printable
from caldp.adapters.previews.png import save_png
from caldp.adapters.previews.sheet import DRAWING, Box, Sheet, font, pixels
from caldp.adapters.previews.spectrum.binning import Curve, curves_of, wavelength_range
from caldp.adapters.previews.spectrum.caption import spectrum_caption
from caldp.adapters.previews.spectrum.key import Key, Meaning, draw_key
from caldp.adapters.previews.spectrum.marks import (
    hatch_unknown,
    mark_flags,
    name_airglow,
    shade_airglow,
    write_cut_tips,
)
from caldp.adapters.previews.spectrum.plane import Plane, scaled
from caldp.adapters.previews.spectrum.ranges import FluxAxis, flux_axis
from caldp.adapters.previews.spectrum.reading import Panel, Spectrum
from caldp.adapters.previews.spectrum.sensitivity import Values
from caldp.adapters.previews.spectrum.ticks import power_of_ten
from caldp.domain.output.previews import SPECTRUM_SIZE, PreviewRequest

_LINES: Final = ("#0b4f8a", "#2b8cbe")
"""Orders take turns, so that one can be told from the next."""
_BAND, _EXTREMES, _STRIP = "#f8cb98", "#dde5ed", "#9fb4c7"
_LEFT, _RIGHT, _TOP, _BOTTOM = (part * SPECTRUM_SIZE for part in (0.09, 0.975, 0.89, 0.065))
_BETWEEN: Final = 0.05 * SPECTRUM_SIZE
_TITLE, _SUBTITLE, _KEY = (part * SPECTRUM_SIZE for part in (0.968, 0.943, 0.937))
_STRIP_PART: Final = 0.16
_COLUMNS: Final = int(_RIGHT - _LEFT)
_LEAST_EXTENT: Final = 1e-3
"""Angstrom: axes do not show less, whose labels would have no room."""
_SMALL_MARGIN: Final = 0.03
_STRIP_INTERVALS: Final = 3
_TALLEST_STRIP: Final = 5
"""The strip holds the signal to noise of lines, up to so many times that of nearly all the rest."""


def draw_plots(spectrum: Spectrum, request: PreviewRequest, directory: Path) -> tuple[Path, ...]:
    """Draw a spectrum at full size and as a thumbnail; return the pictures."""
    with DRAWING:
        full = full_plot(spectrum, request.stem).picture()
        thumbnail = _small_plot(spectrum, request.thumbnail_size).picture()
    caption = spectrum_caption(spectrum, request)
    return (
        save_png(full, directory / request.full_name, caption),
        save_png(thumbnail, directory / request.thumbnail_name, caption),
    )


def full_plot(spectrum: Spectrum, title: str) -> Sheet:
    """Draw a panel below the other, each above its strip of signal to noise, with all that a reader needs."""
    sheet = Sheet(SPECTRUM_SIZE, SPECTRUM_SIZE)
    sheet.write(_LEFT, _TITLE, title, font(17, "bold"))
    sheet.write(_LEFT, _SUBTITLE, printable(spectrum.subtitle), font(11))
    key: dict[str, Meaning] = {"line": Meaning(_LINES[0], spectrum.quantity.lower(), "line")}
    quantity = f"{spectrum.quantity} ({{power}}{spectrum.unit})"
    for panel, (bottom, top) in zip(spectrum.panels, _places(len(spectrum.panels)), strict=True):
        curves = curves_of(panel, _COLUMNS)
        has_strip = any(np.isfinite(curve.signal_to_noise).any() for curve in curves)
        border = bottom + (_STRIP_PART * (top - bottom) if has_strip else 0.0)
        box = Box(_LEFT, border, _RIGHT, top)
        plane, meanings = _draw_panel(sheet, box, panel, curves, quantity, has_labels=not has_strip)
        key |= meanings
        if has_strip:
            plane = _draw_strip(sheet, Box(_LEFT, bottom, _RIGHT, border), plane, curves)
            key["strip"] = Meaning(_STRIP, f"S/N of an element ({panel.traces[0].element} samples)")
    plane.name_wavelengths(sheet)
    draw_key(sheet, key.values(), _LEFT, _KEY)
    return sheet


def _places(count: int) -> Iterator[tuple[float, float]]:
    """Yield the bottom and top of each panel, pixels."""
    height = (_TOP - _BOTTOM - (count - 1) * _BETWEEN) / count
    for number in range(count):
        top = _TOP - number * (height + _BETWEEN)
        yield top - height, top


def _draw_panel(
    sheet: Sheet, box: Box, panel: Panel, curves: tuple[Curve, ...], quantity: str, *, has_labels: bool
) -> tuple[Plane, Key]:
    """Draw the traces of a panel; return where they are, and what their colours mean."""
    axis = flux_axis(curves)
    power = math.floor(math.log10(max(-axis.lowest, axis.highest))) if axis.linear_below is None else 0
    scale = 10.0**-power
    first, last = drawn = wavelength_range(panel)
    extent = max(last - first, _LEAST_EXTENT) if last > first else 1.0
    pixel, middle = extent / _COLUMNS, (first + last) / 2
    plane = Plane(box, middle - extent / 2 - 10 * pixel, middle + extent / 2 + 10 * pixel, scaled(axis, scale))
    plane.draw_axes(sheet, quantity.format(power=f"{power_of_ten(power)} " if power else ""), 13, has_labels=has_labels)
    key = {**shade_airglow(sheet, plane, panel, drawn), **hatch_unknown(sheet, plane, panel)}
    plane.draw_zero(sheet)
    if binned := [curve for curve in curves if curve.is_binned]:
        columns, low, high = (_joined(binned, name) for name in ("columns", "lowest", "highest"))
        areas = plane.areas(columns, low * scale, high * scale, in_steps=True)
        sheet.fill(areas, _EXTREMES, edge=0.4, within=box)
        key["extremes"] = Meaning(_EXTREMES, "range of elements")
    plane.draw_frame(sheet)
    if any(np.isfinite(curve.error).any() for curve in curves):
        key["band"] = Meaning(_BAND, "± 1 sigma")
    _draw_curves(sheet, plane, curves, scale, _LINES, width=1.1)
    key |= mark_flags(sheet, plane, panel, pixel)
    name_airglow(sheet, plane, panel, drawn)
    write_cut_tips(sheet, plane, curves, scale)
    title = " · ".join(filter(None, (panel.label, _averaged(curves))))
    sheet.write(box.right, box.top + pixels(4), title, font(11), across="right")
    order = ("band", "extremes", "airglow", "unknown", "flag")
    return plane, {name: key[name] for name in order if name in key}


def _averaged(curves: tuple[Curve, ...]) -> str:
    """Say how many samples a point of the line stands for, as most samples are drawn."""
    counts = np.sort(np.concatenate([curve.count for curve in curves]))
    upwards = np.cumsum(counts)
    usual = int(counts[np.searchsorted(upwards, upwards[-1] / 2)])
    return f"mean of {usual} samples, of fewer in lines" if usual > 1 else ""


def _joined(curves: Sequence[Curve], name: str) -> Values:
    """Put values of all curves behind each other, with a gap after each: to draw one is sooner done than many."""
    return np.concatenate([np.append(getattr(curve, name), np.nan) for curve in curves])


def _draw_curves(
    sheet: Sheet, plane: Plane, curves: Sequence[Curve], scale: float, colours: Sequence[str], width: float
) -> None:
    """Draw the flux in its error band; colours take turns."""
    wavelength, flux, error = (_joined(curves, name) for name in ("wavelength", "flux", "error"))
    areas = plane.areas(wavelength, (flux - error) * scale, (flux + error) * scale)
    sheet.fill(areas, _BAND, within=plane.box)
    for number, colour in enumerate(colours):
        if chosen := curves[number :: len(colours)]:
            points = plane.line(_joined(chosen, "wavelength"), _joined(chosen, "flux") * scale)
            sheet.line(points, colour, width, within=plane.box, cap="projecting")


def _draw_strip(sheet: Sheet, box: Box, above: Plane, curves: tuple[Curve, ...]) -> Plane:
    """Draw the signal to noise of a resolution element below the flux; return where it is."""
    values = _joined(curves, "signal_to_noise")
    usual, greatest = float(np.nanpercentile(values, 99.5)), float(np.nanmax(values))
    axis = FluxAxis(0.0, 1.15 * max(min(greatest, _TALLEST_STRIP * usual), 1.0))
    plane = Plane(box, above.first, above.last, axis)
    plane.draw_axes(sheet, "S/N", 11, has_labels=True, most=_STRIP_INTERVALS)
    columns = _joined(curves, "columns")
    height = np.nan_to_num(values)  # in one piece: a column that stands alone is as wide as the others
    sheet.fill(plane.areas(columns, 0 * columns, height, in_steps=True), _STRIP, within=box)
    plane.draw_frame(sheet)
    return plane


def _small_plot(spectrum: Spectrum, size: int) -> Sheet:
    """Draw all segments, or one exposure, in one rectangle without words, which could not be read."""
    sheet = Sheet(size, size)
    panels = spectrum.panels if spectrum.instrument == "COS" else spectrum.panels[:1]
    curves = [curve for panel in panels for curve in curves_of(panel, size // len(panels))]
    axis = flux_axis(curves)
    scale = 1 / (axis.highest - axis.lowest)
    wavelength = np.concatenate([curve.wavelength[curve.count > 0] for curve in curves])
    first, last = float(wavelength.min()), float(wavelength.max())
    margin = 0.01 * (last - first) or 1.0
    box = Box(_SMALL_MARGIN * size, _SMALL_MARGIN * size, (1 - _SMALL_MARGIN) * size, (1 - _SMALL_MARGIN) * size)
    plane = Plane(box, first - margin, last + margin, scaled(axis, scale))
    plane.draw_frame(sheet)
    _draw_curves(sheet, plane, curves, scale, _LINES[:1], width=0.7)
    return sheet
