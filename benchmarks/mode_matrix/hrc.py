"""Modes of ACS's HRC, made of the real exposure of ``../shared/hst``: a coronagraph, and a ramp filter.

The rules of the real context assign reference files that the cache has not got; stand-ins take their places. Columns of
the table of spots: ``getspottab.c`` of calacs 10.5.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits

from benchmarks.mode_matrix.site import SHARED, Site
from caldp.simulation import fits_files
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.files import revise

_DATASET: Final = "j6gp01mkq"
_CONTEXT: Final = "hst_9729.pmap"
_HRC: Final[Keywords] = {"DETECTOR": "HRC"}
_SIZE: Final = (1024, 1024)
_PHOTOMETRY: Final = "2391649pj_imp.fits"
_DISTORTION: Final = "q692007bj_idc.fits"
_LIKE: Final = "acs,hrc,f435w,mjd#"
_MODES: Final = {"acs,hrc,coron,f435w,mjd#": 5.6e-19, "acs,hrc,fr388n#,mjd#": 2.1e-17}
"""Observing modes that the cache's table of photometry has no row for, and their PHOTFLAM."""
_SPOTS: Final = ((464.0, 510.0, 38.0), (554.0, 828.0, 64.0))
"""Column, row and radius of the spots, pixels; all made up."""

_CORONAGRAPH: Final[Keywords] = {
    "APERTURE": "HRC-CORON1.8", "PROPAPER": "HRC-CORON1.8", "OBSTYPE": "CORONAGRAPHIC",
}  # fmt: skip
_RAMP: Final[Keywords] = {"FILTER2": "FR388N", "LRFWAVE": 3880.0}


def _write_flat(path: Path) -> None:
    flat = fits_files.reference_primary("ACS", "PIXEL-TO-PIXEL FLAT", {**_HRC, "CCDAMP": "ANY", "CCDGAIN": -1.0})
    fits_files.write(path, [flat, *_images(np.full(_SIZE, 1.02, dtype=np.float32))])


def _write_spots(path: Path) -> None:
    """Write a flat field that is dark in the spots."""
    y, x = np.mgrid[: _SIZE[0], : _SIZE[1]]
    light = np.ones(_SIZE, dtype=np.float32)
    for column, row, radius in _SPOTS:
        light -= 0.9 * np.exp(-((((x - column) ** 2 + (y - row) ** 2) / radius**2) ** 2)).astype(np.float32)
    primary = fits_files.reference_primary("ACS", "SPOT FLAT", {**_HRC, "CCDAMP": "ANY", "CCDGAIN": -1.0})
    fits_files.write(path, [primary, *_images(np.maximum(light, 0.05))])


def _write_shifts(path: Path) -> None:
    """Write a table of the spots' shifts by date."""
    rows = [("01/06/02", 0.0, 0.0), ("15/01/05", 1.5, -2.25), ("01/02/06", 4.0, 4.0)]
    table = fits_files.rows_table("CSP", {"DATE": "8A", "SHIFTX": "1E", "SHIFTY": "1E"}, rows)
    fits_files.write(path, [fits_files.reference_primary("ACS", "SPOT POSITIONS", _HRC), table])


def _images(light: Any) -> list[Any]:
    place = {**fits_files.whole_detector_keywords(*_SIZE), "CCDCHIP": 1}
    blank = [fits_files.constant_image(name, _SIZE, 0, place) for name in ("ERR", "DQ")]
    return [fits_files.image("SCI", light, place), *blank]


def _write_photometry(path: Path) -> None:
    """Write the cache's table with rows for the modes that it has not."""
    with fits.open(SHARED / "crds_cache" / "references" / "hst" / path.name) as hdus:
        made: list[Any] = [hdus[0].copy()]
        for hdu in hdus[1:]:
            (like,) = np.flatnonzero(np.char.strip(hdu.data["OBSMODE"]) == _LIKE)
            there = len(hdu.data)
            longer = fits.BinTableHDU.from_columns(hdu.columns, nrows=there + len(_MODES), name=hdu.name)
            for offset, (mode, flux) in enumerate(_MODES.items()):
                longer.data[there + offset] = hdu.data[like]
                longer.data["OBSMODE"][there + offset] = mode
                longer.data["DATACOL"][there + offset] = hdu.name
                longer.data[hdu.name][there + offset] = flux if hdu.name == "PHOTFLAM" else 4300.0
            made.append(longer)
        fits_files.write(path, made)


def _write_distortion(path: Path) -> None:
    """Write the cache's table with rows for the ramp filter, which are those of another filter."""
    with fits.open(SHARED / "crds_cache" / "references" / "hst" / path.name) as hdus:
        table = hdus[1]
        like = np.flatnonzero((table.data["FILTER1"] == "CLEAR1S") & (table.data["FILTER2"] == "F435W"))
        there = len(table.data)
        longer = fits.BinTableHDU.from_columns(table.columns, nrows=there + len(like), name=table.name)
        for offset, row in enumerate(like):
            longer.data[there + offset] = table.data[row]
            longer.data["FILTER2"][there + offset] = "FR388N"
        fits_files.write(path, [hdus[0].copy(), longer])


_STAND_INS: Final[Mapping[str, Callable[[Path], None]]] = {
    "o3a1121hj_pfl.fits": _write_flat,
    "o4512148j_pfl.fits": _write_flat,
    "oai16328j_cfl.fits": _write_spots,
    "r3301467j_csp.fits": _write_shifts,
    _PHOTOMETRY: _write_photometry,
    _DISTORTION: _write_distortion,
}


def _maker(keywords: Keywords) -> Callable[[Path], Site]:
    def make(directory: Path) -> Site:
        inputs, cache = directory / "inputs", directory / "crds_cache"
        shutil.unpack_archive(SHARED / "inputs" / f"{_DATASET}.tar.gz", inputs)
        for path in inputs.iterdir():
            path.chmod(0o644)
        revise(inputs / f"{_DATASET}_raw.fits", keywords)
        references = cache / "references" / "hst"
        references.mkdir(parents=True)
        for name in ("mappings", "config"):
            (cache / name).symlink_to(SHARED / "crds_cache" / name)
        for name, write in _STAND_INS.items():
            write(references / name)
        for path in (SHARED / "crds_cache" / "references" / "hst").iterdir():
            if path.name not in _STAND_INS:
                (references / path.name).symlink_to(path)
        return Site(_DATASET, inputs, cache, _CONTEXT)

    return make


HRC: Final[Mapping[str, Callable[[Path], Site]]] = {
    "ACS HRC coronagraph (real)": _maker(_CORONAGRAPH),
    "ACS HRC ramp filter (real)": _maker(_RAMP),
}
"""Makers of the observations by the mode's name."""
