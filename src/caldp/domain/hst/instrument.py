"""HST's instruments, and the one table of their calibration: commands, files and variables."""

from __future__ import annotations

from enum import Enum
from typing import Final

from attrs import frozen

from caldp.domain.errors import InvalidDatasetName, UnsupportedInstrument


class Instrument(Enum):
    """An instrument that we calibrate; the value is its lower-case name in paths and in CRDS."""

    ACS = "acs"
    WFC3 = "wfc3"
    COS = "cos"
    STIS = "stis"

    @property
    def recipe(self) -> Recipe:
        """Recipe of this instrument's calibration."""
        return RECIPES[self]

    def __str__(self) -> str:
        return self.value


class StageInput(Enum):
    """Files of a dataset that a stage's command is given."""

    ASSOCIATION_ELSE_EVERY_RAW = "the association table, else every raw file"
    ASSOCIATION_ELSE_FIRST_RAW = "the association table, else the first raw file"
    EACH_RAW_ELSE_EACH_WAV = "each raw file, only if there is none each wavelength calibration"


@frozen
class Recipe:
    """Commands, files and variables for the calibration of one instrument.

    Attributes
    ----------
    letter
        First letter of the instrument's dataset names.
    reference_variable
        Environment variable that HSTCAL and calcos expand in ``jref$name`` header values.
    download_suffixes
        MAST's names of the product types that calibration starts from.
    raw_suffixes
        File name suffixes of raw exposures: references are assigned to these.
    stage1, stage2
        Command words before the file names; stage 2 is empty where there is none.
    stage_input
        Files that the commands are given.
    tolerated_statuses
        Statuses of stage 1 that may mean that there was nothing to calibrate.
    undelivered_suffixes
        Suffixes of files that calibration needs and the archive does not want back.
    """

    letter: str
    reference_variable: str
    download_suffixes: tuple[str, ...]
    raw_suffixes: tuple[str, ...]
    stage1: tuple[str, ...]
    stage2: tuple[str, ...]
    stage_input: StageInput
    tolerated_statuses: frozenset[int] = frozenset()
    undelivered_suffixes: tuple[str, ...] = ()


_DRIZZLE = ("runastrodriz", "-n", "1")

RECIPES: Final[dict[Instrument, Recipe]] = {
    Instrument.ACS: Recipe(
        letter="j",
        reference_variable="jref",
        download_suffixes=("ASN", "RAW"),
        raw_suffixes=("raw",),
        stage1=("calacs.e",),
        stage2=_DRIZZLE,
        stage_input=StageInput.ASSOCIATION_ELSE_EVERY_RAW,
    ),
    Instrument.WFC3: Recipe(
        letter="i",
        reference_variable="iref",
        download_suffixes=("ASN", "RAW"),
        raw_suffixes=("raw",),
        stage1=("calwf3.e",),
        stage2=_DRIZZLE,
        stage_input=StageInput.ASSOCIATION_ELSE_EVERY_RAW,
    ),
    Instrument.COS: Recipe(
        letter="l",
        reference_variable="lref",
        download_suffixes=(
            "ASN", "RAW", "EPC", "SPT", "RAWACCUM", "RAWACCUM_A", "RAWACCUM_B", "RAWACQ", "RAWTAG", "RAWTAG_A",
            "RAWTAG_B", "PHA_A", "PHA_B",
        ),
        raw_suffixes=("raw", "rawaccum", "rawaccum_a", "rawaccum_b", "rawacq", "rawtag", "rawtag_a", "rawtag_b"),
        stage1=("calcos",),
        stage2=(),
        stage_input=StageInput.ASSOCIATION_ELSE_FIRST_RAW,
        tolerated_statuses=frozenset({5}),
    ),
    Instrument.STIS: Recipe(
        letter="o",
        reference_variable="oref",
        download_suffixes=("ASN", "RAW", "EPC", "TAG", "WAV"),
        raw_suffixes=("raw", "wav", "tag"),
        stage1=("cs0.e", "-tv"),
        stage2=(),
        stage_input=StageInput.EACH_RAW_ELSE_EACH_WAV,
        undelivered_suffixes=("epc",),
    ),
}  # fmt: skip

_BY_LETTER: Final = {recipe.letter: instrument for instrument, recipe in RECIPES.items()}

OTHERS: Final[dict[str, str]] = {
    "u": "wfpc2",
    "n": "nicmos",
    "v": "hsp",
    "w": "wfpc",
    "x": "foc",
    "y": "fos",
    "z": "hrs",
    "e": "eng",
    "f": "fgs",
}
"""First letters of HST's other dataset names: recognised, and refused with a sentence that says so."""

REFERENCE_DIRECTORIES: Final[dict[str, str]] = {
    "iref": "wfc3",
    "jref": "acs",
    "oref": "stis",
    "lref": "cos",
    "nref": "nicmos",
    "uref": "wfpc2",
}
"""Reference variables and the directory that belongs to each in an ``instrument`` CRDS cache."""


def instrument_of(text: str) -> Instrument:
    """Find the instrument that a dataset name, a file name or an instrument name belongs to.

    Parameters
    ----------
    text
        For example ``j8cb010b0``, ``LDFD01VNQ``, ``wfc3_8ph_01``, ``acs``.

    Raises
    ------
    UnsupportedInstrument
        For an instrument that HST has had and we do not calibrate.
    InvalidDatasetName
        If neither a name nor its first letter is an instrument's.
    """
    name = text.strip().lower().partition("_")[0] if text.isascii() else ""  # of a visit, its instrument's name
    for instrument in Instrument:
        if name == instrument.value:
            return instrument
    letter = name[:1]
    if name in OTHERS.values() or letter in OTHERS:
        other = name if name in OTHERS.values() else OTHERS[letter]
        raise UnsupportedInstrument(
            f"{text[:80]} belongs to {other.upper()}, which caldp does not calibrate.",
            advice="caldp calibrates ACS, WFC3, COS and STIS; get other instruments' products from MAST.",
        )
    if letter not in _BY_LETTER:
        raise InvalidDatasetName(
            f"No HST instrument's names begin like {text[:80]!r}.",
            advice="Names begin with j (ACS), i (WFC3), l (COS) or o (STIS).",
        )
    return _BY_LETTER[letter]
