"""Modes made of the real raw files of ``../shared/hst``: other headers, other association tables."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from caldp.simulation import fits_files
from caldp.simulation.modes.cos import to_images, to_wavecal
from caldp.simulation.modes.cos_fuv import write_heights
from caldp.simulation.modes.files import Change, by_itself, rename_exposure, revise, switches

_FUV: Final = "ldfd01vnq"
_FUV_COLUMNS: Final = 16384
_SPECTRAL: Final = "X1DCORR BACKCORR FLUXCORR TDSCORR HELCORR DOPPCORR WAVECORR TRCECORR ALGNCORR"
_NO_FLASH: Final[fits_files.Keywords] = {"TAGFLASH": "NONE"}
_HRC: Final = "j6gp01mkq"
_HRC_PAIR: Final = ("j6gp01a1q", "j6gp01a2q")


def _fuv(directory: Path) -> Path:
    return directory / f"{_FUV}_rawtag_a.fits"


def _fuv_single(directory: Path) -> None:
    by_itself(directory, _FUV)


def _fuv_without_flashes(directory: Path) -> None:
    _fuv_single(directory)
    revise(_fuv(directory), _NO_FLASH, {"NUMFLASH": 0})


def _fuv_accum(directory: Path) -> None:
    """Make an image, and the histogram of pulse heights that the archive has beside it."""
    _fuv_without_flashes(directory)
    write_heights(_fuv(directory))
    to_images(_fuv(directory), "rawaccum", columns=_FUV_COLUMNS)


def _fuv_wavecal(directory: Path) -> None:
    _fuv_single(directory)
    to_wavecal(_fuv(directory))
    # TRACETAB and TWOZXTAB have no row for the lamp's aperture.
    revise(_fuv(directory), {"XTRCTALG": "BOXCAR", **switches(omit="TRCECORR ALGNCORR")})


def _fuv_dark(directory: Path) -> None:
    _fuv_without_flashes(directory)
    dark: fits_files.Keywords = {"EXPTYPE": "DARK", "TARGNAME": "DARK", "APERTURE": "FCA", "RA_TARG": -999.0}
    revise(_fuv(directory), {**dark, **switches(omit=_SPECTRAL)})


_COMBINED: Final = {"EXP-CRJ": switches("CRCORR"), "EXP-RPT": switches("RPTCORR")}


def _hrc_pair(role: str, product: str) -> Change:
    """Return what makes an association of the exposure and its double."""

    def change(directory: Path) -> None:
        raw = directory / f"{_HRC}_raw.fits"
        for root in _HRC_PAIR:
            copy = Path(shutil.copy(raw, directory / f"copy_{root}_raw.fits"))
            path = rename_exposure(copy, root)
            own: fits_files.Keywords = {
                "ASN_ID": "J6GP01010",
                "ASN_TAB": "j6gp01010_asn.fits",
                "ASN_MTYP": role,
                "CRSPLIT": 2,
            }
            revise(path, {**own, **_COMBINED.get(role, {})})
        for path in directory.glob(f"{_HRC}_*"):
            path.unlink()
        header = {"INSTRUME": "ACS", "DETECTOR": "HRC", "ROOTNAME": "j6gp01010", "FILETYPE": "ASN_TABLE"}
        rows = [(root.upper(), role, True) for root in _HRC_PAIR] + [("J6GP01011", product, False)]
        table = fits_files.rows_table("ASN", {"MEMNAME": "14A", "MEMTYPE": "14A", "MEMPRSNT": "L"}, rows)
        fits_files.write(directory / "j6gp01010_asn.fits", [fits_files.primary(header), table])

    return change


def _hrc_internal(kind: str, seconds: float | None, omit: str) -> Change:
    """Return the change into an exposure of a lamp or of the closed shutter."""

    def change(directory: Path) -> None:
        time = {} if seconds is None else {"EXPTIME": seconds}
        revise(directory / f"{_HRC}_raw.fits", {"IMAGETYP": kind, "TARGNAME": kind, **time, **switches(omit=omit)})

    return change


_CLOSED: Final = "DARKCORR FLATCORR SHADCORR PHOTCORR DRIZCORR CRCORR"

REAL: Final[dict[str, tuple[str, str, str, Change]]] = {
    "COS FUV TIME-TAG exposure by itself (real)": ("ldfd01010", _FUV, "hst_0729.pmap", _fuv_single),
    "COS FUV TIME-TAG without flashes (real)": ("ldfd01010", _FUV, "hst_0729.pmap", _fuv_without_flashes),
    "COS FUV ACCUM (real)": ("ldfd01010", _FUV, "hst_0729.pmap", _fuv_accum),
    "COS FUV wavecal alone (real)": ("ldfd01010", _FUV, "hst_0729.pmap", _fuv_wavecal),
    "COS FUV dark (real)": ("ldfd01010", _FUV, "hst_0729.pmap", _fuv_dark),
    "ACS HRC CR-SPLIT (real)": ("j6gp01mkq", "j6gp01010", "hst_9729.pmap", _hrc_pair("EXP-CRJ", "PROD-CRJ")),
    "ACS HRC RPT-OBS (real)": ("j6gp01mkq", "j6gp01010", "hst_9729.pmap", _hrc_pair("EXP-RPT", "PROD-RPT")),
    "ACS HRC dither (real)": ("j6gp01mkq", "j6gp01010", "hst_9729.pmap", _hrc_pair("EXP-DTH", "PROD-DTH")),
    "ACS HRC bias (real)": (
        "j6gp01mkq", _HRC, "hst_9729.pmap", _hrc_internal("BIAS", 0.0, f"BIASCORR {_CLOSED}")
    ),
    "ACS HRC dark (real)": ("j6gp01mkq", _HRC, "hst_9729.pmap", _hrc_internal("DARK", 1000.0, _CLOSED)),
    "ACS HRC internal flat (real)": (
        "j6gp01mkq", _HRC, "hst_9729.pmap", _hrc_internal("FLAT", None, "FLATCORR SHADCORR PHOTCORR DRIZCORR")
    ),
}  # fmt: skip
"""Observation that a mode is made of, its dataset, the CRDS context, and the change."""
