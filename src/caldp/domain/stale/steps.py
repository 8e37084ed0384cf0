"""Calibration steps that read a type of reference file, as far as nothing else reads it.

A type that is not listed here may be read whatever the switches say: BPIXTAB, GSAGTAB and XTRACTAB of COS are read for
lamp flashes too (``concurrent.py``), IDCTAB and MDRIZTAB by drizzlepac, CCDTAB by every step of a CCD.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from attrs import frozen

OMIT: Final = "OMIT"


class Reading(Enum):
    """Use of a type of reference file by the calibration of an exposure."""

    READ = "read"
    OMITTED = "omitted"
    SKIPPED = "skipped"


@frozen
class Reader:
    """Steps that read a type of reference file.

    Attributes
    ----------
    instrument
        In lower case.
    keyword
        The type.
    source
        Place in the source of the engine.
    every
        Switches all of which must say PERFORM for it to be read.
    either
        Switches one of which must say PERFORM for it to be read; none if there are no such.
    """

    instrument: str
    keyword: str
    source: str
    every: tuple[str, ...] = ()
    either: tuple[str, ...] = ()


_ACS: Final = "acs2d/get2dflags.c"
_STIS: Final = "cs1/getflags1.c"
_WFC3: Final = "wf32d/get2dflags.c; wf3ir/getirflags.c"
_COS: Final = "calcos.py missingRefFiles, and the step itself"

READERS: Final = (
    Reader("cos", "BADTTAB", _COS, ("BADTCORR",)),
    Reader("cos", "BRSTTAB", _COS, ("BRSTCORR",)),
    Reader("cos", "DEADTAB", _COS, ("DEADCORR",)),
    Reader("cos", "DGEOFILE", _COS, ("DGEOCORR",)),
    Reader("cos", "FLATFILE", _COS, ("FLATCORR",)),
    Reader("cos", "FLUXTAB", _COS, ("FLUXCORR",)),
    Reader("cos", "GEOFILE", _COS, ("GEOCORR",)),
    Reader("cos", "HVDSTAB", _COS, ("HVDSCORR",)),
    Reader("cos", "IMPHTTAB", _COS, ("PHOTCORR",)),
    Reader("cos", "TDSTAB", "extract.py doFluxCorr", ("FLUXCORR", "TDSCORR")),
    Reader("cos", "XWLKFILE", _COS, ("XWLKCORR",)),
    Reader("cos", "YWLKFILE", _COS, ("YWLKCORR",)),
    Reader("acs", "ATODTAB", "acsccd/getacsflag.c", ("ATODCORR",)),
    Reader("acs", "BIASFILE", "acsccd/getacsflag.c", ("BIASCORR",)),
    Reader("acs", "CRREJTAB", "calacs/sciflags.c; acsrej/acsrej_check.c", ("CRCORR",)),
    Reader("acs", "DARKFILE", _ACS, ("DARKCORR",)),
    Reader("acs", "DFLTFILE", _ACS, ("FLATCORR",)),
    Reader("acs", "DRKCFILE", _ACS, ("DARKCORR", "PCTECORR")),
    Reader("acs", "IMPHTTAB", _ACS, ("PHOTCORR",)),
    Reader("acs", "LFLTFILE", _ACS, ("FLATCORR",)),
    Reader("acs", "MLINTAB", _ACS, either=("GLINCORR", "LFLGCORR")),
    Reader("acs", "PCTETAB", "acscte/getcteflag.c", ("PCTECORR",)),
    Reader("acs", "PFLTFILE", _ACS, ("FLATCORR",)),
    Reader("acs", "SHADFILE", _ACS, ("SHADCORR",)),
    Reader("acs", "SNKCFILE", "acsccd/getacsflag.c", ("SINKCORR",)),
    Reader("acs", "SPOTTAB", _ACS, ("FLATCORR",)),
    Reader("stis", "ATODTAB", _STIS, ("ATODCORR",)),
    Reader("stis", "BIASFILE", _STIS, ("BIASCORR",)),
    Reader("stis", "CRREJTAB", "cs0/sciflags.c; cs2/crrej_check.c", ("CRCORR",)),
    Reader("stis", "DARKFILE", _STIS, ("DARKCORR",)),
    Reader("stis", "DFLTFILE", _STIS, ("FLATCORR",)),
    Reader("stis", "IMPHTTAB", _STIS, ("PHOTCORR",)),
    Reader("stis", "LFLTFILE", _STIS, ("FLATCORR",)),
    Reader("stis", "MLINTAB", _STIS, either=("GLINCORR", "LFLGCORR")),
    Reader("stis", "PFLTFILE", _STIS, ("FLATCORR",)),
    Reader("stis", "SHADFILE", _STIS, ("SHADCORR",)),
    Reader("wfc3", "ATODTAB", "wf3ccd/getflags.c", ("ATODCORR",)),
    Reader("wfc3", "BIASFILE", "wf3ccd/getflags.c", ("BIASCORR",)),
    Reader("wfc3", "DARKFILE", _WFC3, ("DARKCORR",)),
    Reader("wfc3", "DFLTFILE", _WFC3, ("FLATCORR",)),
    Reader("wfc3", "DRKCFILE", _WFC3, ("DARKCORR", "PCTECORR")),
    Reader("wfc3", "LFLTFILE", _WFC3, ("FLATCORR",)),
    Reader("wfc3", "PCTETAB", "wf3cte/getcteflags.c", ("PCTECORR",)),
    Reader("wfc3", "PFLTFILE", _WFC3, ("FLATCORR",)),
    Reader("wfc3", "SHADFILE", _WFC3, ("SHADCORR",)),
)
"""Readers by type. Where a switch is OMIT in the raw header, calcos and HSTCAL leave it so: none turns it on."""

_READERS: Final = {(reader.instrument, reader.keyword): reader for reader in READERS}


def reading(instrument: str, keyword: str, switches: Mapping[str, str], skipped: frozenset[str]) -> Reading:
    """Find out whether the calibration of an exposure reads a type of reference file.

    Parameters
    ----------
    instrument
        In lower case.
    keyword
        The type.
    switches
        States of the exposure's switches, as they were asked for.
    skipped
        Switches that came out as SKIPPED. The step may have been skipped because of the very file, and another one
        would be read.
    """
    reader = _READERS.get((instrument, keyword))
    if reader is None:
        return Reading.READ
    omitted = {name for name, state in switches.items() if state == OMIT}
    if _is_off(reader, omitted):
        return Reading.OMITTED
    return Reading.SKIPPED if _is_off(reader, omitted | skipped) else Reading.READ


def _is_off(reader: Reader, off: set[str] | frozenset[str]) -> bool:
    return any(name in off for name in reader.every) or bool(reader.either and off.issuperset(reader.either))
