"""Target and exposure of an observation, in words, from header values of a product."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Final

KEYWORDS: Final = (
    "TARGNAME", "RA_TARG", "DEC_TARG", "PROPOSID", "LINENUM", "DATE-OBS", "TIME-OBS",
    "TEXPTIME", "EXPTIME",
)  # fmt: skip
"""Keywords that are asked for (HST Data Handbooks, section on header keywords)."""


def target_facts(values: Mapping[str, str]) -> Mapping[str, str]:
    """Return what header values tell, by the subject's name; what they do not tell is left out.

    Parameters
    ----------
    values
        Header values of a product by keyword, as texts.
    """
    right_ascension, declination = _number(values, "RA_TARG"), _number(values, "DEC_TARG")
    exposure = _number(values, "TEXPTIME") or _number(values, "EXPTIME")
    rows = {
        "target": values.get("TARGNAME", "").strip(),
        "position": ""
        if right_ascension is None or declination is None
        else f"{right_ascension:.5f} {declination:+.5f} degrees",
        "proposal": " ".join(filter(None, (values.get("PROPOSID", "").strip(), values.get("LINENUM", "").strip()))),
        "begun": " ".join(filter(None, (values.get("DATE-OBS", "").strip(), values.get("TIME-OBS", "").strip()))),
        "exposure": "" if exposure is None else f"{exposure:.1f} s",
    }
    return {name: text for name, text in rows.items() if text}


def _number(values: Mapping[str, str], keyword: str) -> float | None:
    try:
        number = float(values.get(keyword, ""))
    except ValueError:
        return None
    return number if isfinite(number) else None
