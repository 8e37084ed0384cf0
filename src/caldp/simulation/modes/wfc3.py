"""Modes of WFC3's infrared channel, made of the simulated dither of ramps.

Facts about headers: WFC3 Data Handbook, chapters 2 and 3; MEMTYPEs of ``wf3table.c`` of calwf3 3.7.3.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attrs import evolve

from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.files import by_itself, raw_image, renamed_tables, repeat, revise, switches
from caldp.simulation.modes.mode import Mode
from caldp.simulation.wfc3.references import RULES

_ROOTS: Final = ("isim02a1q", "isim02a2q")
_DATASET: Final = "isim02010"
_CLOSED: Final = "DARKCORR FLATCORR PHOTCORR DRIZCORR"


def _single(directory: Path) -> None:
    by_itself(directory, _ROOTS[0])


def _repeated(directory: Path) -> None:
    repeat(directory, _ROOTS, _DATASET)


def _grism(directory: Path) -> None:
    spectrum: Keywords = {"OBSTYPE": "SPECTROSCOPIC", "FILTER": "G141", **switches(omit="PHOTCORR")}
    for root in _ROOTS:
        revise(raw_image(directory, root), spectrum)


def _scan(directory: Path) -> None:
    _single(directory)
    scan: Keywords = {"SCAN_TYP": "C", "SCAN_RAT": 0.5, "OBSTYPE": "SPECTROSCOPIC", "FILTER": "G141"}
    revise(raw_image(directory, _ROOTS[0]), {**scan, **switches(omit="PHOTCORR DRIZCORR")})


def _dark(directory: Path) -> None:
    _single(directory)
    dark: Keywords = {"IMAGETYP": "DARK", "TARGNAME": "DARK", "FILTER": "Blank", **switches(omit=_CLOSED)}
    revise(raw_image(directory, _ROOTS[0]), dark)


def _lamp(directory: Path) -> None:
    _single(directory)
    lamp: Keywords = {"IMAGETYP": "FLAT", "TARGNAME": "TUNGSTEN", "SCLAMP": "TUNGSTEN-1"}
    revise(raw_image(directory, _ROOTS[0]), {**lamp, **switches(omit="FLATCORR PHOTCORR DRIZCORR")})


def _grism_references(directory: Path) -> None:
    """Let the flat field and the distortion be those of the grism."""
    renamed_tables(directory, "simir_pfl.fits", {"FILTER": "G141"})
    renamed_tables(directory, "simir_idc.fits", {"FILTER": "G141"})


_GRISM: Final = tuple(
    evolve(rule, match={"DETECTOR": "IR", "FILTER": "G141"}) for rule in RULES if rule.filekind == "pfltfile"
)

MODES: Final = {
    "WFC3 IR F160W exposure by itself": Mode(_ROOTS[0], "wfc3", _single),
    "WFC3 IR F160W RPT-OBS": Mode(_DATASET, "wfc3", _repeated),
    "WFC3 IR G141 grism": Mode(_DATASET, "wfc3", _grism, _grism_references, _GRISM),
    "WFC3 IR G141 spatial scan": Mode(_ROOTS[0], "wfc3", _scan, _grism_references, _GRISM),
    "WFC3 IR dark": Mode(_ROOTS[0], "wfc3", _dark),
    "WFC3 IR tungsten lamp": Mode(_ROOTS[0], "wfc3", _lamp),
}
"""Modes by name."""
