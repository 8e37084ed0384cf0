"""Engines that end with status 0 and leave something that is no result: a failure that names the file, each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from caldp.app.process.flow import CalibrationResult, FetchedInputs, PreviewSet
from caldp.app.process.steps.collect import collect
from caldp.domain.calibration.plan import Stage
from caldp.domain.exit_codes import ExitCode
from tests.support.calibration_bench import Bench
from tests.support.fits_bytes import fits_bytes, table_bytes
from tests.support.mutilations import (
    OF_IMAGES,
    OF_TABLES,
    OF_TWO_SETS,
    Mutilation,
    with_keyword,
    without_last_hdu,
)
from tests.support.scripted import Script
from tests.unit.app.process.steps.test_calibrate import CCD, FUV, HRC, TABLE

PAIR = table_bytes([("J6GP01MAQ", "EXP-DTH"), ("J6GP01MBQ", "EXP-DTH"), ("J6GP01010", "PROD-DTH")])


@pytest.fixture
def acs(tmp_path: Path) -> Bench:
    """An association of two exposures of two chips each."""
    raws = {
        f"j6gp01m{x}q_raw.fits": fits_bytes({**HRC, "ROOTNAME": f"j6gp01m{x}q", "DETECTOR": "WFC"}, ({}, {}))
        for x in "ab"
    }
    return Bench(tmp_path, "j6gp01010", {"j6gp01010_asn.fits": PAIR, **raws})


@pytest.fixture
def stis(tmp_path: Path) -> Bench:
    """A CCD spectrum with its wavelength calibration and table."""
    wav = fits_bytes({"ROOTNAME": "obes03010"})
    table = table_bytes([("OBES03S1Q", "CRSPLIT"), ("OBES03010", "PRODUCT")])
    inputs = {"obes03010_raw.fits": fits_bytes(CCD), "obes03010_wav.fits": wav, "obes03010_asn.fits": table}
    return Bench(tmp_path, "obes03010", inputs)


@pytest.fixture
def cos(tmp_path: Path) -> Bench:
    """An FUV association of two exposures."""
    raws = {f"ldfd01v{x}q_rawtag_a.fits": fits_bytes({**FUV, "ROOTNAME": f"ldfd01v{x}q"}) for x in "np"}
    return Bench(tmp_path, "ldfd01010", {"ldfd01010_asn.fits": TABLE, **raws})


ENGINES = {"acs": "calacs.e", "stis": "cs0.e", "cos": "calcos"}
LETTERS = {"acs": "j", "stis": "o", "cos": "l"}
IMAGES = {**OF_IMAGES, **OF_TWO_SETS}


def run(bench: Bench, *commands: str, **changed: bytes) -> CalibrationResult:
    """Calibrate with a first engine that does its job, then other things, and a second that does its job."""
    engine = ENGINES[next(name for name, letter in LETTERS.items() if bench.dataset.startswith(letter))]
    bench.install(engine, Script(files={**bench.good(), **changed}, commands=commands))
    if engine == "calacs.e":
        bench.install("runastrodriz", Script(files=bench.good(Stage.STAGE2)))
    return bench.calibrate()


def mutilated(bench: Bench, name: str, mutilation: Mutilation, stage: Stage = Stage.STAGE1) -> dict[str, bytes]:
    path = bench.root / name
    path.write_bytes(bench.good(stage)[name])
    before = path.read_bytes()
    mutilation(path)
    assert path.read_bytes() != before
    return {name: path.read_bytes()}


def assert_fails(result: CalibrationResult, name: str, code: ExitCode = ExitCode.STAGE1_ERROR) -> None:
    assert result.failure is not None
    assert result.failure.status is code
    assert name in result.failure.message
    assert result.judged is None


@pytest.mark.parametrize("instrument", ENGINES)
def test_without_any_of_this_the_run_is_good(instrument: str, request: pytest.FixtureRequest) -> None:
    bench: Bench = request.getfixturevalue(instrument)
    result = run(bench)
    assert result.failure is None
    assert result.judged is not None


@pytest.mark.parametrize("how", IMAGES)
def test_an_image_that_is_not_whole(how: str, acs: Bench) -> None:
    name = "j6gp01maq_flt.fits"
    assert_fails(run(acs, **mutilated(acs, name, IMAGES[how])), name)


@pytest.mark.parametrize("how", OF_TABLES)
def test_a_spectrum_that_is_not_whole(how: str, cos: Bench) -> None:
    name = "ldfd01010_x1dsum.fits"
    assert_fails(run(cos, **mutilated(cos, name, OF_TABLES[how])), name)


@pytest.mark.parametrize(
    ("keyword", "value"), [("EXPTIME", 0.0), ("ROOTNAME", "J6GP01MBQ"), ("ROOTNAME", "J6GP02MAQ"), ("ROOTNAME", "")]
)
def test_a_header_that_is_not_the_exposures(keyword: str, value: object, acs: Bench) -> None:
    name = "j6gp01maq_flt.fits"
    assert_fails(run(acs, **mutilated(acs, name, with_keyword(keyword, value))), name)


def test_a_drizzled_image_without_its_weights(acs: Bench) -> None:
    name = "j6gp01010_drz.fits"
    broken = mutilated(acs, name, without_last_hdu, Stage.STAGE2)
    acs.install("calacs.e", Script(files=acs.good()))
    acs.install("runastrodriz", Script(files={**acs.good(Stage.STAGE2), **broken}))
    assert_fails(acs.calibrate(), name, ExitCode.STAGE2_ERROR)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("rm j6gp01maq_flt.fits", "j6gp01maq_flt.fits was deleted"),
        ("head -c 5760 j6gp01maq_flt.fits > x; mv x j6gp01maq_flt.fits", "j6gp01maq_flt.fits is not a whole FITS file"),
        ("rm j6gp01maq_raw.fits", "j6gp01maq_raw.fits was deleted"),
    ],
)
def test_a_second_stage_that_spoils_what_the_first_has_made(command: str, said: str, acs: Bench) -> None:
    acs.install("calacs.e", Script(files=acs.good()))
    acs.install("runastrodriz", Script(files=acs.good(Stage.STAGE2), commands=(command,)))
    assert_fails(acs.calibrate(), said, ExitCode.STAGE2_ERROR)


@pytest.mark.parametrize("name", ["obes03010_raw.fits", "obes03010_wav.fits", "obes03010_asn.fits"])
@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("rm {}", "was deleted"),
        ("printf x >> {}", "was overwritten"),
        ("printf x > {}", "was overwritten"),
        ("cp {0} y.dat; ln -sf y.dat {0}", "was overwritten"),
        ("ln -sf nowhere {}", "was deleted"),
    ],
    ids=["deleted", "longer", "replaced", "a link", "a broken link"],
)
def test_an_engine_leaves_its_inputs_alone(command: str, what: str, name: str, stis: Bench) -> None:
    assert_fails(run(stis, command.format(name)), f"{name} {what}")


def test_an_association_table_keeps_its_rows_whatever_is_present(acs: Bench) -> None:
    name = "j6gp01010_asn.fits"
    table = acs.root / name
    table.write_bytes(acs.inputs[name])
    with_present(table, [True, True, False])
    assert run(acs, **{name: table.read_bytes()}).failure is None, "calacs and calwf3 do that"


def test_an_association_table_keeps_the_presence_of_its_exposures(acs: Bench) -> None:
    name = "j6gp01010_asn.fits"
    table = acs.root / name
    table.write_bytes(acs.inputs[name])
    with_present(table, [True, False, True])
    assert_fails(run(acs, **{name: table.read_bytes()}), f"{name} was overwritten")


def test_an_association_table_with_other_rows_was_overwritten(acs: Bench) -> None:
    other = table_bytes([("J6GP01MAQ", "EXP-DTH"), ("J6GP01010", "PROD-DTH")])
    assert_fails(run(acs, **{"j6gp01010_asn.fits": other}), "j6gp01010_asn.fits was overwritten")


def with_present(path: Path, present: list[bool]) -> None:
    from astropy.io import fits

    with fits.open(path, mode="update") as hdus:
        hdus[1].data["MEMPRSNT"][:] = present


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("mv j6gp01maq_flt.fits x.dat; ln -s x.dat j6gp01maq_flt.fits", "j6gp01maq_flt.fits is a link"),
        ("ln j6gp01maq_flt.fits x.dat", "j6gp01maq_flt.fits is a link"),
        ("ln -s j6gp01maq.tra j6gp01maq_crj.tra", "j6gp01maq_crj.tra is a link"),
        ("printf SIMPLE > j6gp01maq_crj.fits", "j6gp01maq_crj.fits is not a whole FITS file"),
        ("head -c 5000 j6gp01maq_flt.fits > j6gp01maq_blv.fits", "j6gp01maq_blv.fits is not a whole FITS file"),
        ("cp j6gp01maq_flt.fits j8cb01u2q_flt.fits", "j8cb01u2q_flt.fits belongs to another dataset"),
        ("cp j6gp01maq.tra j8cb01u2q.tra", "j8cb01u2q.tra belongs to another dataset"),
    ],
)
def test_what_nobody_asked_for_is_judged_too_where_it_would_be_delivered(command: str, name: str, acs: Bench) -> None:
    assert_fails(run(acs, command), name)


def test_what_is_not_delivered_is_not_judged(acs: Bench) -> None:
    assert run(acs, "printf x > tmp.dat", "ln -s tmp.dat tmp.log", "printf x > obes03010_epc.txt").failure is None


def test_an_engine_that_makes_nothing_and_rightly_so_is_watched_too(tmp_path: Path) -> None:
    search = fits_bytes({"EXPTYPE": "ACQ/SEARCH", "FLATCORR": "PERFORM"})
    bench = Bench(tmp_path, "ldfd01vlq", {"ldfd01vlq_rawacq.fits": search})
    bench.install("calcos", Script(commands=("rm ldfd01vlq_rawacq.fits",), status=5))
    assert_fails(bench.calibrate(), "ldfd01vlq_rawacq.fits was deleted")


def test_links_and_other_datasets_files_are_left_out_of_what_is_published(acs: Bench) -> None:
    run(acs, "ln -s j6gp01maq_flt.fits j6gp01maq_crj.fits", "cp j6gp01maq_flt.fits j8cb01u2q_flt.fits")
    inputs = FetchedInputs(acs.observation(), {name: acs.work.data / name for name in acs.inputs})
    names = {file.path.name for file in collect(acs.work, inputs, PreviewSet()).files}
    assert "j6gp01maq_flt.fits" in names
    assert not names & {"j6gp01maq_crj.fits", "j8cb01u2q_flt.fits"}


def test_a_raw_exposure_without_an_exposure_time_is_damaged(stis: Bench) -> None:
    """It was taken for one of 0 s, of which nothing is made: the run was a success without any product."""
    keywords = {name: value for name, value in CCD.items() if name != "TEXPTIME"}
    bench = evolve(stis, inputs={**stis.inputs, "obes03010_raw.fits": fits_bytes(keywords)})
    bench.install("cs0.e", Script(("CALSTIS",)))
    result = bench.calibrate()
    assert_fails(result, "obes03010_raw.fits has no TEXPTIME")
    assert bench.runner.programs == []


def test_products_of_a_constant_raw_exposure_may_be_constant(acs: Bench) -> None:
    path = acs.root / "constant.fits"
    constant = dict(acs.inputs)
    for name in [name for name in constant if name.endswith("_raw.fits")]:
        path.write_bytes(constant[name])
        OF_IMAGES["zero"](path)
        constant[name] = path.read_bytes()
    bench = evolve(acs, inputs=constant)
    name = "j6gp01maq_flt.fits"
    result = run(bench, **mutilated(bench, name, OF_IMAGES["zero"]))
    assert result.failure is None
    assert "j6gp01maq_raw.fits has one value only in SCI,1, so its products may" in result.notes
