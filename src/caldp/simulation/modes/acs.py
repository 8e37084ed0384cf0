"""Modes of ACS's SBC, made of the simulated dither.

Facts about headers: ACS Data Handbook, chapters 2 and 3; MEMTYPEs of ``acstable.c`` of calacs 10.5.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attrs import evolve

from caldp.simulation.acs.exposures import RULES
from caldp.simulation.fits_files import Keywords
from caldp.simulation.modes.files import by_itself, raw_image, repeat, revise, switches
from caldp.simulation.modes.mode import Mode

_ROOTS: Final = ("jsim01a1q", "jsim01a2q")
_DATASET: Final = "jsim01010"
_CLOSED: Final = "FLATCORR PHOTCORR DRIZCORR"


def _single(directory: Path) -> None:
    by_itself(directory, _ROOTS[0])


def _repeated(directory: Path) -> None:
    repeat(directory, _ROOTS, _DATASET)


def _prism(directory: Path) -> None:
    spectrum: Keywords = {"OBSTYPE": "SPECTROSCOPIC", "FILTER1": "PR130L", **switches(omit="PHOTCORR DRIZCORR")}
    for root in _ROOTS:
        revise(raw_image(directory, root), spectrum)


def _dark(directory: Path) -> None:
    _single(directory)
    dark: Keywords = {"IMAGETYP": "DARK", "TARGNAME": "DARK", "FILTER1": "BLOCK1", **switches(omit=_CLOSED)}
    revise(raw_image(directory, _ROOTS[0]), dark)


def _unexposed(directory: Path) -> None:
    _single(directory)
    revise(raw_image(directory, _ROOTS[0]), {"EXPTIME": 0.0})


_ANY_FILTER: Final = tuple(
    evolve(rule, match={"DETECTOR": "SBC", "FILTER1": "PR130L"}) for rule in RULES if rule.filekind == "pfltfile"
)

MODES: Final = {
    "ACS SBC F125LP exposure by itself": Mode(_ROOTS[0], "acs", _single),
    "ACS SBC F125LP RPT-OBS": Mode(_DATASET, "acs", _repeated),
    "ACS SBC PR130L prism": Mode(_DATASET, "acs", _prism, rules=_ANY_FILTER),
    "ACS SBC dark": Mode(_ROOTS[0], "acs", _dark),
    "ACS SBC without exposure time": Mode(_ROOTS[0], "acs", _unexposed),
}
"""Modes by name."""
