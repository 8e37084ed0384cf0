"""File names that a header may hold. Engines open any file that a header names, wherever it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from attrs import frozen

from caldp.domain.hst.files import FitsFacts
from caldp.domain.run.engine_environment import REFERENCE_VARIABLES

_FILE_KEYWORD: Final = re.compile(
    r"[A-Z0-9_]{1,6}(?:FILE|TAB)|WAVECAL|FRNGFLAT|SAA_DARK|SAACRMAP|FILENAME|ROOTNAME|ASN_ID"
)
"""Keywords from which engines take names of files: those of reference files end like CRDS's own types.

From the ``GetKeyStr`` and ``getRefName`` of HSTCAL, calcos.getinfo, stwcs.updatewcs and drizzlepac.
"""

_NOT_OPENED: Final = frozenset({"RULEFILE"})
"""Written by fitsblender into drizzled products, a path on the machine that made these; read by nothing."""

_IN_DIRECTORY: Final = re.compile(r"(?P<variable>\w+)\$(?P<name>.*)")
# What cfitsio takes for more than a name ("x(copy)", "x[1]", "http://x") has a character that these have not.
_PLAIN: Final = re.compile(r"[\w.+ -]*")
_NOT_APPLICABLE: Final = re.compile(r"N/A", re.IGNORECASE)


@frozen
class OutsideName:
    """Name of a file in a header that is none of the run's own.

    Attributes
    ----------
    file, keyword, value
        File and keyword that hold the name, and the name.
    """

    file: str
    keyword: str
    value: str


def outside_names(
    facts: FitsFacts, exported: Collection[str] = (), overridden: Collection[str] = ()
) -> Iterator[OutsideName]:
    """Find names in a file's headers with which an engine would read, or write, outside of the run's directories.

    A name is in order if it is empty, ``N/A`` or plain, by itself or behind a reference variable: ``jref$x_drk.fits``.
    HSTCAL, calcos and stsci.tools take any variable of the environment for a directory, so one that is exported and
    no reference variable is not in order either.

    Parameters
    ----------
    facts
        Headers of the file.
    exported
        Names in the engines' environment.
    overridden
        Keywords that the user has set.
    """
    for keyword, value in facts.cards():
        if keyword in overridden or not isinstance(value, str):
            continue
        text = value.strip()
        is_opened = _FILE_KEYWORD.fullmatch(keyword) is not None and keyword not in _NOT_OPENED
        looks_like_it = " " not in text and _IN_DIRECTORY.fullmatch(text) is not None
        if (is_opened or looks_like_it) and not _is_inside(text, exported):
            yield OutsideName(facts.name, keyword, value)


def _is_inside(text: str, exported: Collection[str]) -> bool:
    if _NOT_APPLICABLE.fullmatch(text):
        return True
    match = _IN_DIRECTORY.fullmatch(text)
    if match is not None:
        variable, text = match["variable"], match["name"]
        if variable in exported and variable not in REFERENCE_VARIABLES:
            return False
    return _PLAIN.fullmatch(text) is not None and text.strip() not in {".", ".."} and not text.startswith("-")
