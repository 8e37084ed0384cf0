"""The FITS table of what is plotted, as the archive offers it for COS."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from astropy.io import fits

from caldp.adapters.previews.spectrum.binning import curves_of
from caldp.adapters.previews.spectrum.ranges import flux_axis
from caldp.adapters.previews.spectrum.reading import Spectrum
from caldp.adapters.support.partial import replacing
from caldp.domain.output.previews import SPECTRUM_SIZE

_MASKED: Final = (1214.0, 1217.0)
"""Angstrom: the archive's tables mask Lyman alpha of the Earth's atmosphere."""

_FLUX: Final = "erg/s/cm**2/angstrom"
_COLUMNS: Final = (
    ("wls", ">f4", "angstrom"),
    ("fls", ">f8", _FLUX),
    ("flerrs", ">f8", _FLUX),
    ("dq_wgts", ">i2", ""),
    ("segment", "S4", ""),
    ("masked", ">i2", ""),
)
"""Name, type and unit of each column."""


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
    rows = np.empty(len(wavelength), dtype=[(name, kind) for name, kind, _ in _COLUMNS])
    rows["wls"], rows["fls"], rows["flerrs"], rows["dq_wgts"] = wavelength, flux, error, weight
    labels = np.array([trace.label for trace in traces], dtype=np.bytes_)
    rows["segment"] = np.repeat(labels, [len(trace.wavelength) for trace in traces])
    rows["masked"] = (wavelength >= _MASKED[0]) & (wavelength <= _MASKED[1])
    table = fits.BinTableHDU(rows)  # as it is: of columns astropy makes texts and bytes again, which takes longer
    for number, (_, _, unit) in enumerate(_COLUMNS, 1):
        if unit:
            table.header[f"TUNIT{number}"] = unit
    for panel in spectrum.panels:
        axis = flux_axis(curves_of(panel, SPECTRUM_SIZE))
        table.header[f"{panel.label}YMIN"] = (axis.lowest, f"Suggested lower end of the flux axis of {panel.label}")
        table.header[f"{panel.label}YMAX"] = (axis.highest, f"Suggested upper end of the flux axis of {panel.label}")
    primary = fits.PrimaryHDU()
    primary.header["ORIGFILE"] = (source, "File that the spectrum comes from")
    with replacing(path) as unfinished:
        fits.HDUList([primary, table]).writeto(unfinished, overwrite=True)
    return path
