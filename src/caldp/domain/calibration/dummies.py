"""Dummy references: files that stand for calibration data which do not exist, so that the engines skip a step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from caldp.domain.hst.files import FitsFacts

_IN_LOG: Final = (
    re.compile(r"^(?P<key>\w+) +(?P<file>\S+)\n(?P=key) +PEDIGREE *= *DUMMY", re.MULTILINE),  # HSTCAL
    re.compile(r"(?P<key>\w+) (?P<file>\S+) is a dummy file"),  # calcos
)

_FLUX: Final = frozenset({"FLUXCORR", "CTECORR"})  # calstis corrects for CTE only along with the flux
_DISPERSION: Final = _FLUX | {"DISPCORR", "HELCORR"}
_LEFT_BY_CALSTIS: Final = {
    "PHOTTAB": _FLUX,
    "APERTAB": _FLUX,
    "DISPTAB": _DISPERSION,
    "INANGTAB": _DISPERSION,
    "APDESTAB": _DISPERSION,
}


def is_dummy(facts: FitsFacts) -> bool:
    """Tell by its header whether a reference file is a dummy."""
    return facts.text("PEDIGREE").startswith("DUMMY")


def dummy_note(keyword: str, name: str) -> str:
    """Say that a reference is a dummy."""
    return f"{keyword} {name} is a dummy: the step that needs it is skipped"


def dummies_in_log(log: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Find the dummies that an engine's log tells of, tables with a dummy row among them.

    Returns
    -------
    tuple of (str, str)
        Header keyword and file name of each, without ``jref$``.
    """
    text = "\n".join(line.rstrip() for line in log)
    found = (match for pattern in _IN_LOG for match in pattern.finditer(text))
    return tuple(dict.fromkeys((match["key"], match["file"].rpartition("$")[2]) for match in found))


def left_by_calstis(keywords: Iterable[str]) -> frozenset[str]:
    """List the switches that calstis leaves at PERFORM because of dummies; elsewhere it writes SKIPPED.

    Source: ``getflags6.c`` and ``do1dx.c`` of calstis 3.5, and its products with a dummy PHOTTAB.
    """
    return frozenset(switch for keyword in keywords for switch in _LEFT_BY_CALSTIS.get(keyword, ()))
