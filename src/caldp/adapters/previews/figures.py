"""Figures with matplotlib's objects: nothing of matplotlib's global state is touched."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from caldp.adapters.previews.metadata import Caption, printable, software, xmp
from caldp.adapters.support.partial import replacing

DRAWING: Final = threading.Lock()
"""To be held while anything is drawn: matplotlib's caches of fonts and paths are not made for several threads."""

INK, FRAME = "#202020", "#707070"
_DPI: Final = 100


def new_figure(width: int, height: int) -> Figure:
    """Make a white figure of so many pixels."""
    return Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor="white")


def font(size: float, weight: str = "normal") -> FontProperties:
    """Return the font of all words."""
    return FontProperties(family="DejaVu Sans", size=size, weight=weight)


def rendered(figure: Figure) -> Image.Image:
    """Turn a figure into a picture."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def save_png(picture: Image.Image, path: Path, caption: Caption) -> Path:
    """Write a picture with its words; it appears whole or not at all."""
    words = PngInfo()
    texts = {"Title": caption.title, "Description": caption.description, "Software": software(), **caption.facts}
    for name, text in texts.items():
        words.add_itxt(name, printable(text))
    words.add_itxt("XML:com.adobe.xmp", xmp(caption))
    with replacing(path) as unfinished:
        picture.save(unfinished, "PNG", pnginfo=words)
    return path
