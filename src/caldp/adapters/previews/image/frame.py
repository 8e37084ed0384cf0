"""FITS image as one frame of pixels, read in blocks of rows from one chip or several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import define, field

from caldp.adapters.previews.image.chip import Chip, Pixels, find_chips
from caldp.adapters.previews.image.reading import open_contents
from caldp.adapters.previews.image.repair import WIDEST_GAP
from caldp.adapters.previews.image.sky_map import SkyMap
from caldp.domain.output.looks import counts_photons

_HELD_PIXELS: Final = 2**25
"""An image of up to so many pixels is kept in memory; a bigger one is read again for each pass over it."""

_BLOCK_PIXELS: Final = 2**20
_BLOCK_ROWS: Final = 8 * WIDEST_GAP
"""Blocks have about so many pixels, which caches can hold, but no fewer rows: gaps are closed across their edges."""


@define
class Frame:
    """An image to be drawn: one chip, or several of them, one above the other.

    Attributes
    ----------
    chips
        From the bottom to the top.
    primary
        Values of the primary header, by keyword.
    """

    chips: Sequence[Chip]
    primary: Mapping[str, Any]
    _held: Pixels | None = field(default=None, init=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return sum(chip.shape[0] for chip in self.chips), max(chip.shape[1] for chip in self.chips)

    @property
    def counts_photons(self) -> bool:
        """True if the detector counts single photons."""
        return counts_photons(str(self.primary.get("DETECTOR", "")))

    @property
    def factor(self) -> float:
        """Factor by which all pixels are multiplied."""
        return self.chips[0].sample.factor

    @property
    def sky_map(self) -> SkyMap | None:
        """Place of the lowest chip in the sky. Of what lies above it that is a little off."""
        return SkyMap.of(self.chips[0].science.header)

    @property
    def brightest(self) -> float:
        """Value of the brightest good pixel. Brighter ones (saturated stars) are shown and do not set the stretch."""
        return max(chip.brightest for chip in self.chips)

    def blocks(self, multiple: int = 1) -> Iterator[Pixels]:
        """Go through the image from the bottom row to the top.

        Parameters
        ----------
        multiple
            Each block but the last has a multiple of so many rows.

        Yields
        ------
        ndarray of float32
            Rows of the image; not to be changed. NaN where there is no data.
        """
        height, width = self.shape
        is_to_be_held = self._held is None and height * width <= _HELD_PIXELS
        held = np.empty((height, width), dtype=np.float32) if is_to_be_held else None
        for rows in self._row_ranges(multiple):
            block = self._get(rows)
            if held is not None:
                held[rows] = block
            yield block
        if held is not None:
            self._held = held

    def strips(self, multiple: int) -> Iterator[Pixels]:
        """Go through the image from the top row to the bottom.

        Parameters
        ----------
        multiple
            Each strip but the last has a multiple of so many rows.

        Yields
        ------
        ndarray of float32
            Rows of the image, the highest first; not to be changed. NaN where there is no data.
        """
        height = self.shape[0]
        for rows in self._row_ranges(multiple):
            yield self._get(slice(height - rows.stop, height - rows.start))[::-1]

    def _row_ranges(self, multiple: int) -> Iterator[slice]:
        height, width = self.shape
        step = -(-max(_BLOCK_PIXELS // width, _BLOCK_ROWS) // multiple) * multiple
        for start in range(0, height, step):
            yield slice(start, min(start + step, height))

    def _get(self, rows: slice) -> Pixels:
        return self._read(rows) if self._held is None else self._held[rows]

    def _read(self, rows: slice) -> Pixels:
        """Read rows of the chips that they belong to; beside a narrower chip there is no data."""
        parts, bottom, width = [], 0, self.shape[1]
        for chip in self.chips:
            top = bottom + chip.shape[0]
            first, last = max(rows.start, bottom), min(rows.stop, top)
            if first < last:
                part = chip.rows(first - bottom, last - bottom)
                beside = ((0, 0), (0, width - chip.shape[1]))
                parts.append(np.pad(part, beside, constant_values=np.nan) if beside[1][1] else part)
            bottom = top
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


@contextmanager
def open_frame(path: Path, smoothing: float = 0.0) -> Iterator[Frame]:
    """Open the image that a file holds.

    Parameters
    ----------
    path
        A FITS file, perhaps gzipped.
    smoothing
        Sigma of the Gaussian by which images of single photons are smoothed, pixels; 0 for none.

    Yields
    ------
    Frame
        To be used while the file is open.

    Raises
    ------
    NothingToDraw
        The file holds no image.
    OSError
        The file cannot be read, or is no FITS file.
    """
    with open_contents(path) as contents:
        is_counter = counts_photons(str(contents.primary.get("DETECTOR", "")))
        yield Frame(find_chips(contents, smoothing if is_counter else 0.0), contents.primary)
