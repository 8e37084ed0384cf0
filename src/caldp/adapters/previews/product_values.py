"""Values of products for pages, as plain numbers: samples of spectra, and shares of flags."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from caldp.domain.report.page import Curve, FlagShare

if TYPE_CHECKING:
    from caldp.adapters.previews.spectrum.reading import Trace

_BITS: Final = 15
"""Flags are powers of two up to 16384."""


class ProductValues:
    """Reads spectra of COS and STIS, and flags of all instruments; implements the port ProductReader."""

    def curves(self, path: Path) -> tuple[Curve, ...]:
        """Read the segments or orders of a file."""
        from caldp.adapters.previews.spectrum.reading import read_spectrum
        from caldp.adapters.previews.tools import NothingToDraw

        try:
            spectrum = read_spectrum(path)
        except (NothingToDraw, OSError, ValueError, KeyError, TypeError):
            return ()
        return tuple(_curve(trace, spectrum.unit) for panel in spectrum.panels for trace in panel.traces)

    def flags(self, path: Path) -> tuple[FlagShare, ...]:
        """Count the flags of a file."""
        from caldp.adapters.previews.tools import open_quietly
        from caldp.domain.hst.flag_names import flag_names

        try:
            with open_quietly(path) as hdus:
                header = hdus[0].header
                counts, total = _counted(hdus)
                names = flag_names(str(header.get("INSTRUME", "")), str(header.get("DETECTOR", "")))
        except (OSError, ValueError, KeyError, TypeError):
            return ()
        return tuple(
            FlagShare(flag, names.get(flag, ""), counts[flag] / total) for flag in sorted(counts) if counts[flag]
        )


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
