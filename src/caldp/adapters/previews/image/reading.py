"""Images of a FITS file, however it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from caldp.adapters.previews.image.plain import plain_contents
from caldp.adapters.previews.tools import open_quietly
from caldp.adapters.support.plain_fits import Unordinary


class Image(Protocol):
    """Image HDU of two axes or more."""

    @property
    def name(self) -> str:
        """EXTNAME in upper case."""

    @property
    def version(self) -> int:
        """EXTVER."""

    @property
    def header(self) -> Mapping[str, Any]:
        """Values by keyword."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes, the fastest last."""

    def rows(self, first: int, last: int) -> NDArray[Any]:
        """Read rows of the first plane."""


@frozen
class Contents:
    """Contents of a FITS file that matter to a picture.

    Attributes
    ----------
    primary
        Values of the primary header, by keyword.
    names
        Names of all HDUs.
    images
        Those that hold pixels, of two axes or more.
    """

    primary: Mapping[str, Any]
    names: Sequence[str]
    images: Sequence[Image]


@frozen
class _AstropyImage:
    """Image that astropy reads: compressed, scaled, or of a file that is not quite as it should be."""

    name: str
    version: int
    header: Mapping[str, Any]
    shape: tuple[int, ...]
    _hdu: Any

    def rows(self, first: int, last: int) -> NDArray[Any]:
        planes = (0,) * (len(self.shape) - 2)
        rows: NDArray[Any] = np.asarray(self._hdu.section[(*planes, slice(first, last), slice(None))])
        return rows


@frozen
class _AstropyHeader(Mapping[str, Any]):
    """Header that astropy reads, in which a card that cannot be understood counts as missing: a picture needs none."""

    _header: Any

    def __getitem__(self, keyword: str) -> Any:
        from astropy.io.fits import VerifyError

        try:
            return self._header[keyword]
        except VerifyError as error:
            raise KeyError(keyword) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._header)

    def __len__(self) -> int:
        return len(self._header)


@contextmanager
def open_contents(path: Path) -> Iterator[Contents]:
    """Open a FITS file, perhaps gzipped.

    Yields
    ------
    Contents
        To be read while the file is open.

    Raises
    ------
    OSError
        If the file cannot be read, is no FITS file, or is cut off.
    """
    with path.open("rb", buffering=0) as file:
        try:
            primary, names, images = plain_contents(file)
        except Unordinary:
            pass
        else:
            yield Contents(primary, names, images)
            return
    with open_quietly(path) as hdus:
        yield Contents(
            _AstropyHeader(hdus[0].header),
            [hdu.name for hdu in hdus],
            [
                _AstropyImage(hdu.name, hdu.ver, _AstropyHeader(hdu.header), hdu.shape, hdu)
                for hdu in hdus
                if hdu.is_image and len(hdu.shape) >= 2 and hdu.size
            ],
        )
