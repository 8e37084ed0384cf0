"""The commands that calibrate a dataset (docs/reference/contracts/datasets.md)."""

from __future__ import annotations

import pytest

from caldp.domain.calibration.plan import HAP_TOLERATED, Stage, missing_inputs, plan_commands
from caldp.domain.errors import InvalidInput
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.association import Association
from tests.support.observations import ACS_REPEAT, COS_FUV, STIS_CRSPLIT, WFC3_DITHER, association, observe

COS_RAWS = "ldfd01vnq_rawtag_a.fits ldfd01vpq_rawtag_a.fits ldfd01vrq_rawtag_a.fits ldfd01vtq_rawtag_a.fits"

# dataset, association table, raw files, commands with the stage that each belongs to
PLANS = {
    "ACS association": (
        "jbz504010", ACS_REPEAT, "jbz504ejq_raw.fits jbz504ekq_raw.fits",
        ["stage1: calacs.e jbz504010_asn.fits", "stage2: runastrodriz -n 1 jbz504010_asn.fits"],
    ),
    "ACS exposure": (
        "j6gp01mkq", None, "j6gp01mkq_raw.fits",
        ["stage1: calacs.e j6gp01mkq_raw.fits", "stage2: runastrodriz -n 1 j6gp01mkq_raw.fits"],
    ),
    "WFC3 association": (
        "isim01010", WFC3_DITHER, "isim01a1q_raw.fits isim01a2q_raw.fits",
        ["stage1: calwf3.e isim01010_asn.fits", "stage2: runastrodriz -n 1 isim01010_asn.fits"],
    ),
    "WFC3 exposure": (
        "iacs01t4q", None, "iacs01t4q_raw.fits",
        ["stage1: calwf3.e iacs01t4q_raw.fits", "stage2: runastrodriz -n 1 iacs01t4q_raw.fits"],
    ),
    "COS association": ("ldfd01010", COS_FUV, COS_RAWS, ["stage1: calcos ldfd01010_asn.fits"]),
    "COS exposure: calcos finds the other segment": (
        "ldfd01vnq", None, "ldfd01vnq_rawtag_b.fits ldfd01vnq_rawtag_a.fits",
        ["stage1: calcos ldfd01vnq_rawtag_a.fits"],
    ),
    "COS acquisition": ("ldfd01vlq", None, "ldfd01vlq_rawacq.fits", ["stage1: calcos ldfd01vlq_rawacq.fits"]),
    "STIS: the raw, not the wavelength calibration": (
        "osim01010", STIS_CRSPLIT, "osim01010_raw.fits osim01010_wav.fits", ["stage1: cs0.e -tv osim01010_raw.fits"],
    ),
    "STIS: each raw by itself, a second name would be the output's root": (
        "obes03010", STIS_CRSPLIT, "obes03b2q_raw.fits obes03a1q_raw.fits",
        ["stage1: cs0.e -tv obes03a1q_raw.fits", "stage1: cs0.e -tv obes03b2q_raw.fits"],
    ),
    "STIS: each wavelength calibration where there is no raw": (
        "obes03010", STIS_CRSPLIT, "obes03010_wav.fits obes03010_tag.fits", ["stage1: cs0.e -tv obes03010_wav.fits"],
    ),
    "visit": (
        "acs_8ph_01", None, "j8ph01a1q_flc.fits acs_8ph_01_input.out", ["svm: runsinglehap acs_8ph_01_input.out"],
    ),
    "sky cell": (
        "skycell-p2381x06y09", None, "skycell-p2381x06y09_input.out",
        ["mvm: runmultihap skycell-p2381x06y09_input.out"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "table", "raws", "commands"), PLANS.values(), ids=PLANS.keys())
def test_commands(name: str, table: Association | None, raws: str, commands: list[str]) -> None:
    planned = plan_commands(observe(name, raws, table))
    assert [f"{command.stage.value}: {' '.join(command.argv)}" for command in planned] == commands
    assert all(command.program == command.argv[0] for command in planned)


@pytest.mark.parametrize(
    ("name", "table", "raws", "tolerated"),
    [
        ("ldfd01vlq", None, "ldfd01vlq_rawacq.fits", {5}),
        ("j6gp01mkq", None, "j6gp01mkq_raw.fits", set()),
        ("osim01010", STIS_CRSPLIT, "osim01010_raw.fits", set()),
        ("acs_8ph_01", None, "acs_8ph_01_input.out", {55, 65}),
        ("skycell-p2381x06y09", None, "skycell-p2381x06y09_input.out", {55, 65}),
    ],
)
def test_tolerated_statuses(name: str, table: Association | None, raws: str, tolerated: set[int]) -> None:
    for command in plan_commands(observe(name, raws, table)):
        assert command.tolerated == tolerated
    assert {55, 65} == HAP_TOLERATED


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        (Stage.STAGE1, ExitCode.STAGE1_ERROR),
        (Stage.STAGE2, ExitCode.STAGE2_ERROR),
        (Stage.SVM, ExitCode.SVM_ERROR),
        (Stage.MVM, ExitCode.MVM_ERROR),
    ],
)
def test_each_stage_has_its_exit_code(stage: Stage, code: ExitCode) -> None:
    assert stage.exit_code is code


@pytest.mark.parametrize("name", ["j6gp01mkq", "iacs01t4q", "ldfd01vnq", "obes03a1q"])
def test_nothing_to_start_from_is_refused_with_the_suffixes_that_are_expected(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"nothing to calibrate among the inputs of {name}") as caught:
        plan_commands(observe(name, ""))
    assert "_raw" in caught.value.advice


MISSING = {
    "all there": ("ldfd01010", COS_FUV, COS_RAWS, []),
    "one exposure missing": (
        "ldfd01010", COS_FUV, COS_RAWS.replace("ldfd01vpq_rawtag_a.fits", ""), ["exposure ldfd01vpq"],
    ),
    "no exposure there": ("jbz504010", ACS_REPEAT, "", ["exposure jbz504ejq", "exposure jbz504ekq"]),
    "no table": ("ldfd01010", None, COS_RAWS, ["the association table ldfd01010_asn.fits"]),
    "an exposure that the archive does not have is not missed": (
        "isim01010", association("isim01010", "isim01a1q EXP-DTH", "isim01a2q EXP-DTH no"), "isim01a1q_raw.fits", [],
    ),
    "an exposure needs no table": ("j6gp01mkq", None, "j6gp01mkq_raw.fits", []),
    "members of a STIS table are parts of one raw file": ("osim01010", STIS_CRSPLIT, "osim01010_raw.fits", []),
    "STIS science is missed though its wavelength calibration is there": (
        "osim01010", STIS_CRSPLIT, "osim01010_wav.fits", ["exposure osim01010_raw.fits"],
    ),
    "a STIS table of wavelength calibrations alone misses nothing": (
        "osim01010", association("osim01010", "osim01w1q GO-WAVECAL"), "osim01010_wav.fits", [],
    ),
    "a visit is told by its poller file": ("acs_8ph_01", None, "acs_8ph_01_input.out", []),
}  # fmt: skip


@pytest.mark.parametrize(("name", "table", "raws", "missing"), MISSING.values(), ids=MISSING.keys())
def test_missing_inputs(name: str, table: Association | None, raws: str, missing: list[str]) -> None:
    observation = observe(name, raws, table)
    assert list(missing_inputs(observation)) == missing
    if missing:
        with pytest.raises(InvalidInput, match=f"Inputs of {name} are missing: {', '.join(missing)}"):
            plan_commands(observation)
