"""Marks of a plot that tell what is not the target, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from caldp.adapters.previews.sheet import Sheet, font
from caldp.adapters.previews.spectrum.binning import Curve
from caldp.adapters.previews.spectrum.key import Key, Meaning
from caldp.adapters.previews.spectrum.plane import Plane
from caldp.adapters.previews.spectrum.ranges import (
    airglow_stretches,
    cut_tips,
    flagged_stretches,
    unknown_stretches,
)
from caldp.adapters.previews.spectrum.reading import Panel

_FLAG, _AIRGLOW, _HATCH = "#c0392b", "#e4efe0", "#a0a0a0"
_FLAG_HEIGHT: Final = 0.018
_NAME_HEIGHT, _TIP_HEIGHT = 0.985, 0.94
_MOST_TIPS: Final = 4


def shade_airglow(sheet: Sheet, plane: Plane, panel: Panel, drawn: tuple[float, float]) -> Key:
    """Shade the lines that the Earth's atmosphere emits; return the meaning of the colour."""
    stretches = airglow_stretches(panel, drawn)
    for _, begin, end in stretches:
        sheet.fill([plane.band(begin, end).corners], _AIRGLOW, within=plane.box)
    return {"airglow": Meaning(_AIRGLOW, "⊕ airglow")} if stretches else {}


def name_airglow(sheet: Sheet, plane: Plane, panel: Panel, drawn: tuple[float, float]) -> None:
    """Write the names of the lines that the Earth's atmosphere emits."""
    y = plane.box.bottom + _NAME_HEIGHT * plane.box.height
    for name, begin, end in airglow_stretches(panel, drawn):
        x = float(plane.x(np.clip((begin + end) / 2, *drawn)))
        sheet.write(x, y, f"⊕ {name}", font(9), across="center", up="top", behind=0.8, within=plane.box)


def hatch_unknown(sheet: Sheet, plane: Plane, panel: Panel) -> Key:
    """Hatch where the sensitivity is not known, and so no flux; return the meaning of the colour."""
    stretches = unknown_stretches(panel)
    for begin, end in stretches:
        sheet.hatch(plane.band(begin, end).corners, _HATCH, within=plane.box)
    return {"unknown": Meaning(_HATCH, "sensitivity unknown", "hatch")} if stretches else {}


def mark_flags(sheet: Sheet, plane: Plane, panel: Panel, pixel: float) -> Key:
    """Mark where samples are flagged along the wavelength axis; return the meaning of the colour."""
    stretches = flagged_stretches(panel, pixel)
    if not stretches:
        return {}
    marks = [plane.band(begin, begin + length, part=_FLAG_HEIGHT).corners for begin, length in stretches]
    sheet.fill(marks, _FLAG, within=plane.box)
    return {"flag": Meaning(_FLAG, "flagged")}


def write_cut_tips(sheet: Sheet, plane: Plane, curves: Sequence[Curve], scale: float) -> None:
    """Write the flux of the tallest lines that go beyond the axis beside where they leave it.

    Parameters
    ----------
    sheet, plane
        Sheet, and place on it.
    curves
        Curves of the panel.
    scale
        Factor from fluxes to values of the plane.
    """
    highest = plane.values.highest / scale
    tips = sorted(cut_tips(curves, highest), key=lambda tip: -tip[1])[:_MOST_TIPS]
    y = plane.box.bottom + _TIP_HEIGHT * plane.box.height
    for wavelength, flux in tips:
        x = float(plane.x(np.array(wavelength)))
        sheet.write(x, y, f"▲ {flux * scale:.3g}", font(9), up="top", within=plane.box)
