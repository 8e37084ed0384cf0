"""Rectangles in which curves are drawn: wavelengths to the right, values upwards."""

from __future__ import annotations

from math import floor
from typing import Final

import numpy as np
from attrs import evolve, frozen

from caldp.adapters.previews.sheet import FRAME, Box, Points, Sheet, font, pixels
from caldp.adapters.previews.spectrum.ranges import FluxAxis
from caldp.adapters.previews.spectrum.sensitivity import Values
from caldp.adapters.previews.spectrum.ticks import Ticks, linear_ticks, logarithmic_ticks

_GRID: Final = "#e3e3e3"
_MOST_INTERVALS: Final = 9
_LABEL_SIZE, _NAME_SIZE = 11.0, 13.0
_TICK, _TO_LABEL, _TO_NAME = 3.5, 3.5, 4.0
"""Points: length of a tick; from the rectangle to the labels of its ticks; and from these to the axis's name."""
_FRAME_WIDTH, _GRID_WIDTH = 0.8, 0.6
_DASH: Final = np.array([(-2, 0), (2, 0), (np.nan, np.nan)])
"""Pixels: ends of a point that stands alone, and the gap after it."""
_FAR: Final = 1e6
"""Pixels: nothing is drawn farther away, where numbers would end."""


@frozen
class Plane:
    """A rectangle with its axes.

    Attributes
    ----------
    box
        Place on the sheet.
    first, last
        Ends of the wavelength axis, Angstrom.
    values
        Axis that goes upwards.
    """

    box: Box
    first: float
    last: float
    values: FluxAxis

    def x(self, wavelength: Values) -> Values:
        """Return places of wavelengths, in pixels from the left of the sheet."""
        return self.box.left + (wavelength - self.first) / (self.last - self.first) * self.box.width

    def y(self, value: Values) -> Values:
        """Return places of values, in pixels from the bottom of the sheet."""
        place = self.box.bottom + self.values.places(value) * self.box.height
        return np.clip(place, -_FAR, _FAR)

    def line(self, wavelength: Values, value: Values) -> Points:
        """Return places of the points of a line, pixels; one that stands alone is a dash, which can be seen."""
        points = np.column_stack((self.x(wavelength), self.y(value)))
        gap = np.pad(~np.isfinite(points).all(axis=1), 1, constant_values=True)
        alone = np.flatnonzero(~gap[1:-1] & gap[:-2] & gap[2:])
        dashes = np.repeat(points[alone], 3, axis=0) + np.tile(_DASH, (len(alone), 1))
        return np.concatenate((points, np.full((1, 2), np.nan), dashes)) if len(alone) else points

    def band(self, begin: float, end: float, *, part: float = 1.0) -> Box:
        """Return the place of a range of wavelengths, from the bottom up to a part of the height."""
        left, right = self.x(np.array([begin, end]))
        return Box(float(left), self.box.bottom, float(right), self.box.bottom + part * self.box.height)

    def areas(self, wavelength: Values, low: Values, high: Values, *, in_steps: bool = False) -> list[Points]:
        """Return the areas between two curves, one for each stretch without a gap.

        Parameters
        ----------
        wavelength, low, high
            Points of the curves; NaN in a gap.
        in_steps
            True for values that last until the middle between two points.
        """
        known = np.isfinite(low) & np.isfinite(high) & np.isfinite(wavelength)
        x, below, above = self.x(wavelength), self.y(low), self.y(high)
        edges = np.flatnonzero(np.diff(known.astype(np.int8), prepend=0, append=0))
        areas = []
        for start, stop in edges.reshape(-1, 2):
            part = slice(start, stop)
            along, bottom, top = x[part], below[part], above[part]
            if stop - start == 1:
                along, bottom, top = along + _DASH[:2, 0], np.repeat(bottom, 2), np.repeat(top, 2)
            if in_steps:
                middles = np.repeat((along[1:] + along[:-1]) / 2, 2)
                along = np.concatenate((along[:1], middles, along[-1:]))
                bottom, top = np.repeat(bottom, 2), np.repeat(top, 2)
            upper, lower = np.column_stack((along, top)), np.column_stack((along, bottom))[::-1]
            areas.append(np.concatenate((upper, lower, upper[:1])))
        return areas

    def draw_axes(self, sheet: Sheet, name: str, size: float, *, has_labels: bool, most: int | None = None) -> None:
        """Draw the grid, the ticks and their labels, and the name of the axis that goes upwards.

        Parameters
        ----------
        sheet
            The sheet to draw on.
        name, size
            The name, and its size in points, which is less where there is no room.
        has_labels
            True if the wavelength axis has labels.
        most
            Greatest number of intervals between the values that are labelled; None for as many as there is room for.
        """
        box, gap, label = self.box, pixels(_TO_LABEL), font(_LABEL_SIZE)
        sheet.fill([box.corners], "white")
        ticks = linear_ticks(self.first, self.last, self._intervals(box.width / 3))
        for place, words in zip(self.x(_values(ticks)), ticks, strict=True):
            self._draw_tick(sheet, float(place), upright=True)
            if has_labels:
                sheet.write(float(place), box.bottom - gap, words[1], label, across="center", up="top")
        ticks = self._value_ticks(most or self._intervals(box.height / 2))
        left = box.left
        for place, words in zip(self.y(_values(ticks)), ticks, strict=True):
            self._draw_tick(sheet, float(place), upright=False)
            written = sheet.write(box.left - gap, float(place), words[1], label, across="right", up="middle")
            left = min(left, written.left)
        middle = (box.bottom + box.top) / 2
        size *= min(1.0, 0.95 * box.height / sheet.width_of(name, font(size)))
        sheet.write(left - pixels(_TO_NAME), middle, name, font(size), across="center", up="bottom", turned=True)

    def name_wavelengths(self, sheet: Sheet) -> None:
        """Write the name of the wavelength axis below its labels."""
        below = self.box.bottom - pixels(_TO_LABEL) - pixels(_LABEL_SIZE) - pixels(_TO_NAME)
        middle = (self.box.left + self.box.right) / 2
        sheet.write(middle, below, "Wavelength (Å)", font(_NAME_SIZE), across="center", up="top")

    def draw_zero(self, sheet: Sheet) -> None:
        """Draw a line at zero."""
        y = float(self.y(np.array(0.0)))
        sheet.line(np.array([(self.box.left, y), (self.box.right, y)]), FRAME, _GRID_WIDTH, within=self.box)

    def draw_frame(self, sheet: Sheet) -> None:
        """Draw the edges of the rectangle."""
        corners = self.box.corners
        for side in (corners[[0, 3]], corners[[1, 2]], corners[[0, 1]], corners[[3, 2]]):
            sheet.line(side, "black", _FRAME_WIDTH, cap="projecting")

    def _draw_tick(self, sheet: Sheet, place: float, *, upright: bool) -> None:
        """Draw a line of the grid, and the ticks at its ends."""
        box, tick = self.box, pixels(_TICK)
        low, high = (box.bottom, box.top) if upright else (box.left, box.right)
        for ends, colour, width in (
            ((low, high), _GRID, _GRID_WIDTH),
            ((low, low + tick), FRAME, _FRAME_WIDTH),
            ((high - tick, high), FRAME, _FRAME_WIDTH),
        ):
            along, across = np.array(ends), np.full(2, place)
            sheet.line(np.column_stack((across, along) if upright else (along, across)), colour, width)

    def _value_ticks(self, most: int) -> Ticks:
        axis = self.values
        if axis.linear_below is None:
            return linear_ticks(axis.lowest, axis.highest, most)
        return logarithmic_ticks(axis.lowest, axis.highest, axis.linear_below)

    @staticmethod
    def _intervals(room: float) -> int:
        """Return how many intervals there is room for, if each takes one size of the labels."""
        return int(np.clip(floor(room / pixels(_LABEL_SIZE)), 1, _MOST_INTERVALS))


def scaled(axis: FluxAxis, scale: float) -> FluxAxis:
    """Return the axis of values that are so many times as great."""
    linear = None if axis.linear_below is None else axis.linear_below * scale
    return evolve(axis, lowest=axis.lowest * scale, highest=axis.highest * scale, linear_below=linear)


def _values(ticks: Ticks) -> Values:
    return np.array([value for value, _ in ticks], dtype=np.float64)
