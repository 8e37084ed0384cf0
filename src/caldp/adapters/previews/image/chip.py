"""One detector chip of an image: its pixels, with gaps closed and NaN where there is no data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from caldp.adapters.previews.image.reading import Contents, Image
from caldp.adapters.previews.image.repair import (
    WIDEST_COSMIC_RAY,
    WIDEST_GAP,
    Indices,
    close_gaps,
    on_sources,
    union,
)
from caldp.adapters.previews.image.sample import Sample, take_sample
from caldp.adapters.previews.image.smoothing import reach, smoothed
from caldp.adapters.previews.tools import NothingToDraw
from caldp.domain.hst.data_quality import COSMIC_RAYS, PixelFlag, image_defects

Pixels = NDArray[np.float32]


@frozen
class Chip:
    """One detector chip of an image: its pixels, and what tells the good ones from the bad.

    Attributes
    ----------
    science, weight, quality
        The pixels; the weight of each, of a drizzled image; the flags of each, of a single exposure.
    defects
        The flags of pixels that are to be repaired.
    faintest, brightest
        The range of the good pixels, as the calibration found it; infinite where it did not say.
    zero_is_blank
        True if a pixel of exactly zero has no data.
    sample
        Sky, noise, and the factor by which the pixels are multiplied.
    smoothing
        Sigma of the Gaussian by which they are smoothed, pixels; 0 for none.
    """

    science: Image
    weight: Image | None
    quality: Image | None
    defects: PixelFlag
    faintest: float
    brightest: float
    zero_is_blank: bool
    sample: Sample
    smoothing: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        height, width = self.science.shape[-2:]
        return height, width

    def rows(self, start: int, stop: int) -> Pixels:
        """Read rows, close gaps, and leave NaN where there is no data.

        Gaps of suspect pixels are closed too; where a suspect area is too wide for that, it is shown as it is, and so
        is the core of a star. Infinity stands for what was too bright for a number.
        """
        beyond = WIDEST_GAP + reach(self.smoothing)
        first, last = max(start - beyond, 0), min(stop + beyond, self.shape[0])
        pixels = self._read(first, last)
        flat = pixels.reshape(-1)
        blank, infinite = _not_finite(flat)
        flat[blank] = np.nan
        suspect = [infinite] if np.isinf(self.faintest) else [np.flatnonzero(flat < self.faintest), infinite]
        if self.quality is not None:
            rays, defects = _flagged(self.quality.rows(first, last), (COSMIC_RAYS, self.defects))
            close_gaps(pixels, union(blank, self._spoilt(pixels, rays)), WIDEST_COSMIC_RAY)
            blank = blank[np.isnan(flat[blank])]
            suspect.append(defects)
        empty = []
        if self.weight is not None:
            unseen = np.flatnonzero(self.weight.rows(first, last).astype(np.float32) == 0)
            suspect.append(unseen)
            empty.append(unseen[flat[unseen] == 0])
        if self.zero_is_blank:
            empty.append(np.flatnonzero(flat == 0))
        for zeros in empty:
            flat[zeros] = np.nan
        close_gaps(pixels, union(blank, *empty, self._spoilt(pixels, union(*suspect))))
        return smoothed(pixels, self.smoothing)[start - first : stop - first]

    def is_flagged(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Tell which pixels of some rows are flagged as spoilt, by the detector or by a cosmic ray."""
        flagged = np.zeros((stop - start, self.shape[1]), dtype=np.bool_)
        if self.quality is not None:
            for found in _flagged(self.quality.rows(start, stop), (COSMIC_RAYS, self.defects)):
                flagged.reshape(-1)[found] = True
        return flagged

    def _read(self, first: int, last: int) -> Pixels:
        rows = self.science.rows(first, last)
        if self.sample.factor != 1:
            rows = rows.astype(np.float64) * self.sample.factor
        return rows.astype(np.float32)

    def _spoilt(self, pixels: Pixels, suspect: Indices) -> Indices:
        """Leave out of suspect pixels those of sources."""
        if not suspect.size:
            return suspect
        return suspect[~on_sources(pixels, suspect, self.sample.sky, self.sample.noise)]


def _not_finite(flat: Pixels) -> tuple[Indices, Indices]:
    """Find NaN and negative infinity, and infinity.

    To look for an extreme is quicker, and says for most images that there are none.
    """
    none = np.empty(0, dtype=np.intp)
    if np.isfinite(flat.min()) and np.isfinite(flat.max()):
        return none, none
    found = np.flatnonzero(~np.isfinite(flat))
    is_bright = np.isposinf(flat[found])
    return found[~is_bright], found[is_bright]


def _flagged(quality: NDArray[Any], masks: Iterable[int]) -> list[Indices]:
    """Find the pixels that have any flag of each mask."""
    flags = quality.astype(quality.dtype.newbyteorder("=")).reshape(-1)
    most = np.iinfo(flags.dtype).max if flags.dtype.kind in "iu" else -1
    found = [int(mask) & most for mask in masks]
    of_any = np.flatnonzero((flags & (found[0] | found[1])) != 0)
    flags = flags[of_any]
    return [of_any[(flags & mask) != 0] for mask in found]


def find_chips(contents: Contents, smoothing: float = 0.0) -> list[Chip]:
    """Pick out the pixels: both chips of a two-chip camera, else the first image.

    The first SCI of an infrared ramp is its last read, so the first is the one with all the signal.

    Parameters
    ----------
    contents
        Contents of a FITS file.
    smoothing
        Sigma of the Gaussian by which the pixels are smoothed.
    """
    images = contents.images
    science = [image for image in images if image.name == "SCI"] or images[:1]
    if not science:
        raise NothingToDraw("there is no image in it, only tables or headers")
    chips = [image for image in science if "CCDCHIP" in image.header]
    if len({image.header["CCDCHIP"] for image in chips}) != len(science):
        chips = list(science[:1])
    chips.sort(key=lambda image: -int(image.header.get("CCDCHIP", 0)))  # chip 2 lies below chip 1
    companions = {(image.name, image.version): image for image in images}
    defects = image_defects(str(contents.primary.get("DETECTOR", "")))
    # fitscut takes every zero for blank, and draws the empty sky of photon counters (ACS/SBC) white. Weights and flags
    # know better; without any, a zero still means what drizzling fills in.
    zero_is_blank = {"WHT", "DQ"}.isdisjoint(contents.names)
    samples = [take_sample(image) for image in chips]
    factor = samples[0].factor
    samples = [evolve(sample, factor=factor) for sample in samples]  # one frame has one unit
    return [
        _chip(image, companions, defects=defects, zero_is_blank=zero_is_blank, sample=sample, smoothing=smoothing)
        for image, sample in zip(chips, samples, strict=True)
    ]


def _chip(science: Image, companions: Mapping[tuple[str, int], Image], *, sample: Sample, **others: Any) -> Chip:
    faintest, brightest = _good_range(science.header)
    return Chip(
        science=science,
        weight=_companion(companions, "WHT", science),
        quality=_companion(companions, "DQ", science),
        faintest=faintest * sample.factor,
        brightest=brightest * sample.factor,
        sample=sample,
        **others,
    )


def _companion(images: Mapping[tuple[str, int], Image], name: str, science: Image) -> Image | None:
    """Return the image of that name that belongs to a SCI image; None if there is none of its shape."""
    found = images.get((name, science.version))
    return found if found is not None and found.shape == science.shape else None


def _good_range(header: Mapping[str, Any]) -> tuple[float, float]:
    """Return the range of the good pixels; like fitscut, do not believe a lower end that is not negative."""
    faintest, brightest = header.get("GOODMIN"), header.get("GOODMAX")
    if not isinstance(faintest, int | float) or faintest >= 0:
        return -np.inf, np.inf
    return float(faintest), float(brightest) if isinstance(brightest, int | float) else np.inf
