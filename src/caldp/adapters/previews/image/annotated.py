"""Annotated pictures: what an astronomer writes around an image before it is shown to others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, floor, log10, radians, sin, sinh
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from caldp.adapters.previews.figures import new_figure, rendered
from caldp.adapters.previews.image.caption import exposure_of, filter_of
from caldp.adapters.previews.image.chip import Pixels
from caldp.adapters.previews.image.frame import Frame
from caldp.adapters.previews.image.resize import average_squares
from caldp.adapters.previews.image.sky_map import SkyMap
from caldp.adapters.previews.image.stretch import Bytes, Limits, to_grey
from caldp.adapters.previews.metadata import Caption, printable
from caldp.adapters.previews.png import save_png
from caldp.adapters.previews.sheet import DRAWING, FRAME, INK, font
from caldp.domain.output.looks import Stretch

_LONGEST, _LEAST = 1000, 400
"""Pixels: the image is shrunk to so many on its longer side, or if it is small drawn with larger pixels."""
_LEAST_ARROW: Final = 22
_MARGIN, _HEAD, _FOOT, _SIDE = 40, 80, 60, 130
_FLAG: Final = np.array([255, 90, 0, 170], dtype=np.uint8)
_ON_IMAGE: Final = "#ffe27a"
_LEVELS: Final = 256

Toner = Callable[[Sequence[Pixels], Sequence[Limits]], Bytes]


def draw_annotated(
    frames: Sequence[Frame], limits: Sequence[Limits], tones: Toner, stretch: Stretch, caption: Caption, path: Path
) -> Path:
    """Draw a picture with compass, scale bar, filter, exposure, flags and, in grey, a bar of the values.

    Parameters
    ----------
    frames, limits
        The images, from blue to red, and the limits of the stretch of each.
    tones
        Stretches the same rows of all images.
    stretch
        Stretch of an image in grey.
    caption
        Words of the picture.
    path
        PNG to write.
    """
    side = -(-max(frames[0].shape) // _LONGEST)
    small = [np.concatenate([average_squares(block, side) for block in frame.blocks(side)]) for frame in frames]
    picture = tones(small, limits)
    height, width = picture.shape[:2]
    with DRAWING:
        zoom = max(_LEAST // max(width, height), 1)
        figure = new_figure(zoom * width + _MARGIN + _SIDE, zoom * height + _HEAD + _FOOT)
        axes = _axes(figure, zoom * width, zoom * height)
        if picture.ndim == 2:
            axes.imshow(picture, cmap="gray", vmin=0, vmax=255, origin="lower", interpolation="nearest")
            _draw_bar(figure, frames[0], limits[0], stretch, zoom * height)
        else:
            axes.imshow(picture[..., :3], origin="lower", interpolation="nearest")
        has_flags = _draw_flags(axes, frames, side, (height, width))
        sky_map = frames[0].sky_map
        if sky_map is not None:
            _draw_compass(axes, sky_map, width, height, _LEAST_ARROW / zoom)
            _draw_scale(axes, sky_map.scaled(1 / side), width, height)
        _write_words(figure, frames, caption, has_flags=has_flags)
        finished = rendered(figure)
    return save_png(finished, path, caption)


def _axes(figure: Figure, width: int, height: int) -> Axes:
    full_width, full_height = figure.get_size_inches() * figure.dpi
    place = (_MARGIN / full_width, _FOOT / full_height, width / full_width, height / full_height)
    axes = figure.add_axes(place)
    axes.set_xticks([])
    axes.set_yticks([])
    return axes


def _draw_bar(figure: Figure, frame: Frame, limits: Limits, stretch: Stretch, height: int) -> None:
    """Draw the grey of each value beside the picture."""
    white = limits.low + sinh(stretch.softening * stretch.white) / stretch.softening * (limits.high - limits.low)
    full_width, full_height = figure.get_size_inches() * figure.dpi
    left = (full_width - _SIDE + 15) / full_width
    axes = figure.add_axes((left, _FOOT / full_height, 18 / full_width, height / full_height))
    # As high as the grey is: equal steps of grey, and so uneven ones of the value.
    shades = np.arange(_LEVELS, dtype=np.uint8)[:, np.newaxis]
    axes.imshow(shades, cmap="gray", vmin=0, vmax=255, origin="lower", aspect="auto", extent=(0, 1, 0, 1))
    values = np.linspace(limits.low, white, 4096, dtype=np.float32)
    greys = to_grey(values[np.newaxis], limits, stretch)[0]
    places = np.linspace(0, 1, 6)
    shown = [float(values[min(int(np.searchsorted(greys, place * 255)), len(values) - 1)]) for place in places]
    axes.set_yticks(places, [f"{value / frame.factor:.3g}" for value in shown])
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.tick_params(labelsize=9, labelcolor=INK, color=FRAME)
    unit = frame.chips[0].science.header.get("BUNIT", "")
    figure.text(
        left,
        (_FOOT - 20) / full_height,
        printable(str(unit)).strip(),
        color=INK,
        fontproperties=font(9),
        parse_math=False,
    )


def _draw_flags(axes: Axes, frames: Sequence[Frame], side: int, shape: tuple[int, int]) -> bool:
    """Lay the flagged pixels of an exposure over it; tell whether there are any."""
    if len(frames) > 1:
        return False
    overlay = np.zeros((*shape, 4), dtype=np.uint8)
    bottom = 0
    for chip in frames[0].chips:
        for start in range(0, chip.shape[0], _LONGEST):
            rows, columns = np.nonzero(chip.is_flagged(start, min(start + _LONGEST, chip.shape[0])))
            overlay[(rows + start + bottom) // side, columns // side] = _FLAG
        bottom += chip.shape[0]
    axes.imshow(overlay, origin="lower", interpolation="nearest")
    return bool(overlay.any())


def _draw_compass(axes: Axes, sky_map: SkyMap, width: int, height: int, least: float) -> None:
    """Draw arrows to north and east, of some pixels at least."""
    length = max(0.08 * min(width, height), least)
    x, y = width - 2.2 * length, height - 2.2 * length
    style: dict[str, Any] = {"arrowstyle": "-|>", "color": _ON_IMAGE, "linewidth": 1.5}
    for name, angle in (("N", radians(sky_map.north)), ("E", radians(sky_map.east))):
        right, up = -sin(angle) * length, cos(angle) * length
        axes.annotate("", (x + right, y + up), (x, y), arrowprops=style)
        axes.text(
            x + 1.35 * right, y + 1.35 * up, name, color=_ON_IMAGE, ha="center", va="center", fontproperties=font(11)
        )


def _draw_scale(axes: Axes, sky_map: SkyMap, width: int, height: int) -> None:
    """Draw a bar of a round number of arcseconds, about a fifth of the picture."""
    arcseconds = 3600 * abs(sky_map.scale[0])
    wanted = 0.2 * width * arcseconds
    power = 10.0 ** floor(log10(wanted))
    round_one = max(step for step in (1, 2, 5) if step * power <= wanted) * power
    length = round_one / arcseconds
    x, y = 0.04 * width, 0.05 * height
    axes.plot((x, x + length), (y, y), color=_ON_IMAGE, linewidth=2, marker="", linestyle="-")
    label = f"{round_one:g} arcsec" if round_one < 60 else f"{round_one / 60:.3g} arcmin"
    axes.text(x, y + 0.012 * height, label, color=_ON_IMAGE, ha="left", va="bottom", fontproperties=font(11))
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(-0.5, height - 0.5)


def _write_words(figure: Figure, frames: Sequence[Frame], caption: Caption, *, has_flags: bool) -> None:
    """Write above the picture what it is of."""
    primary = frames[0].primary
    full_width, full_height = figure.get_size_inches() * figure.dpi
    seconds = exposure_of(primary)
    mode = (str(primary.get(name, "")).strip() for name in ("TARGNAME", "INSTRUME", "DETECTOR"))
    filters = [filter_of(frame.primary) for frame in frames]
    facts = [
        *mode,
        ", ".join(filter(None, filters)),
        f"{seconds:.0f} s" if seconds else "",
        str(primary.get("DATE-OBS", "")),
    ]
    left = _MARGIN / full_width
    lines = [(40, caption.title, font(15, "bold")), (18, printable(" · ".join(filter(None, facts))), font(10))]
    for above, text, face in lines:
        figure.text(left, 1 - (_HEAD - above) / full_height, text, color=INK, fontproperties=face, parse_math=False)
    if has_flags:
        note = "orange: flagged pixels, which previews fill in where they can"
        figure.text(left, 20 / full_height, note, color="#c04a00", fontproperties=font(9))
