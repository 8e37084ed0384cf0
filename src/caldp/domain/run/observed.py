"""The observation that a record is of: instrument, mode and date, from the header values that CRDS matched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from caldp.domain.run.record import RunRecord

_MODE: Final = ("DETECTOR", "OBSTYPE", "OBSMODE", "OPT_ELEM", "CENWAVE", "FILTER", "FILTER1", "FILTER2", "APERTURE")
_NOTHING: Final = frozenset(
    {"", "N/A", "UNDEFINED", "NOT PRESENT", "CLEAR", "CLEAR1L", "CLEAR2L", "CLEAR1S", "CLEAR2S"}
)


def observed(record: RunRecord) -> Mapping[str, str]:
    """Return what a record tells of its observation, by the subject's name; what it does not tell is left out."""
    headers = [
        {keyword.upper().rpartition(".")[2]: value for keyword, value in values.items()}
        for _, values in sorted(record.selection.items())
    ]
    instrument = getattr(record.dataset, "instrument", None)
    mode = [value for keyword in _MODE for value in _values(headers, keyword)]
    dates = sorted(_values(headers, "DATE-OBS"))
    rows = {
        "instrument": "" if instrument is None else str(instrument.name),
        "mode": " ".join(dict.fromkeys(mode)),
        "observed": dates[0] if len(set(dates)) == 1 else f"{dates[0]} to {dates[-1]}" if dates else "",
        "exposures": str(len(headers)) if headers else "",
    }
    return {name: text for name, text in rows.items() if text}


def _values(headers: list[dict[str, str]], keyword: str) -> list[str]:
    """Return the values of a keyword over all exposures, each once, those that mean nothing left out."""
    found = (header.get(keyword, "").strip() for header in headers)
    return [value for value in dict.fromkeys(found) if value.upper() not in _NOTHING]
