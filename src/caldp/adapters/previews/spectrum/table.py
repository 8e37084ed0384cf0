"""The FITS table of what is plotted, as the archive offers it for COS."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from caldp.adapters.previews.spectrum.binning import curves_of
from caldp.adapters.previews.spectrum.ranges import flux_axis
from caldp.adapters.previews.spectrum.reading import Spectrum
from caldp.adapters.support.partial import replacing
from caldp.adapters.support.plain_fits import padded
from caldp.domain.output.previews import SPECTRUM_SIZE

_MASKED: Final = (1214.0, 1217.0)
"""Angstrom: the archive's tables mask Lyman alpha of the Earth's atmosphere."""

_FLUX: Final = "erg/s/cm**2/angstrom"
_COLUMNS: Final = (
    ("wls", ">f4", "E", "angstrom"),
    ("fls", ">f8", "D", _FLUX),
    ("flerrs", ">f8", "D", _FLUX),
    ("dq_wgts", ">i2", "I", ""),
    ("segment", "S4", "4A", ""),
    ("masked", ">i2", "I", ""),
)
"""Name, type for numpy and for FITS, and unit of each column."""


def write_table(spectrum: Spectrum, source: str, path: Path) -> Path:
    """Write the samples of all segments one after the other, with the archive's names of columns and keywords.

    Parameters
    ----------
    spectrum
        A spectrum of COS.
    source
        Name of the file that it comes from.
    path
        The table to write.
    """
    traces = [trace for panel in spectrum.panels for trace in panel.traces]
    wavelength, flux, error, weight = (
        np.concatenate([getattr(trace, name) for trace in traces])
        for name in ("wavelength", "flux", "error", "quality")
    )
    rows = np.empty(len(wavelength), dtype=[(name, kind) for name, kind, _, _ in _COLUMNS])
    rows["wls"], rows["fls"], rows["flerrs"], rows["dq_wgts"] = wavelength, flux, error, weight
    labels = np.array([trace.label for trace in traces], dtype=np.bytes_)
    rows["segment"] = np.repeat(labels, [len(trace.wavelength) for trace in traces])
    rows["masked"] = (wavelength >= _MASKED[0]) & (wavelength <= _MASKED[1])
    header = _header_of(rows)
    for panel in spectrum.panels:
        axis = flux_axis(curves_of(panel, SPECTRUM_SIZE))
        header[f"{panel.label}YMIN"] = (axis.lowest, f"Suggested lower end of the flux axis of {panel.label}")
        header[f"{panel.label}YMAX"] = (axis.highest, f"Suggested upper end of the flux axis of {panel.label}")
    primary = fits.PrimaryHDU().header
    primary["EXTEND"] = True
    primary["ORIGFILE"] = (source, "File that the spectrum comes from")
    content = rows.tobytes()
    with replacing(path) as unfinished:
        unfinished.write_bytes(
            primary.tostring().encode("ascii")
            + header.tostring().encode("ascii")
            + content.ljust(padded(len(content)), b"\0")
        )
    return path


def _header_of(rows: NDArray[np.void]) -> fits.Header:
    """Return the header that `astropy.io.fits.BinTableHDU` would make, and import `astropy.table` for it."""
    header = fits.Header(
        [
            ("XTENSION", "BINTABLE", "binary table extension"),
            ("BITPIX", 8, "array data type"),
            ("NAXIS", 2, "number of array dimensions"),
            ("NAXIS1", rows.itemsize, "length of dimension 1"),
            ("NAXIS2", len(rows), "length of dimension 2"),
            ("PCOUNT", 0, "number of group parameters"),
            ("GCOUNT", 1, "number of groups"),
            ("TFIELDS", len(_COLUMNS), "number of table fields"),
        ]
    )
    for number, (name, _, layout, _) in enumerate(_COLUMNS, 1):
        header[f"TTYPE{number}"], header[f"TFORM{number}"] = name, layout
    for number, (_, _, _, unit) in enumerate(_COLUMNS, 1):
        if unit:
            header[f"TUNIT{number}"] = unit
    return header
