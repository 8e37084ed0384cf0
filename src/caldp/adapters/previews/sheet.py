"""White sheets on which plots are drawn, pixel by pixel, with matplotlib's Agg renderer.

No figure and no axes are made: these are for plots that are looked at and changed, and cost several times as much as
drawing a plot once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
from attrs import frozen
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Bbox, IdentityTransform
from numpy.typing import NDArray
from PIL import Image

DRAWING: Final = threading.Lock()
"""To be held while anything is drawn: matplotlib's caches of fonts and paths are not made for several threads."""

INK, FRAME = "#202020", "#707070"
DPI: Final = 100

_ASCENT, _DESCENT = 1556 / 2048, 492 / 2048
"""Heights of a line above and below its base, in sizes of the font: DejaVu's table ``OS/2``."""

Points = NDArray[np.float64]
"""Places in pixels from the lower left corner, of shape (number, 2); NaN where a line has a gap."""

Across = Literal["left", "center", "right"]
Up = Literal["top", "middle", "base", "bottom"]


@lru_cache
def font(size: float, weight: str = "normal") -> FontProperties:
    """Return the font of all words, of a size in points."""
    return FontProperties(family="DejaVu Sans", size=size, weight=weight)


def pixels(points: float) -> float:
    """Convert a length in points to pixels."""
    return points * DPI / 72


@frozen
class Box:
    """Rectangle on a sheet, in pixels from the lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Width, pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height, pixels."""
        return self.top - self.bottom

    @property
    def corners(self) -> Points:
        """All corners, the first one again at the end."""
        rights = (self.left, self.right, self.right, self.left, self.left)
        return np.column_stack((rights, (self.bottom, self.bottom, self.top, self.top, self.bottom)))


class Sheet:
    """A sheet to draw on. What is drawn later lies above.

    Widths of lines are in points, and all that has a ``within`` is cut off at that box.

    Parameters
    ----------
    width, height
        Of the sheet, pixels.

    Attributes
    ----------
    words
        All that was written, in order.
    """

    def __init__(self, width: int, height: int) -> None:
        self._height = height
        self._renderer: Any = RendererAgg(width, height, DPI)  # type: ignore[no-untyped-call]
        self.words: list[str] = []
        self.fill([Box(0, 0, width, height).corners], "white")

    def fill(
        self, shapes: Sequence[Points], colour: str, *, alpha: float = 1.0, edge: float = 0.0, within: Box | None = None
    ) -> None:
        """Fill polygons, of which the last point is the first again, with edges of the same colour."""
        if shapes:
            self._draw(_closed(shapes), colour, edge, within, face=to_rgba(colour, alpha))

    def hatch(self, shape: Points, colour: str, *, within: Box | None = None) -> None:
        """Fill a polygon with slanting lines."""
        self._draw(_closed([shape]), colour, 0.0, within, hatch="///")

    def line(self, points: Points, colour: str, width: float, *, within: Box | None = None, cap: str = "butt") -> None:
        """Draw a line through points, of which pairs with a NaN are gaps."""
        self._draw(Path(points), colour, width, within, cap=cap)

    def _draw(
        self,
        path: Path,
        colour: str,
        width: float,
        within: Box | None,
        *,
        face: tuple[float, ...] | None = None,
        hatch: str = "",
        cap: str = "butt",
    ) -> None:
        context = self._context(colour, within)
        context.set_linewidth(width)
        context.set_joinstyle("miter" if face else "round")
        context.set_capstyle(cap)
        if hatch:
            context.set_hatch(hatch)
            context.set_hatch_color(to_rgba(colour))
        self._renderer.draw_path(context, path, IdentityTransform(), face)
        context.restore()

    def _context(self, colour: str, within: Box | None) -> Any:
        context = self._renderer.new_gc()
        context.set_foreground(to_rgba(colour), isRGBA=True)
        if within is not None:
            context.set_clip_rectangle(Bbox.from_extents(within.left, within.bottom, within.right, within.top))
        return context

    def write(
        self,
        x: float,
        y: float,
        words: str,
        face: FontProperties,
        *,
        across: Across = "left",
        up: Up = "base",
        turned: bool = False,
        behind: float | None = None,
        within: Box | None = None,
    ) -> Box:
        """Write a line of words at a place.

        Parameters
        ----------
        x, y
            Place, pixels.
        words
            The line; nothing in it is taken for mathematics.
        face
            Font.
        across, up
            Part of the words that is at the place. The middle is that of letters without descenders.
        turned
            True for words that run upwards; ``across`` then means the direction in which they run.
        behind
            Width in points of a pale margin behind the words; None for none.

        Returns
        -------
        Box
            Place that the line takes; of turned words, before they are turned.
        """
        self.words.append(words)
        width, height, below = self._renderer.get_text_width_height_descent(words, face, ismath=False)
        size = pixels(face.get_size_in_points())
        above, below = max(height - below, _ASCENT * size), max(below, _DESCENT * size)
        along = {"left": 0.0, "center": width / 2, "right": width}[across]
        raised = {"top": above, "middle": above / 2, "base": 0.0, "bottom": -below}[up]
        place = Box(x - along, y - raised - below, x - along + width, y - raised + above)
        if behind is not None:
            wide = pixels(behind)
            margin = Box(place.left - wide, place.bottom - wide, place.right + wide, place.top + wide)
            self.fill([margin.corners], "white", alpha=0.75, within=within)
        context = self._context(INK, within)
        start = (x + raised, y - along) if turned else (x - along, y - raised)
        angle = 90 if turned else 0
        self._renderer.draw_text(context, start[0], self._height - start[1], words, face, angle)
        context.restore()
        return place

    def width_of(self, words: str, face: FontProperties) -> float:
        """Return how wide a line of words is, pixels."""
        return float(self._renderer.get_text_width_height_descent(words, face, ismath=False)[0])

    def picture(self) -> Image.Image:
        """Return what was drawn."""
        return Image.fromarray(np.asarray(self._renderer.buffer_rgba())).convert("RGB")


def _closed(shapes: Sequence[Points]) -> Path:
    """Make one path of polygons."""
    ends = np.cumsum([len(shape) for shape in shapes])
    codes = np.full(ends[-1], Path.LINETO, dtype=Path.code_type)
    codes[0] = codes[ends[:-1]] = Path.MOVETO
    codes[ends - 1] = Path.CLOSEPOLY
    return Path(np.concatenate(shapes), codes)
