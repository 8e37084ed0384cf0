"""Failures of real engines behind a status of 0, and caldp's answer to each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from astropy.io import fits

from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references.crds import CrdsReferences
from tests.support.engine_runs import Process, run_engine

pytestmark = [pytest.mark.shared_data, pytest.mark.engines]


def assign(raws: list[Path], crds_cache: Path, context: str) -> None:
    variables = {**os.environ, "CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu"}
    service = CrdsReferences(crds_cache, lambda: context, readonly=True, environment=variables, fits=AstropyFits())
    service.assign(raws, lambda _: None)


def test_runastrodriz_drizzles_and_rewrites_the_raw_exposure_where_there_is_no_other(
    unpacked: Callable[[str], Path], crds_cache: Path, environment: dict[str, str]
) -> None:
    directory = unpacked("j6gp01mkq")
    raw = directory / "j6gp01mkq_raw.fits"
    assign([raw], crds_cache, "hst_9729.pmap")
    before = raw.read_bytes()
    done = run_engine(["runastrodriz", "-n", "1", raw.name], directory, environment)
    assert done.returncode == 0, "which is why stage 2 is not begun after a stage 1 that made no flt"
    assert (directory / "j6gp01mkq_drz.fits").exists()
    assert raw.read_bytes() != before


def test_calcos_exits_0_without_its_association_table(
    unpacked: Callable[[str], Path], environment: dict[str, str], process: Process
) -> None:
    inputs = unpacked("ldfd01010")
    (inputs / "ldfd01010_asn.fits").unlink()
    assert run_engine(["calcos", "ldfd01010_asn.fits"], inputs, environment).returncode == 0
    run = process("ldfd01010", inputs=inputs)
    assert run.status != 0
    assert "ldfd01010_asn.fits" in run.said


def test_calcos_exits_5_without_any_raw_exposure(
    unpacked: Callable[[str], Path], environment: dict[str, str], process: Process
) -> None:
    inputs = unpacked("ldfd01010")
    for path in inputs.glob("*_raw*.fits"):
        path.unlink()
    assert run_engine(["calcos", "ldfd01010_asn.fits"], inputs, environment).returncode == 5
    run = process("ldfd01010", inputs=inputs)
    assert run.status != 0
    for root in ("ldfd01vnq", "ldfd01vpq", "ldfd01vrq", "ldfd01vtq"):
        assert root in run.said


def test_an_acquisition_image_is_calibrated(process: Process, unpacked: Callable[[str], Path]) -> None:
    run = process("ldfd01vlq", inputs=unpacked("ldfd01010"))
    assert run.status == 0, run.said
    assert {"ldfd01vlq_flt.fits", "ldfd01vlq_counts.fits", "ldfd01vlq.tra"} <= run.products
    assert not any("x1d" in name for name in run.products)


def test_an_acquisition_that_is_no_image_is_passed_over(process: Process, unpacked: Callable[[str], Path]) -> None:
    inputs = unpacked("ldfd01010")
    fits.setval(inputs / "ldfd01vlq_rawacq.fits", "EXPTYPE", value="ACQ/PEAKD")
    run = process("ldfd01vlq", inputs=inputs)
    assert run.status == 0, run.said
    assert [engine["status"] for engine in run.record["engines"]] == [5]
    assert run.record["notes"] == [
        "There was nothing to calibrate: calcos calibrates no exposure that is ACQ/PEAKD with these switches."
    ]


@pytest.mark.hstcal
def test_calstis_takes_a_second_exposure_for_the_name_of_its_output(
    unpacked: Callable[[str], Path], crds_cache: Path, environment: dict[str, str]
) -> None:
    directory = unpacked("osim01010")
    raws = [directory / f"osim01{name}q_raw.fits" for name in ("a1", "b2")]
    for raw in raws:
        shutil.copy(directory / "osim01010_raw.fits", raw)
    assign([*raws, directory / "osim01010_wav.fits"], crds_cache, "hst_0729.pmap")
    done = run_engine(["cs0.e", "-tv", *(raw.name for raw in raws)], directory, environment)
    assert done.returncode == 0
    assert {path.name for path in directory.glob("*_flt.fits")} == {"osim01b2q_flt.fits"}, "of the first exposure!"


@pytest.mark.hstcal
def test_calstis_exits_0_without_exposure_time(process: Process, unpacked: Callable[[str], Path]) -> None:
    inputs = unpacked("osim01010")
    fits.setval(inputs / "osim01010_raw.fits", "TEXPTIME", value=0.0)
    run = process("osim01010", inputs=inputs)
    assert run.status == 0, run.said
    assert run.record["notes"] == ["There was nothing to calibrate: osim01010_raw.fits: its exposure time is 0."]


@pytest.mark.hstcal
def test_calacs_exits_0_when_it_does_nothing(process: Process, unpacked: Callable[[str], Path]) -> None:
    inputs = unpacked("j6gp01mkq")
    with fits.open(inputs / "j6gp01mkq_raw.fits", mode="update") as hdus:
        hdus[0].header.update({name: "OMIT" for name in hdus[0].header if name.endswith("CORR")})
    run = process("j6gp01mkq", inputs=inputs)
    assert run.status == 0, run.said
    assert run.programs == ["calacs.e"]
    assert run.record["notes"] == ["There was nothing to calibrate: no calibration switch is set to PERFORM."]
