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
from caldp.simulation.modes.stis import DATASET, EXPOSURE, WAV, raw_exposure, without_association
from caldp.simulation.modes.stis_mama import CCD_KINDS, expose, mama, mama_references, mama_rules
from caldp.simulation.stis import model
from caldp.simulation.stis.images import SHIFT

_ORDERS: Final = (10, 11)
_ROWS_APART: Final = 24.0
_SLIT: Final = "0.2X0.2"
_SLIT_SIGMA: Final = 1.5
"""Rows that the light through a slit of that height covers, as a standard deviation."""
_GLOW: Final = 0.01
"""Counts per second and pixel beside the orders."""
_PER_ORDER: Final = ("1dt", "1dx", "pht", "sdc", "iac")
"""Tables with rows of their own for each order."""


def _echelle(detector: str, grating: str, cenwave: int) -> Callable[[Path], None]:
    """Return the change into an echelle spectrum without a wavelength calibration."""

    def change(directory: Path) -> None:
        mama(detector, grating, cenwave)(directory)
        without_association(directory, "WAVECORR X2DCORR")
        revise(raw_exposure(directory), switches(omit="SC2DCORR"))

    return change


def _with_wavecal(detector: str, grating: str, cenwave: int) -> Callable[[Path], None]:
    """Return the change into an echelle spectrum with its wavelength calibration."""

    def change(directory: Path) -> None:
        mama(detector, grating, cenwave)(directory)
        for path in (raw_exposure(directory), directory / WAV):
            revise(path, {"APER_FOV": _SLIT, **switches(omit="X2DCORR SC2DCORR")})
        _light_orders(directory / WAV)

    return change


def _light_orders(path: Path) -> None:
    """Let the lamp shine through a short slit on the orders."""
    columns, rows = np.arange(1.0, model.SIZE + 1), np.arange(1.0, model.SIZE + 1)[:, np.newaxis]
    light = np.zeros((model.SIZE, model.SIZE))
    for number, order in enumerate(_ORDERS):
        wave = model.wavelength(columns - SHIFT[0]) * _ORDERS[0] / order
        middle = model.MIDDLE_ROW + number * _ROWS_APART + SHIFT[1] + model.trace(columns)
        light += model.lamp(wave) * np.exp(-0.5 * ((rows - middle) / _SLIT_SIGMA) ** 2)
    expose(path, light + _GLOW, _ORDERS)


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


def _of(detector: str, grating: str, cenwave: int, *, has_wavecal: bool = False) -> Mode:
    dataset, make_change = (DATASET, _with_wavecal) if has_wavecal else (EXPOSURE, _echelle)
    change, references = make_change(detector, grating, cenwave), _references(detector, grating, cenwave)
    return Mode(dataset, "stis", change, references, mama_rules(detector), CCD_KINDS)


MODES: Final = {
    "STIS FUV-MAMA E140M echelle": _of("FUV-MAMA", "E140M", 1425),
    "STIS NUV-MAMA E230M echelle": _of("NUV-MAMA", "E230M", 2707),
    "STIS FUV-MAMA E140M echelle with a wavecal": _of("FUV-MAMA", "E140M", 1425, has_wavecal=True),
    "STIS NUV-MAMA E230M echelle with a wavecal": _of("NUV-MAMA", "E230M", 2707, has_wavecal=True),
}
"""Modes by name."""
