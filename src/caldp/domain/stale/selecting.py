"""Columns by which engines select the rows of reference tables, each with the place in the engine's source.

A type without an entry is compared as a whole file. An entry has only columns that every reader of the table compares:
rows that a further reader would leave out are compared too, which can only turn SAME-ROWS into CHANGED.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import evolve, frozen

from caldp.domain.stale.findings import Exposure
from caldp.domain.stale.used import ANY_VALUE, Criterion, Match, Used


@frozen
class Column:
    """A column that selects rows.

    Attributes
    ----------
    name
        Name of the column, and of the header keyword whose value is looked for.
    match
        Relation of the row's value to the header's. `Match.BEGINS` is for apertures, to which calstis appends the
        pseudo-aperture of PROPAPER (``pseudoap.c``).
    also
        Further values that engines look for, whatever the header says.
    in_extensions
        True if the keyword stands in the headers of extensions, which may differ: the chips of one exposure.
    """

    name: str
    match: Match = Match.EQUAL
    also: tuple[str, ...] = ()
    in_extensions: bool = False


@frozen
class TableEntry:
    """Selection of rows from one type of table.

    Attributes
    ----------
    instrument
        In lower case.
    keyword
        The type.
    columns
        Columns that select rows; all of them must match.
    source
        Places in the sources of the engines.
    of_fewer
        Columns that are read of fewer of these rows, each with the column that selects them.
    """

    instrument: str
    keyword: str
    columns: tuple[Column, ...]
    source: str
    of_fewer: tuple[tuple[str, Column], ...] = ()


@frozen
class ImageEntry:
    """A type of image of which engines read only the pixels of the region that was read out.

    Attributes
    ----------
    instrument
        In lower case.
    keyword
        The type.
    detectors
        Detectors that this holds for.
    source
        Places in the sources of the engines.
    """

    instrument: str
    keyword: str
    detectors: tuple[str, ...]
    source: str


_SEGMENT: Final = Column("SEGMENT")
_POSITION: Final = Column("FPOFFSET")
_GRATING: Final = Column("OPT_ELEM")
_CENWAVE: Final = Column("CENWAVE")
_OWN_APERTURE: Final = Column("APERTURE")
_LAMP_TOO: Final = Column("APERTURE", also=("WCA", "PSA"))
_STIS_APERTURE: Final = Column("APERTURE", Match.BEGINS)
_AMP: Final = Column("CCDAMP")
_GAIN: Final = Column("CCDGAIN")
_CHIP: Final = Column("CCDCHIP", in_extensions=True)
_OFFSETS: Final = tuple(Column(f"CCDOFST{amp}") for amp in "ABCD")
_BINS: Final = (Column("BINAXIS1"), Column("BINAXIS2"))

TABLES: Final = (
    TableEntry("cos", "BADTTAB", (_SEGMENT,), "timetag.py filterByTime"),
    TableEntry("cos", "BPIXTAB", (_SEGMENT,), "cosutil.py getDQArrays"),
    TableEntry("cos", "BRFTAB", (_SEGMENT,), "cosutil.py activeArea; timetag.py computeThermalParam"),
    TableEntry("cos", "BRSTTAB", (_SEGMENT,), "burst.py getBurstParam"),
    TableEntry("cos", "DEADTAB", (_SEGMENT,), "timetag.py deadtimeCorrection; accum.py deadtimeCorrection"),
    TableEntry(
        "cos", "DISPTAB", (_GRATING, _CENWAVE, _SEGMENT, _LAMP_TOO, Column("FPOFFSET", also=("0",))),
        "dispersion.py Dispersion, called with the exposure's aperture, PSA and WCA; FPOFFSET is 0 where it is not "
        "given, as in airglow.py",
    ),
    TableEntry("cos", "FLUXTAB", (_GRATING, _CENWAVE, _SEGMENT, _OWN_APERTURE, _POSITION), "extract.py doFluxCorr"),
    TableEntry("cos", "GSAGTAB", (Column("DATE", Match.AT_MOST),), "cosutil.py getDQArrays, by EXPSTART"),
    TableEntry("cos", "HVDSTAB", (_SEGMENT, _CENWAVE), "timetag.py getHVDSParamsfromReffile"),
    TableEntry(
        "cos", "LAMPTAB", (_GRATING, _CENWAVE, _SEGMENT),
        "wavecal.py: shifts of all FPOFFSET, and INTENSITY of the exposure's own; so concurrent.py and timetag.py; "
        "cosutil.py checkForNoWavecalData",
        (("INTENSITY", _POSITION),),
    ),
    TableEntry("cos", "PHATAB", (_SEGMENT, _GRATING), "timetag.py filterByPulseHeight; cosutil.py"),
    TableEntry("cos", "PROFTAB", (_GRATING, _CENWAVE, _SEGMENT, _OWN_APERTURE), "trace.py; extract.py"),
    TableEntry("cos", "SPOTTAB", (_SEGMENT,), "cosutil.py getDQArrays"),
    TableEntry("cos", "SPWCSTAB", (_GRATING, _CENWAVE, _SEGMENT, _LAMP_TOO), "spwcs.py; extract.py, by PSA for lamps"),
    TableEntry("cos", "TDSTAB", (_GRATING, _CENWAVE, _SEGMENT, _OWN_APERTURE), "extract.py doFluxCorr, getTdsFactors"),
    TableEntry("cos", "TRACETAB", (_GRATING, _CENWAVE, _SEGMENT, _OWN_APERTURE), "trace.py getTrace"),
    TableEntry("cos", "TWOZXTAB", (_GRATING, _CENWAVE, _SEGMENT, _OWN_APERTURE), "extract.py; trace.py"),
    TableEntry("cos", "WCPTAB", (_GRATING,), "calcos.py; concurrent.py; findshift1.py; timetag.py; wavecal.py"),
    TableEntry(
        "cos", "XTRACTAB", (_GRATING, _CENWAVE, _SEGMENT, _LAMP_TOO),
        "extract.py; burst.py; concurrent.py; wavecal.py; timetag.py psaWcaBoundary; cosutil.py isLampOn",
    ),
    TableEntry("stis", "APERTAB", (_STIS_APERTURE,), "cs6/getapthr6.c; cs7/getapthr.c"),
    TableEntry("stis", "ATODTAB", (_AMP, _GAIN), "cs1/doatod.c"),
    TableEntry("stis", "BPIXTAB", (_GRATING,), "cs1/dodqi.c"),
    TableEntry("stis", "CCDTAB", (_AMP, _GAIN, Column("CCDOFFST"), *_BINS), "cs1/getccdtab.c; cs6/getccdtab6.c"),
    TableEntry("stis", "DISPTAB", (_GRATING, _CENWAVE), "cs4/getdisp4.c; cs6/getdisp6.c; cs7/getdisp.c"),
    TableEntry("stis", "GACTAB", (_GRATING, _CENWAVE, _STIS_APERTURE), "cs6/getgac6.c"),
    TableEntry("stis", "INANGTAB", (_GRATING, _CENWAVE), "cs4/getinang4.c; cs6/getinang6.c; cs7/getinang.c"),
    TableEntry(
        "stis", "LAMPTAB", (Column("LAMPSET"), Column("SCLAMP"), _GRATING), "cs4/getlamp.c, by header of the wavecal"
    ),
    TableEntry("stis", "MLINTAB", (Column("DETECTOR"),), "cs1/getlintab.c"),
    TableEntry("stis", "MOFFTAB", (_GRATING, _CENWAVE), "getmoc.c"),
    TableEntry("stis", "PCTAB", (_CENWAVE, _STIS_APERTURE), "cs6/getpct6.c; cs7/getpct.c"),
    TableEntry("stis", "PHOTTAB", (_GRATING, _CENWAVE), "cs6/getabsphot6.c; cs7/getabsphot.c"),
    TableEntry("stis", "SDCTAB", (_GRATING,), "cs4/getgrpinfo4.c; cs6/getsdc6.c; cs7/getsdc.c"),
    TableEntry("stis", "SPTRCTAB", (_GRATING, _CENWAVE), "cs4/gettrace4.c; cs6/gettrace6.c; cs7/gettrace.c"),
    TableEntry("stis", "TDSTAB", (_GRATING,), "gettds.c; cs1/gettds1.c"),
    TableEntry("stis", "WCPTAB", (Column("DETECTOR"), _GRATING), "cs4/getwcp.c"),
    TableEntry("stis", "XTRACTAB", (_GRATING, _CENWAVE, _STIS_APERTURE), "cs6/getextract.c"),
    TableEntry("acs", "ATODTAB", (_AMP, _GAIN), "acsccd/doatod.c"),
    TableEntry("acs", "BPIXTAB", (_AMP, _GAIN, _CHIP), "dodqi.c"),
    TableEntry("acs", "CCDTAB", (_AMP, _GAIN, _CHIP, *_OFFSETS), "getccdtab.c"),
    TableEntry("acs", "MLINTAB", (Column("DETECTOR"),), "acs2d/getlintab.c"),
    TableEntry("acs", "OSCNTAB", (_AMP, _CHIP), "acsccd/findover.c"),
    TableEntry("wfc3", "ATODTAB", (_AMP, _GAIN), "wf3ccd/doatod.c"),
    TableEntry("wfc3", "BPIXTAB", (_AMP, _GAIN, _CHIP), "dodqi.c; wf3ir/dqicorr.c"),
    TableEntry("wfc3", "CCDTAB", (_AMP, _GAIN, _CHIP, *_OFFSETS, *_BINS), "getccdtab.c"),
)  # fmt: skip
"""Selection of rows by type. Engines: calcos 3.6, and calstis, calacs and calwf3 of HSTCAL (each below its ``lib``).

Tables left out on purpose: APDESTAB of STIS, of which rows of the reference aperture are read too, which DISPTAB names
(``getapoffset6.c``); HVTAB of COS, of which the row of the nearest date is read in both segments (``timetag.py``);
CRREJTAB, of which the row of the nearest exposure time is read (``crrejtab`` readers of HSTCAL); IDCTAB, MDRIZTAB and
IMPHTTAB, which several programs read each in its way.
"""

IMAGES: Final = (
    ImageEntry("acs", "BIASFILE", ("HRC", "WFC"), "acsccd/dobias.c with FindLine of findbin.c"),
    ImageEntry("acs", "DARKFILE", ("HRC", "WFC"), "acs2d/dodark.c with FindBin and trim2d"),
    ImageEntry("acs", "PFLTFILE", ("HRC", "WFC"), "acs2d/doflat.c with FindLine of findbin.c"),
)
"""Images of which an exposure of a subarray uses its part only; unbinned, as ACS exposures always are."""

_TABLES: Final = {(entry.instrument, entry.keyword): entry for entry in TABLES}
_IMAGES: Final = {(entry.instrument, entry.keyword): entry for entry in IMAGES}
_OTHER_KEYWORD: Final[Mapping[str, str]] = {"DATE": "EXPSTART"}
"""Header keyword of a column whose keyword has another name."""

ROW_KEYWORDS: Final = frozenset(
    _OTHER_KEYWORD.get(column.name, column.name)
    for entry in TABLES
    for column in (*entry.columns, *(column for _, column in entry.of_fewer))
)
"""Header keywords whose values select rows."""
EXTENSION_KEYWORDS: Final = frozenset(
    column.name for entry in TABLES for column in entry.columns if column.in_extensions
)
"""Those that may differ between the extensions of one file."""


def has_entry(instrument: str, keyword: str) -> bool:
    """Tell whether it is known which part of a type of file an exposure uses."""
    return (instrument, keyword) in _TABLES or (instrument, keyword) in _IMAGES


def used_part(exposure: Exposure, keyword: str) -> Used:
    """Find the part of a type of reference file that an exposure uses.

    A condition whose header value is not known, or matches anything, is left out: more is compared then.
    """
    image = _IMAGES.get((exposure.instrument, keyword))
    if image is not None:
        detector = "".join(exposure.values.get("DETECTOR", ())[:1])
        return Used(region=exposure.region if detector in image.detectors else None)
    entry = _TABLES.get((exposure.instrument, keyword))
    if entry is None:
        return Used()
    fewer = ((name, one) for name, column in entry.of_fewer for one in _criteria(exposure.values, (column,)))
    return Used(tuple(_criteria(exposure.values, entry.columns)), of_fewer=tuple(fewer))


def own_rows(instrument: str, keyword: str, values: Mapping[str, Sequence[str]]) -> tuple[Criterion, ...]:
    """Return the conditions on the rows of a table that describe an exposure itself, and not its lamps.

    Parameters
    ----------
    instrument
        In lower case.
    keyword
        Type of the table.
    values
        Values of the exposure, by header keyword.

    Returns
    -------
    tuple of Criterion
        Empty if it is not known how engines select rows of such a table.
    """
    entry = _TABLES.get((instrument, keyword))
    return () if entry is None else tuple(_criteria(values, (evolve(one, also=()) for one in entry.columns)))


def row_tables(instrument: str) -> tuple[str, ...]:
    """List the types of tables of which it is known how engines select rows, in alphabetical order."""
    return tuple(sorted(keyword for name, keyword in _TABLES if name == instrument))


def _criteria(values_of: Mapping[str, Sequence[str]], columns: Iterable[Column]) -> Iterable[Criterion]:
    for column in columns:
        found = values_of.get(_OTHER_KEYWORD.get(column.name, column.name), ())
        values = tuple(sorted({value.strip().upper() for value in found}))
        if not values or ANY_VALUE.intersection(values) or _is_several(column, values):
            continue
        yield Criterion(column.name, column.match, tuple(sorted({*values, *column.also})))


def _is_several(column: Column, values: tuple[str, ...]) -> bool:
    """Tell whether a value stands for several: header of a product made of both segments."""
    return column.name == "SEGMENT" and "BOTH" in values
