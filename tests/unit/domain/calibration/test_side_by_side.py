"""Exposures that stand by themselves, and the commands that calibrate them side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from caldp.domain.calibration.plan import Observation, StageCommand, plan_commands
from caldp.domain.calibration.side_by_side import fitting, side_by_side
from caldp.domain.hst.association import Association, Member
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import Extension, FitsFacts
from tests.support.observations import ACS_REPEAT, COS_FUV, STIS_CRSPLIT, association, observe

COMBINE = ("/venv/bin/python", "-m", "combination")
FUV: dict[str, Any] = {
    "DETECTOR": "FUV", "OBSTYPE": "SPECTROSCOPIC", "OBSMODE": "TIME-TAG", "EXPTYPE": "EXTERNAL/SCI",
    "OPT_ELEM": "G140L", "CENWAVE": 1105, "TAGFLASH": "AUTO", "NUMFLASH": 3, "EXPTIME": 1116.0,
    "X1DCORR": "PERFORM", "FLATCORR": "PERFORM",
    "FLATFILE": "lref$a_flat.fits", "PHATAB": "N/A",
}  # fmt: skip
IMAGING: dict[str, Any] = {
    "DETECTOR": "NUV", "OBSTYPE": "IMAGING", "OPT_ELEM": "MIRRORA", "CENWAVE": 0, "TAGFLASH": "NONE", "X1DCORR": "OMIT",
}  # fmt: skip


def raw(name: str, size: int = 1 << 20, **keywords: Any) -> FitsFacts:
    return FitsFacts(name, {**FUV, **keywords}, (Extension("EVENTS", {}, size),))


def cos(table: Association = COS_FUV, suffixes: str = "rawtag_a", others: str = "", **keywords: Any) -> Observation:
    """Make an association whose exposures differ in FPPOS alone."""
    names = [f"{member.name}_{suffix}.fits" for member in table.exposures for suffix in suffixes.split()]
    raws = {name: raw(name, FPPOS=position, **keywords) for position, name in enumerate(names, start=1)}
    return Observation(DatasetName.parse("ldfd01010"), table, raws, frozenset(others.split()))


def changed(name: str, **keywords: Any) -> Observation:
    """Change the header of one raw file of an association."""
    good = cos()
    return evolve(good, raws={**good.raws, name: raw(name, **keywords)})


def commands_of(observation: Observation, combination: tuple[str, ...] = COMBINE) -> tuple[StageCommand, ...]:
    return side_by_side(plan_commands(observation), observation, combination).commands


STANDING: dict[str, Observation] = {
    "FUV spectra": cos(),
    "FUV spectra of both segments": cos(suffixes="rawtag_a rawtag_b"),
    "NUV spectra": cos(suffixes="rawtag", DETECTOR="NUV"),
    "NUV images": cos(suffixes="rawtag", **IMAGING),
    "an acquisition beside them": evolve(cos(), raws={**cos().raws, "ldfd01vlq_rawacq.fits": FitsFacts("x")}),
    "an exposure that the archive does not have": cos(
        association("ldfd01010", "ldfd01vnq EXP-FP", "ldfd01vpq EXP-FP", "ldfd01vrq EXP-FP no", "ldfd01010 PROD-FP no")
    ),
}


@pytest.mark.parametrize("observation", STANDING.values(), ids=STANDING.keys())
def test_exposures_with_lamp_flashes_or_images_stand_by_themselves(observation: Observation) -> None:
    table = observation.association
    assert table is not None
    *each, last = commands_of(observation)
    roots = [member.name for member in table.exposures]
    assert [command.argv for command in each] == [("calcos", f"{root}_asn.fits") for root in roots]
    assert [command.exposure for command in each] == roots
    assert [command.table for command in each] == [Association(root, (Member(root, "EXP-FP"),)) for root in roots]
    assert last.argv == (*COMBINE, "ldfd01010_asn.fits")
    assert (last.program, last.exposure, last.table) == ("calcos", "", None)
    assert last.needs == frozenset(roots)
    assert not any(command.needs for command in each), "they are independent"
    assert {command.stage for command in (*each, last)} == {each[0].stage}


PAIR = ("ldfd01vnq EXP-FP", "ldfd01vpq EXP-FP")
DEPENDENT: dict[str, tuple[Observation, str]] = {
    "one exposure": (cos(association("ldfd01010", PAIR[0], "ldfd01010 PROD-FP")), "it has one exposure"),
    "one exposure that is there": (
        cos(association("ldfd01010", PAIR[0], "ldfd01vpq EXP-FP no", "ldfd01010 PROD-FP")), "it has one exposure",
    ),
    "a wavecal": (cos(association("ldfd01010", *PAIR, "ldfd01vrq EXP-AWAVE", "ldfd01010 PROD-FP")), "wavelength"),
    "a wavecal that is not there": (
        cos(association("ldfd01010", *PAIR, "ldfd01vrq EXP-GWAVE no", "ldfd01010 PROD-FP")), "wavelength",
    ),
    "simulated wavecals": (
        cos(association("ldfd01010", *PAIR, "ldfd01vrq EXP-SWAVE", "ldfd01010 PROD-FP")), "wavelength",
    ),
    "no product": (cos(association("ldfd01010", *PAIR)), "not just one product"),
    "two products": (
        cos(association("ldfd01010", *PAIR, "ldfd01010 PROD-FP", "ldfd01020 PROD-FP")), "not just one product",
    ),
    "an exposure twice": (cos(association("ldfd01010", *PAIR, PAIR[0], "ldfd01010 PROD-FP")), "twice"),
    "a table of an exposure": (cos(others="ldfd01vnq_asn.fits"), "lies among its inputs"),
    "accumulated images": (cos(suffixes="rawaccum_a", OBSMODE="ACCUM"), "ldfd01vnq is not in TIME-TAG mode alone"),
    "accumulated images with names of events": (cos(OBSMODE="ACCUM"), "ldfd01vnq is not in TIME-TAG mode alone"),
    "an acquisition of the same name": (
        evolve(cos(), raws={**cos().raws, "ldfd01vpq_rawacq.fits": raw("ldfd01vpq_rawacq.fits")}),
        "ldfd01vpq is not in TIME-TAG mode alone",
    ),
    "both modes": (cos(suffixes="rawtag_a rawaccum_a"), "ldfd01vnq is not in TIME-TAG mode alone"),
    "an unknown detector": (cos(DETECTOR="XUV"), "ldfd01vnq is not in TIME-TAG mode alone"),
    "darks": (cos(EXPTYPE="DARK"), "ldfd01vnq is of the type DARK"),
    "spectra without flashes": (cos(TAGFLASH="NONE"), "ldfd01vnq is a spectrum without lamp flashes"),
    "spectra whose flashes failed": (cos(NUMFLASH=0), "ldfd01vnq is a spectrum without lamp flashes"),
    "exposure time 0": (changed("ldfd01vpq_rawtag_a.fits", EXPTIME=0.0), "ldfd01vpq has no exposure time"),
    "no events": (changed("ldfd01vpq_rawtag_a.fits", size=0), "ldfd01vpq has no exposure time, or no data"),
    "another grating": (changed("ldfd01vpq_rawtag_a.fits", OPT_ELEM="G130M"), "differ in configuration"),
    "another wavelength": (changed("ldfd01vtq_rawtag_a.fits", CENWAVE=1280), "differ in configuration"),
    "another switch": (changed("ldfd01vpq_rawtag_a.fits", FLATCORR="OMIT"), "differ in configuration"),
    "a further switch": (changed("ldfd01vpq_rawtag_a.fits", HVDSCORR="PERFORM"), "differ in configuration"),
    "another reference": (changed("ldfd01vpq_rawtag_a.fits", FLATFILE="lref$b_flat.fits"), "reference files"),
    "a reference that others lack": (changed("ldfd01vpq_rawtag_a.fits", PHATAB="lref$pha.fits"), "reference files"),
    "raw files that cannot be read any more": (
        evolve(cos(), raws={name: facts for name, facts in cos().raws.items() if "vpq" not in name}),
        "not every exposure has raw files",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("observation", "why"), DEPENDENT.values(), ids=DEPENDENT.keys())
def test_any_doubt_means_one_run_for_all(observation: Observation, why: str) -> None:
    whole = plan_commands(cos())
    found = side_by_side(whole, observation, COMBINE)
    assert why in found.obstacle
    assert found.commands == ()


def test_without_a_program_that_combines_calcos_runs_once() -> None:
    found = side_by_side(plan_commands(cos()), cos(), ())
    assert found.commands == ()
    assert "averages" in found.obstacle


@pytest.mark.parametrize(
    ("name", "raws", "table"),
    [
        ("jbz504010", "jbz504ejq_raw.fits jbz504ekq_raw.fits", ACS_REPEAT),
        ("j6gp01mkq", "j6gp01mkq_raw.fits", None),
        ("osim01010", "osim01010_raw.fits", STIS_CRSPLIT),
        ("acs_8ph_01", "j8ph01a1q_flc.fits acs_8ph_01_input.out", None),
    ],
)
def test_what_is_not_proven_runs_as_a_whole(name: str, raws: str, table: Association | None) -> None:
    observation = observe(name, raws, table)
    found = side_by_side(plan_commands(observation), observation, COMBINE)
    assert (found.commands, found.obstacle) == ((), "one run of its engine calibrates all of it")


STIS_TABLE = association("obes03010", "obes03a1q CRSPLIT", "obes03b2q CRSPLIT", "obes03010 PRODUCT")


def stis(*wavecals: str) -> Observation:
    names = ("obes03a1q_raw.fits", "obes03b2q_raw.fits")
    raws = {
        name: FitsFacts(name, {"WAVECAL": wavecal}, (Extension("SCI", {}, 4 << 20),))
        for name, wavecal in zip(names, wavecals, strict=True)
    }
    return Observation(DatasetName.parse("obes03010"), STIS_TABLE, raws)


def test_raws_of_stis_are_planned_one_by_one() -> None:
    first, second = plan_commands(stis("N/A", "N/A"))
    assert (first.exposure, set(first.needs)) == ("obes03a1q", set())
    assert (second.exposure, set(second.needs)) == ("obes03b2q", {"obes03a1q"})


@pytest.mark.parametrize("wavecals", [("N/A", "N/A"), ("", "obes03b2q_wav.fits"), ("a_wav.fits", "b_wav.fits")])
def test_raws_of_stis_stand_by_themselves(wavecals: tuple[str, str]) -> None:
    commands = commands_of(stis(*wavecals), ())
    assert [command.argv for command in commands] == [
        ("cs0.e", "-tv", "obes03a1q_raw.fits"), ("cs0.e", "-tv", "obes03b2q_raw.fits")
    ]  # fmt: skip
    assert not any(command.needs for command in commands)


def test_raws_of_stis_that_share_a_wavelength_calibration_do_not() -> None:
    observation = stis("obes03010_wav.fits", "obes03010_WAV.fits")
    found = side_by_side(plan_commands(observation), observation)
    assert found.commands == ()
    assert "same wavelength calibration" in found.obstacle


ROOM: dict[str, tuple[dict[str, Any], int]] = {
    "as many as there are cores": ({"cores": 2}, 2),
    "no more than there are exposures": ({"cores": 64}, 4),
    "as many as memory holds": ({"cores": 64, "memory": 7 << 30}, 3),
    "as many as memory holds beside caldp": ({"cores": 64, "memory": 6 << 30}, 2),
    "one where memory holds none": ({"cores": 64, "memory": 1 << 30}, 1),
    "one where memory is not known": ({"cores": 64, "memory": None}, 1),
    "one where cores are not known": ({"cores": 0}, 1),
    "as many as the user asked for": ({"asked": 3, "cores": 1, "memory": 0}, 3),
    "never more than there are exposures": ({"asked": 99}, 4),
    "one": ({"asked": 1}, 1),
}


@pytest.mark.parametrize(("room", "number"), ROOM.values(), ids=ROOM.keys())
def test_as_many_run_at_once_as_fit(room: dict[str, Any], number: int) -> None:
    commands = tuple(evolve(command, memory=2 << 30) for command in commands_of(cos()))
    assert fitting(**{"asked": 0, "commands": commands, "cores": 2, "memory": 100 << 30, **room}) == number


MEMORY: list[tuple[Callable[[], Observation], int, int]] = [
    (cos, 1_200_000_000, 2_500_000_000),  # measured for ldfd01vnq: 1.23 GB
    (lambda: cos(suffixes="rawtag", DETECTOR="NUV"), 231_000_000, 1_000_000_000),  # for lsim01a1q: 0.23 GB
]


@pytest.mark.parametrize(("observation", "least", "most"), MEMORY)
def test_the_memory_of_an_exposure_is_what_was_measured(
    observation: Callable[[], Observation], least: int, most: int
) -> None:
    few, _, _, _, combination = commands_of(observation())
    assert least < few.memory < most
    assert combination.memory == 0
    big = observation()
    name = next(iter(big.raws))
    many = evolve(big, raws={**big.raws, name: evolve(big.raws[name], extensions=(Extension("EVENTS", {}, 1 << 30),))})
    assert commands_of(many)[0].memory > few.memory + (7 << 30), "measured: 6.4 bytes for each byte"
