"""Marks of a plot that tell what is not the target, and what is not known. Each returns what its colour means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from caldp.adapters.previews.figures import INK, font
from caldp.adapters.previews.spectrum.binning import Curve
from caldp.adapters.previews.spectrum.ranges import (
    FluxAxis,
    airglow_stretches,
    cut_tips,
    flagged_stretches,
    unknown_stretches,
)
from caldp.adapters.previews.spectrum.reading import Panel

_FLAG, _AIRGLOW, _HATCH = "#c0392b", "#e4efe0", "#a0a0a0"
_MOST_TIPS: Final = 4
_BEHIND_WORDS: Final[dict[str, Any]] = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.8}


def mark_airglow(axes: Axes, panel: Panel, drawn: tuple[float, float]) -> dict[str, Any]:
    """Name the lines that the Earth's atmosphere emits."""
    stretches = airglow_stretches(panel, drawn)
    for name, begin, end in stretches:
        axes.axvspan(begin, end, color=_AIRGLOW, linewidth=0, zorder=1)
        middle = min(max((begin + end) / 2, drawn[0]), drawn[1])
        axes.text(
            middle, 0.985, f"⊕ {name}", transform=axes.get_xaxis_transform(), ha="center", va="top", color=INK,
            fontproperties=font(9), zorder=6, clip_on=True, bbox=_BEHIND_WORDS,
        )  # fmt: skip
    return {"airglow": Patch(color=_AIRGLOW, label="⊕ airglow")} if stretches else {}


def mark_unknown(axes: Axes, panel: Panel) -> dict[str, Any]:
    """Hatch where the sensitivity is not known, and so no flux."""
    stretches = unknown_stretches(panel)
    style: dict[str, Any] = {"facecolor": "none", "edgecolor": _HATCH, "hatch": "///", "linewidth": 0}
    for begin, end in stretches:
        axes.axvspan(begin, end, zorder=1, **style)
    return {"unknown": Patch(label="sensitivity unknown", **style)} if stretches else {}


def mark_flags(axes: Axes, panel: Panel, pixel: float) -> dict[str, Any]:
    """Mark where samples are flagged along the wavelength axis."""
    stretches = flagged_stretches(panel, pixel)
    place = axes.get_xaxis_transform()
    axes.broken_barh(stretches, (0, 0.018), transform=place, facecolor=_FLAG, linewidth=0, zorder=5)
    return {"flag": Patch(color=_FLAG, label="flagged")} if stretches else {}


def mark_cut_tips(axes: Axes, curves: Sequence[Curve], axis: FluxAxis, scale: float) -> None:
    """Write the flux of the tallest lines that go beyond the axis beside where they leave it."""
    tips = sorted(cut_tips(curves, axis), key=lambda tip: -tip[1])[:_MOST_TIPS]
    for wavelength, flux in tips:
        axes.text(
            wavelength, 0.94, f"▲ {flux * scale:.3g}", transform=axes.get_xaxis_transform(), ha="left", va="top",
            color=INK, fontproperties=font(9), zorder=6, clip_on=True,
        )  # fmt: skip
