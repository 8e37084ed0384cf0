"""Images as plain values that a page's script reads."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from caldp.domain.report.image import ChipPlace, ImageValues, SkyGrid


def pixel_data(image: ImageValues) -> dict[str, Any]:
    """Return an image as plain data: its values in base64, the place of its chips, and of these in the sky."""
    return {
        "width": image.width,
        "height": image.height,
        "step": image.step,
        "unit": image.unit,
        "values": b64encode(image.values).decode(),
        "chips": [_chip(chip) for chip in image.chips],
    }


def scale_texts(image: ImageValues) -> tuple[str, ...]:
    """Return the values along the colour bar, from black to white."""
    return tuple(f"{value:.3g}" for value in image.scale)


def _chip(chip: ChipPlace) -> dict[str, Any]:
    return {
        "name": chip.name,
        "bottom": chip.bottom,
        "height": chip.height,
        "sky": None if chip.sky is None else _sky(chip.sky),
    }


def _sky(sky: SkyGrid) -> dict[str, Any]:
    """Return a grid of places; offsets to a hundredth of a milliarcsecond."""
    return {
        "centre": sky.centre,
        "columns": sky.columns,
        "rows": sky.rows,
        "offsets": [(round(east, 5), round(north, 5)) for east, north in sky.offsets],
    }
