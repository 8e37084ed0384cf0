"""FITS image as one frame of pixels, read in blocks of rows from one chip or several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from caldp.adapters.previews.image.repair import WIDEST_COSMIC_RAY, WIDEST_GAP, replace_suspects
from caldp.adapters.previews.tools import NothingToDraw, open_quietly
from caldp.domain.hst.data_quality import COSMIC_RAYS, PixelFlag, image_defects

Pixels = NDArray[np.float32]

_HELD_PIXELS: Final = 2**25
"""An image of up to so many pixels is kept in memory; a bigger one is read again for each pass over it."""

_BLOCK_PIXELS: Final = 2**19
_BLOCK_ROWS: Final = 8 * WIDEST_GAP
"""Blocks have about so many pixels, which caches can hold, but no fewer rows: gaps are closed across their edges."""


@frozen
class Chip:
    """One detector chip of an image: its pixels, and what tells the good ones from the bad.

    Attributes
    ----------
    science, weight, quality
        The pixels; the weight of each, of a drizzled image; the flags of each, of a single exposure.
    shape
        Rows and columns.
    defects
        The flags of pixels that are to be repaired.
    faintest, brightest
        The range of the good pixels, as the calibration found it; infinite where it did not say.
    zero_is_blank
        True if a pixel of exactly zero has no data.
    """

    science: Any
    weight: Any
    quality: Any
    shape: tuple[int, int]
    defects: PixelFlag
    faintest: float
    brightest: float
    zero_is_blank: bool

    def rows(self, start: int, stop: int) -> Pixels:
        """Read rows, close gaps, and leave NaN where there is no data.

        Gaps of suspect pixels are closed too; where a suspect area is too wide for that, it is shown as it is.
        """
        first, last = max(start - WIDEST_GAP, 0), min(stop + WIDEST_GAP, self.shape[0])
        pixels = self._read(self.science, first, last).astype(np.float32)
        pixels[np.isinf(pixels)] = np.nan
        suspect = pixels < self.faintest
        if self.quality is not None:
            flags = self._read(self.quality, first, last)
            suspect |= (flags & self.defects) != 0
            replace_suspects(pixels, (flags & COSMIC_RAYS) != 0, WIDEST_COSMIC_RAY)
        if self.weight is not None:
            unseen = self._read(self.weight, first, last).astype(np.float32) == 0
            suspect |= unseen
            pixels[unseen & (pixels == 0)] = np.nan
        if self.zero_is_blank:
            pixels[pixels == 0] = np.nan
        replace_suspects(pixels, suspect)
        return pixels[start - first : stop - first]

    def _read(self, hdu: Any, first: int, last: int) -> NDArray[Any]:
        planes = (0,) * (len(hdu.shape) - 2)
        rows: NDArray[Any] = np.asarray(hdu.section[(*planes, slice(first, last), slice(None))])
        return rows


@define
class Frame:
    """An image to be drawn: one chip, or several of them, one above the other.

    Attributes
    ----------
    chips
        From the bottom to the top.
    """

    chips: Sequence[Chip]
    _held: Pixels | None = field(default=None, init=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return sum(chip.shape[0] for chip in self.chips), max(chip.shape[1] for chip in self.chips)

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
        if self._held is None and height * width <= _HELD_PIXELS:
            self._held = np.empty((height, width), dtype=np.float32)
            for rows in self._row_ranges(1):
                self._held[rows] = self._read(rows)
        for rows in self._row_ranges(multiple):
            yield self._read(rows) if self._held is None else self._held[rows]

    def _row_ranges(self, multiple: int) -> Iterator[slice]:
        height, width = self.shape
        step = -(-max(_BLOCK_PIXELS // width, _BLOCK_ROWS) // multiple) * multiple
        for start in range(0, height, step):
            yield slice(start, min(start + step, height))

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
def open_frame(path: Path) -> Iterator[Frame]:
    """Open the image that a file holds.

    Parameters
    ----------
    path
        A FITS file, perhaps gzipped.

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
    with open_quietly(path) as hdus:
        yield Frame(_find_chips(hdus))


def _find_chips(hdus: Any) -> list[Chip]:
    """Pick out the pixels: both chips of a two-chip camera, else the first image.

    The first SCI of an infrared ramp is its last read, so the first is the one with all the signal.
    """
    images = [hdu for hdu in hdus if hdu.is_image and len(hdu.shape) >= 2 and hdu.size]
    science = [hdu for hdu in images if hdu.name == "SCI"] or images[:1]
    if not science:
        raise NothingToDraw("there is no image in it, only tables or headers")
    chips = [hdu for hdu in science if "CCDCHIP" in hdu.header]
    if len({hdu.header["CCDCHIP"] for hdu in chips}) != len(science):
        chips = science[:1]
    chips.sort(key=lambda hdu: -int(hdu.header.get("CCDCHIP", 0)))  # the chip called 2 lies below the one called 1
    companions = {(hdu.name, hdu.ver): hdu for hdu in images}
    defects = image_defects(str(hdus[0].header.get("DETECTOR", "")))
    # fitscut takes every zero for blank, and draws the empty sky of photon counters (ACS/SBC) white. Weights and flags
    # know better; without any, a zero still means what drizzling fills in.
    zero_is_blank = not any(hdu.name in {"WHT", "DQ"} for hdu in hdus)
    return [_chip(hdu, companions, defects, zero_is_blank) for hdu in chips]


def _chip(science: Any, companions: Mapping[tuple[str, int], Any], defects: PixelFlag, zero_is_blank: bool) -> Chip:
    faintest, brightest = _good_range(science.header)
    return Chip(
        science=science,
        weight=_companion(companions, "WHT", science),
        quality=_companion(companions, "DQ", science),
        shape=science.shape[-2:],
        defects=defects,
        faintest=faintest,
        brightest=brightest,
        zero_is_blank=zero_is_blank,
    )


def _companion(images: Mapping[tuple[str, int], Any], name: str, science: Any) -> Any:
    """Return the image of that name that belongs to a SCI image; None if there is none of its shape."""
    found = images.get((name, science.ver))
    return found if found is not None and found.shape == science.shape else None


def _good_range(header: Mapping[str, Any]) -> tuple[float, float]:
    """Return the range of the good pixels; like fitscut, do not believe a lower end that is not negative."""
    faintest, brightest = header.get("GOODMIN"), header.get("GOODMAX")
    if not isinstance(faintest, int | float) or faintest >= 0:
        return -np.inf, np.inf
    return float(faintest), float(brightest) if isinstance(brightest, int | float) else np.inf
