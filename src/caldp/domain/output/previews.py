"""Previews to draw: their products, names and sizes.

The names are those of the archive's own previews. Sizes are those that public caldp asks of fitscut
(docs/reference/contracts/previews.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from attrs import frozen

from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import HstFileName
from caldp.domain.hst.filters import pivot_wavelength
from caldp.domain.hst.instrument import RECIPES, Instrument

THUMBNAIL_SIZE: Final = 128
"""Longest side of a thumbnail, pixels."""

SKYCELL_THUMBNAIL_SIZE: Final = 512
"""Longest side of the thumbnail of a multi-visit mosaic, pixels."""

SPECTRUM_SIZE: Final = 1024
"""Side of the square plot of a spectrum, pixels."""

JPEG_QUALITY: Final = 75

JPEG_LARGEST_SIDE: Final = 65500
"""Longest side that a JPEG can have, pixels (libjpeg's limit)."""

PREVIEWED_SUFFIXES: Final = MappingProxyType(
    {
        Instrument.ACS: frozenset({"crj", "drc", "drz", "flc", "flt", "raw"}),
        Instrument.WFC3: frozenset({"drc", "drz", "flc", "flt", "ima", "raw"}),
        Instrument.COS: frozenset({"x1d", "x1dsum", "x1dsum1", "x1dsum2", "x1dsum3", "x1dsum4"}),
        Instrument.STIS: frozenset({"sx1", "x1d"}),
    }
)
"""The suffixes of an exposure's or association's products that get a preview."""

_MOSAIC_SUFFIXES: Final = frozenset({"drc", "drz"})
_SPECTRUM_SUFFIXES: Final = PREVIEWED_SUFFIXES[Instrument.COS] | PREVIEWED_SUFFIXES[Instrument.STIS]
_INSTRUMENTS: Final = {recipe.letter: instrument for instrument, recipe in RECIPES.items()}
_SKYCELL: Final = "hst_skycell-"

_SVM_FILTER_PRODUCT: Final = re.compile(
    r"(?P<visit>hst_[0-9]{4,5}_[a-z0-9]{2})_(?P<instrument>acs|wfc3)_(?P<detector>[a-z]{2,4})"
    r"_(?P<filter>[a-z0-9-]+)_(?P<mosaic>[a-z0-9]{6})_(?P<suffix>dr[cz])"
)
_MVM_FILTER_PRODUCT: Final = re.compile(
    rf"(?P<visit>{_SKYCELL}p[0-9]{{4}}x[0-9]{{2}}y[0-9]{{2}})_(?P<instrument>acs|wfc3)_(?P<detector>[a-z]{{2,4}})"
    r"_(?P<filter>[a-z0-9-]+)_(?P<mosaic>(?:coarse-|fine-)?all)_(?P<suffix>dr[cz])"
)


class PreviewKind(Enum):
    """Kind of a picture."""

    IMAGE = "image"
    COLOUR = "colour image"
    SPECTRUM = "spectrum"


@frozen
class PreviewRequest:
    """One product, or one set of products, to be drawn at full size and as a thumbnail.

    Attributes
    ----------
    kind
        Kind of the picture.
    sources
        The product; of a colour picture two or three products, from the bluest to the reddest.
    stem
        Beginning of the names of the pictures.
    thumbnail_size
        Longest side of the thumbnail, pixels.
    """

    kind: PreviewKind
    sources: tuple[Path, ...]
    stem: str
    thumbnail_size: int = THUMBNAIL_SIZE

    @property
    def full_name(self) -> str:
        """Name of the picture at full size."""
        return self.stem + self._extension

    @property
    def thumbnail_name(self) -> str:
        """Name of the small picture."""
        return f"{self.stem}_thumb{self._extension}"

    @property
    def annotated_name(self) -> str:
        """Name of the annotated picture of an image, which only those get who ask for it."""
        return f"{self.stem}_annotated.png"

    @property
    def table_name(self) -> str:
        """Name of the FITS table of what was plotted, which only spectra of COS have."""
        return f"{self.stem}_prev.fits"

    @property
    def _extension(self) -> str:
        return ".png" if self.kind is PreviewKind.SPECTRUM else ".jpg"


def plan_previews(products: Iterable[Path]) -> tuple[PreviewRequest, ...]:
    """List the pictures that the pipeline draws from these products.

    Parameters
    ----------
    products
        Any files; only their names are looked at. Those of which no preview is wanted are passed over.

    Returns
    -------
    tuple of PreviewRequest
        Single products in the order of their names, then the colour pictures of visits and sky cells.
    """
    wanted = sorted((path for path in products if is_previewed(path.name)), key=lambda path: path.name)
    return (*map(single_preview, wanted), *_colour_previews(wanted))


def is_previewed(name: str) -> bool:
    """Tell whether the pipeline draws a preview of a product of this name (docs/reference/contracts/previews.md)."""
    plain = name.removesuffix(".gz")
    if plain.startswith("hst_") and plain.endswith(".fits"):
        return _suffix(plain) in _MOSAIC_SUFFIXES
    parsed = HstFileName.parse(plain)
    if parsed is None or parsed.root[0] not in _INSTRUMENTS:
        return False
    return parsed.suffix in PREVIEWED_SUFFIXES[_INSTRUMENTS[parsed.root[0]]]


def usual_kind(dataset: AnyDataset) -> PreviewKind:
    """Return the kind of most pictures that are drawn of such a dataset's products."""
    is_spectral = not dataset.is_mosaic and PREVIEWED_SUFFIXES[dataset.instrument] <= _SPECTRUM_SUFFIXES
    return PreviewKind.SPECTRUM if is_spectral else PreviewKind.IMAGE


def single_preview(product: Path) -> PreviewRequest:
    """Return the request to draw one product, whatever its name: as a spectrum if its suffix says so, or an image."""
    stem = _stem(product.name)
    kind = PreviewKind.SPECTRUM if _suffix(product.name) in _SPECTRUM_SUFFIXES else PreviewKind.IMAGE
    size = SKYCELL_THUMBNAIL_SIZE if stem.startswith(_SKYCELL) else THUMBNAIL_SIZE
    return PreviewRequest(kind, (product,), stem, size)


def _stem(name: str) -> str:
    return name.partition(".")[0]


def _suffix(name: str) -> str:
    return _stem(name).rpartition("_")[2]


@frozen
class _FilterImage:
    """An image through one filter: what a colour picture is composed of."""

    path: Path
    pivot: float
    visit: str
    instrument: str
    detector: str
    mosaic: str
    suffix: str

    @property
    def pixel_grid(self) -> tuple[str, ...]:
        """Images of one grid lie pixel on pixel.

        In a visit that holds for each detector; in a sky cell for each pixel scale, whatever the detector.
        """
        grid = (self.visit, self.mosaic)
        return grid if self.visit.startswith(_SKYCELL) else (*grid, self.instrument, self.detector)


def _colour_previews(products: Iterable[Path]) -> tuple[PreviewRequest, ...]:
    """Compose colour pictures of what lies on one pixel grid in two or more filters."""
    grids: dict[tuple[str, ...], list[_FilterImage]] = {}
    for image in filter(None, map(_filter_image, products)):
        grids.setdefault(image.pixel_grid, []).append(image)
    pictures = (_by_wavelength(images) for _, images in sorted(grids.items()))
    return tuple(_colour_preview(images) for images in pictures if len(images) > 1)


def _filter_image(product: Path) -> _FilterImage | None:
    """Read the name of a product; None for what is no image through a filter of ACS or WFC3."""
    stem = _stem(product.name)
    match = _SVM_FILTER_PRODUCT.fullmatch(stem) or _MVM_FILTER_PRODUCT.fullmatch(stem)
    if match is None:
        return None
    names = match.groupdict()
    pivot = pivot_wavelength(names["instrument"], names.pop("filter"))
    return None if pivot is None else _FilterImage(path=product, pivot=pivot, **names)


def _by_wavelength(images: Iterable[_FilterImage]) -> list[_FilterImage]:
    """Order images from blue to red, one for each wavelength: of two, the one corrected for CTE (drc before drz)."""
    of_pivot: dict[float, _FilterImage] = {}
    for image in sorted(images, key=lambda image: (image.suffix, image.path.name)):
        of_pivot.setdefault(image.pivot, image)
    return [of_pivot[pivot] for pivot in sorted(of_pivot)]


def _colour_preview(images: list[_FilterImage]) -> PreviewRequest:
    """Take the bluest, the lower median and the reddest image; the reddest gives the picture its name."""
    blue, red = images[0], images[-1]
    green = [images[(len(images) - 1) // 2]] if len(images) > 2 else []
    name = "_".join((red.visit, red.instrument, red.detector, "total", red.mosaic, red.suffix, "color"))
    return PreviewRequest(
        PreviewKind.COLOUR,
        tuple(image.path for image in (blue, *green, red)),
        name,
        single_preview(red.path).thumbnail_size,
    )
