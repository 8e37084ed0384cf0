"""Figures with matplotlib's objects: nothing of matplotlib's global state is touched."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from caldp.adapters.previews.sheet import DPI


def new_figure(width: int, height: int) -> Figure:
    """Make a white figure of so many pixels."""
    return Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="white")


def rendered(figure: Figure) -> Image.Image:
    """Turn a figure into a picture."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
