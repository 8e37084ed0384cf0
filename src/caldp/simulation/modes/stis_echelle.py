"""Echelle spectra of STIS's MAMAs: two orders on the light of the simulated spectrum.

calstis takes a spectrum for one of an echelle when its tables have more than one order (``do1dx.c`` of calstis 3.5).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits

from caldp.simulation import fits_files
from caldp.simulation.modes.files import revise, switches
from caldp.simulation.modes.mode import Mode
from caldp.simulation.modes.stis import EXPOSURE, raw_exposure, without_association
from caldp.simulation.modes.stis_mama import CCD_KINDS, mama, mama_references, mama_rules

_ORDERS: Final = (10, 11)
_ROWS_APART: Final = 24.0
_PER_ORDER: Final = ("1dt", "1dx", "pht", "sdc", "iac")
"""Tables with rows of their own for each order."""


def _echelle(detector: str, grating: str, cenwave: int) -> Callable[[Path], None]:
    """Return the change into an echelle spectrum without a wavelength calibration."""

    def change(directory: Path) -> None:
        mama(detector, grating, cenwave)(directory)
        without_association(directory, "WAVECORR X2DCORR")
        revise(raw_exposure(directory), switches(omit="SC2DCORR"))

    return change


def _references(detector: str, grating: str, cenwave: int) -> Callable[[Path], None]:
    """Return what writes the reference files: the spectrum's own, with rows for each order."""
    write_spectrum = mama_references(detector, grating, cenwave)

    def write(directory: Path) -> None:
        write_spectrum(directory)
        for end in _PER_ORDER:
            path = directory / f"simccd_{end}.fits"
            with fits.open(path, memmap=False) as hdus:
                fits_files.write(path, [hdus[0], _per_order(hdus[1])])
        path = directory / "simccd_dsp.fits"
        with fits.open(path, memmap=False) as hdus:
            # The relation is one of order times wavelength, so that the first order has the spectrum's wavelengths.
            hdus[1].data["COEFF"][0][:3] /= np.array([1.0, _ORDERS[0], _ORDERS[0] ** 2])
            fits_files.write(path, hdus)

    return write


def _per_order(table: Any) -> Any:
    """Repeat the row of a table for each order, the next one above the one before."""
    rows = np.concatenate([table.data] * len(_ORDERS))
    repeated = fits.BinTableHDU(rows, header=table.header)
    for number, order in enumerate(_ORDERS):
        repeated.data["SPORDER"][number] = order
        if "A2CENTER" in repeated.columns.names:
            repeated.data["A2CENTER"][number] += number * _ROWS_APART
    return repeated


def _of(detector: str, grating: str, cenwave: int) -> Mode:
    change, references = _echelle(detector, grating, cenwave), _references(detector, grating, cenwave)
    return Mode(EXPOSURE, "stis", change, references, mama_rules(detector), CCD_KINDS)


MODES: Final = {
    "STIS FUV-MAMA E140M echelle": _of("FUV-MAMA", "E140M", 1425),
    "STIS NUV-MAMA E230M echelle": _of("NUV-MAMA", "E230M", 2707),
}
"""Modes by name."""
