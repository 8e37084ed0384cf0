"""Names of data quality flags, by instrument and detector.

From the definitions that the engines calibrate by: ``acsdq.h``, ``wf3dq.h`` and ``stisdq.h`` of HSTCAL,
``calcosparam.py`` of calcos; flag 4096 of ACS and WFC3 is AstroDrizzle's, and 64 and 16384 of ACS are those of its
reference files and of the Data Handbook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

_COMMON: Final = {
    1: "decoding error",
    2: "filled",
    4: "bad detector pixel",
    16: "hot pixel",
    256: "saturated",
    8192: "cosmic ray",
}

_ACS: Final = _COMMON | {
    8: "masked by aperture",
    32: "unstable pixel",
    64: "warm pixel",
    128: "bias level",
    512: "bad in reference file",
    1024: "charge trap",
    2048: "A/D saturated",
    4096: "cosmic ray by AstroDrizzle",
    16384: "marked by hand",
}
_UVIS: Final = _COMMON | {
    8: "masked by aperture",
    32: "CTE tail",
    64: "warm pixel",
    128: "bad bias value",
    512: "bad flat-field value",
    1024: "charge trap",
    2048: "A/D saturated",
    4096: "cosmic ray by AstroDrizzle",
    16384: "ghost or crosstalk",
}
_IR: Final = _UVIS | {
    8: "deviant zero read",
    32: "unstable pixel",
    128: "bad reference pixel",
    1024: "cosmic ray spike",
    2048: "signal in zero read",
    16384: "many cosmic rays",
}
_STIS: Final = _COMMON | {
    8: "masked by occulting bar",
    32: "large blemish",
    128: "overscan",
    512: "bad in reference file",
    1024: "small blemish",
    2048: "bad background",
    4096: "discarded from extraction",
    16384: "not corrected for CTI",
}
_COS: Final = {
    1: "decoding error",
    4: "detector shadow",
    8: "poorly calibrated",
    16: "very low response",
    32: "background feature",
    64: "burst",
    128: "out of bounds",
    256: "filled",
    512: "pulse height out of bounds",
    1024: "low response",
    2048: "bad time interval",
    4096: "low pulse height",
    8192: "gain sag",
}
_NAMES: Final[Mapping[str, Mapping[int, str]]] = {"ACS": _ACS, "WFC3": _UVIS, "STIS": _STIS, "COS": _COS}


def flag_names(instrument: str, detector: str = "") -> Mapping[int, str]:
    """Return the names of an instrument's data quality flags by value.

    Parameters
    ----------
    instrument, detector
        As the keywords INSTRUME and DETECTOR have them.

    Returns
    -------
    mapping of int to str
        Empty for an instrument that is not known.
    """
    name = instrument.strip().upper()
    return _IR if (name, detector.strip().upper()) == ("WFC3", "IR") else _NAMES.get(name, {})


def flags_in(value: int) -> Iterator[int]:
    """Yield the flags that a data quality value is made of, the smallest first.

    Examples
    --------
    >>> list(flags_in(8208))
    [16, 8192]
    """
    while value > 0:
        flag = value & -value
        yield flag
        value ^= flag
