"""Values of products for pages, as plain numbers: samples of spectra, images, shares of flags, header values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from caldp.adapters.support.foreign import reading_foreign
from caldp.domain.report.image import ImageValues
from caldp.domain.report.page import Curve, FlagShare
from caldp.domain.report.target import KEYWORDS

if TYPE_CHECKING:
    from caldp.adapters.previews.spectrum.reading import Trace

_BITS: Final = 15
"""Flags are powers of two up to 16384."""
_Result = TypeVar("_Result")


class ProductValues:
    """Reads spectra of COS and STIS, and images, flags and headers of all instruments; implements ProductReader."""

    def curves(self, path: Path) -> tuple[Curve, ...]:
        """Read the segments or orders of a file."""
        return _read(path, _curves) or ()

    def image(self, path: Path) -> ImageValues | None:
        """Read the image of a file."""
        from caldp.adapters.previews.image_values import read_image

        return _read(path, read_image)

    def flags(self, path: Path) -> tuple[FlagShare, ...]:
        """Count the flags of a file."""
        return _read(path, _flags) or ()

    def header(self, path: Path) -> Mapping[str, str]:
        """Read header values of a file."""
        return _read(path, _header) or {}


class _Unreadable(Exception):
    """File that cannot be read, or holds nothing of what was asked for."""


def _read(path: Path, read: Callable[[Path], _Result]) -> _Result | None:
    """Read a file; return None if that cannot be done."""
    try:
        with reading_foreign(_Unreadable):
            return read(path)
    except _Unreadable:
        return None


def _curves(path: Path) -> tuple[Curve, ...]:
    from caldp.adapters.previews.spectrum.reading import read_spectrum

    spectrum = read_spectrum(path)
    return tuple(_curve(trace, spectrum.unit) for panel in spectrum.panels for trace in panel.traces)


def _flags(path: Path) -> tuple[FlagShare, ...]:
    from caldp.adapters.previews.tools import open_quietly
    from caldp.domain.hst.flag_names import flag_names

    with open_quietly(path) as hdus:
        header = hdus[0].header
        counts, total = _counted(hdus)
        names = flag_names(str(header.get("INSTRUME", "")), str(header.get("DETECTOR", "")))
    return tuple(FlagShare(flag, names.get(flag, ""), counts[flag] / total) for flag in sorted(counts) if counts[flag])


def _header(path: Path) -> dict[str, str]:
    from caldp.adapters.previews.tools import open_quietly

    with open_quietly(path) as hdus:
        headers = [hdu.header for hdu in hdus[:2]]
        found = {keyword: [header[keyword] for header in headers if keyword in header] for keyword in KEYWORDS}
    return {keyword: str(values[0]) for keyword, values in found.items() if values}


def _counted(hdus: Any) -> tuple[dict[int, int], int]:
    """Count the values with each flag, and all values."""
    import numpy as np

    counts: dict[int, int] = {}
    total = 0
    for hdu in hdus:
        names = getattr(getattr(hdu, "columns", None), "names", ())
        if "DQ" in names:
            found = np.asarray(hdu.data["DQ"])
        elif hdu.name == "DQ" and hdu.data is not None:
            found = np.asarray(hdu.data)
        else:
            continue
        if not np.issubdtype(found.dtype, np.integer):
            continue
        total += found.size
        for bit in range(_BITS):
            counts[1 << bit] = counts.get(1 << bit, 0) + int(np.count_nonzero(found & (1 << bit)))
    return counts, total


def _curve(trace: Trace, unit: str) -> Curve:
    import numpy as np

    trusted = np.isfinite(trace.flux) & ~trace.flagged & ~trace.unknown
    flux = tuple(float(value) if good else None for value, good in zip(trace.flux, trusted, strict=True))
    return Curve(trace.label, unit, tuple(float(value) for value in trace.wavelength), flux)
