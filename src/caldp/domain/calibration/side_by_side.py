"""Exposures that stand by themselves: their commands are independent, and may run side by side.

An association's engine calibrates its exposures one after the other. Where no exposure's products depend on another
exposure, an engine of its own can calibrate each, and a last command combines them as the engine itself would.
Wherever that is not proven the engine runs once, on the whole. Source: calcos 3.6.2 (``calcos.py``: Association,
Calibration) and calstis 3.5 (``stisinit.c``, ``calstis0.c``); ``docs/decisions/2026-11-26-side-by-side.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from caldp.domain.calibration.expected.cos import given_exposures
from caldp.domain.calibration.expected.cos_exposure import Exposure
from caldp.domain.calibration.plan import Observation, Stage, StageCommand
from caldp.domain.hst.association import Association, Member
from caldp.domain.hst.files import FitsFacts, HstFileName
from caldp.domain.hst.instrument import Instrument

PROVEN: Final = frozenset({Instrument.COS, Instrument.STIS})
"""Instruments of which some exposures may be calibrated side by side."""

_MEBIBYTE: Final = 1 << 20
_RESERVE: Final = 512 * _MEBIBYTE
"""Memory that is left to caldp itself, which draws and digests beside the engines; bytes."""
_COS_MEMORY: Final = {"FUV": 1300 * _MEBIBYTE, "NUV": 400 * _MEBIBYTE}
"""Memory of calcos on one exposure with few events, by detector; bytes.

Measured with calcos 3.6.2: 1180 MiB at most for the exposures of ``ldfd01010``, 221 MiB for those of ``lsim01010``.
"""
_COS_MEMORY_OF_RAWS: Final = 12
"""Further memory of calcos for each byte of the raw files of an exposure.

Measured with calcos 3.6.2: 6.4, on 8 times the events of ``ldfd01vrq`` (4.7 million).
"""
_STIS_MEMORY: Final = 200 * _MEBIBYTE
"""Memory of cs0.e on one small raw file; bytes. Measured with calstis 3.5: 52 MiB for ``osim02010``."""
_STIS_MEMORY_OF_RAWS: Final = 16
"""Further memory of cs0.e for each byte of raw data: 2-byte counts become values, errors and flags, of 10 bytes."""

_COS_SUFFIXES: Final = {"FUV": {"rawtag_a", "rawtag_b"}, "NUV": {"rawtag"}}
"""Suffixes of the raw files of an exposure in TIME-TAG mode, by detector."""
_COS_ALIKE: Final = ("DETECTOR", "OBSTYPE", "OBSMODE", "OPT_ELEM", "CENWAVE", "XTRCTALG", "STATFLAG")
"""Keywords that calcos takes from the first exposure, or compares (compareConfig, missingRefFiles)."""
_COS_REFERENCES: Final = (
    "FLATFILE", "HVTAB", "XWLKFILE", "YWLKFILE", "BPIXTAB", "GSAGTAB", "SPOTTAB", "BRFTAB", "GEOFILE", "DGEOFILE",
    "TWOZXTAB", "DEADTAB", "PHAFILE", "PHATAB", "BRSTTAB", "BADTTAB", "TRACETAB", "XTRACTAB", "LAMPTAB", "DISPTAB",
    "FLUXTAB", "IMPHTTAB", "PHOTTAB", "SPWCSTAB", "WCPTAB", "TDSTAB", "PROFTAB", "HVDSTAB",
)  # fmt: skip
"""Reference files of calcos, which it compares with those of the first exposure (``getinfo.py``: getRefFileNames)."""


@frozen
class SideBySide:
    """Commands that calibrate exposures side by side.

    Attributes
    ----------
    commands
        Commands in an order in which they could also run one by one; none if they must not.
    obstacle
        Reason why they must not; empty if they may.
    """

    commands: tuple[StageCommand, ...] = ()
    obstacle: str = ""


def side_by_side(
    commands: Sequence[StageCommand], observation: Observation, combination: tuple[str, ...] = ()
) -> SideBySide:
    """Find the commands that calibrate a dataset exposure by exposure, with the same products.

    Parameters
    ----------
    commands
        Commands of the plan.
    observation
        Observation under calibration; headers of the raw files as the engines will find them, with references.
    combination
        Program and arguments that combine exposures which calcos has calibrated, before the name of the association
        table; empty if there is none.
    """
    first = [command for command in commands if command.stage is Stage.STAGE1]
    rest = tuple(command for command in commands if command.stage is not Stage.STAGE1)
    instrument = None if observation.dataset.is_mosaic else observation.dataset.instrument
    if instrument is Instrument.COS and len(first) == 1:
        obstacles, apart = _of_cos(observation, combination), _cos(first[0], observation, combination)
    elif instrument is Instrument.STIS and first[1:]:
        obstacles, apart = _of_stis(first, observation), _stis(first, observation)
    else:
        return SideBySide(obstacle="one run of its engine calibrates all of it")
    obstacle = next(obstacles, "")
    return SideBySide(obstacle=obstacle) if obstacle else SideBySide((*apart, *rest))


def _of_cos(observation: Observation, combination: tuple[str, ...]) -> Iterator[str]:
    """Find what makes an exposure of an association depend on others, or the run differ from that of the whole."""
    association = observation.association
    if association is None or len(association.exposures) < 2:
        yield "it has one exposure"
        return
    if not combination:
        yield "its calcos is none whose averages caldp can make by itself"
    roots = [member.name for member in association.exposures]
    if len(set(roots)) < len(roots) or len(association.products) != 1:
        yield "its association table lists an exposure twice, or not just one product"
    if any("WAVE" in member.kind for member in association.members):
        yield "it has wavelength calibrations of its own, on which its exposures depend"
    if any(_table_of(root) in observation.others for root in roots):
        yield "an association table of one of its exposures lies among its inputs"
    exposures = tuple(given_exposures(observation))
    if {exposure.root for exposure in exposures} != set(roots):
        yield "not every exposure has raw files"
    names = [name for raw in observation.raws if (name := HstFileName.parse(raw)) and name.root in roots]
    for exposure in exposures:
        suffixes = {name.suffix for name in names if name.root == exposure.root}
        if not suffixes <= _COS_SUFFIXES.get(exposure.first.text("DETECTOR"), set()) or not exposure.is_tagged:
            yield f"{exposure.root} is not in TIME-TAG mode alone"
        yield from _of_cos_exposure(exposure)
    headers = [facts for exposure in exposures for facts in exposure.files.values()]
    if any(_agreed(headers[0]) != _agreed(facts) for facts in headers[1:]):
        yield "its exposures differ in configuration, switches or reference files"


def _of_cos_exposure(exposure: Exposure) -> Iterator[str]:
    if exposure.kind != "EXTERNAL/SCI":
        yield f"{exposure.root} is of the type {exposure.kind}"
    elif exposure.is_spectrum and not exposure.has_flashes:
        yield f"{exposure.root} is a spectrum without lamp flashes"
    elif not exposure.is_exposed:
        yield f"{exposure.root} has no exposure time, or no data"


def _agreed(facts: FitsFacts) -> tuple[object, ...]:
    """Pick the parts of a header in which calcos expects all exposures of an association to agree."""
    keywords = tuple(facts.text(keyword) for keyword in (*_COS_ALIKE, *_COS_REFERENCES))
    return (*keywords, {name: str(value) for name, value in facts.primary.items() if name.endswith("CORR")})


def _cos(whole: StageCommand, observation: Observation, combination: tuple[str, ...]) -> Iterator[StageCommand]:
    """Calibrate each exposure as an association of its own without a product, then combine them."""
    association = observation.association
    members = association.exposures if association else ()
    exposures = {exposure.root: exposure for exposure in given_exposures(observation)}
    for member in members:
        yield evolve(
            whole,
            argv=(*whole.argv[:-1], _table_of(member.name)),
            exposure=member.name,
            table=Association(member.name, (Member(member.name, member.kind),)),
            memory=_cos_memory(exposures[member.name]),
        )
    yield StageCommand(
        whole.stage, (*combination, whole.argv[-1]), engine=whole.program, needs=frozenset(m.name for m in members)
    )


def _table_of(root: str) -> str:
    return f"{root}_asn.fits"


def _cos_memory(exposure: Exposure) -> int:
    base = _COS_MEMORY.get(exposure.first.text("DETECTOR"), max(_COS_MEMORY.values()))
    return base + _COS_MEMORY_OF_RAWS * _data_bytes(exposure.files.values())


def _of_stis(commands: Iterable[StageCommand], observation: Observation) -> Iterator[str]:
    """Find files that two runs of cs0.e would both work on: their names begin with that of the raw file."""
    names = [command.argv[-1] for command in commands]
    wavecals = [observation.raws[name].text("WAVECAL") for name in names]
    shared = [name for name in wavecals if name not in ("", "N/A")]
    if len(set(shared)) < len(shared):
        yield "two of its exposures have the same wavelength calibration"
    if len({command.exposure for command in commands}) < len(names):
        yield "two of its raw files have the same rootname"


def _stis(commands: Iterable[StageCommand], observation: Observation) -> Iterator[StageCommand]:
    for command in commands:
        size = _data_bytes([observation.raws[command.argv[-1]]])
        yield evolve(command, needs=frozenset(), memory=_STIS_MEMORY + _STIS_MEMORY_OF_RAWS * size)


def _data_bytes(files: Iterable[FitsFacts]) -> int:
    return sum(extension.data_bytes for facts in files for extension in facts.extensions)


def fitting(asked: int, commands: Iterable[StageCommand], cores: int, memory: int | None) -> int:
    """Say how many commands may run at once.

    Parameters
    ----------
    asked
        Number that the user asked for; 0 for as many as fit.
    commands
        Commands, each with the memory that it may hold.
    cores
        Cores that may be used; 0 if that is not known.
    memory
        Memory that is left; bytes, None if that is not known.
    """
    exposures = [command for command in commands if command.exposure]
    if asked or not exposures:
        return min(max(asked, 1), max(len(exposures), 1))
    largest = max(command.memory for command in exposures)
    by_memory = 1 if memory is None else (memory - _RESERVE) // max(largest, 1)
    return max(1, min(cores, by_memory, len(exposures)))
