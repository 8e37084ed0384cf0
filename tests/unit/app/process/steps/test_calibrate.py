"""The calibration step, with scripted engines for every way in which the real ones fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from caldp.app.process.flow import CalibrationResult
from caldp.domain.calibration.expected import expect
from caldp.domain.calibration.expected.hap import listed
from caldp.domain.calibration.plan import Stage
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.files import FitsFacts
from caldp.domain.run.events import Step
from tests.support.calibration_bench import FITS, Bench
from tests.support.fits_bytes import fits_bytes, product_bytes, table_bytes
from tests.support.scripted import SIGKILL, SIGSEGV, Script

HRC: dict[str, Any] = {
    "ROOTNAME": "j6gp01mkq", "DETECTOR": "HRC", "OBSTYPE": "IMAGING", "EXPTIME": 10.0, "FLATCORR": "PERFORM",
    "PHOTCORR": "PERFORM", "DRIZCORR": "PERFORM",
}  # fmt: skip
CCD: dict[str, Any] = {
    "ROOTNAME": "obes03010", "DETECTOR": "CCD", "OBSTYPE": "SPECTROSCOPIC", "TEXPTIME": 10.0, "FLATCORR": "PERFORM",
    "X1DCORR": "PERFORM",
}  # fmt: skip
FUV: dict[str, Any] = {
    "ROOTNAME": "ldfd01vnq", "DETECTOR": "FUV", "OBSTYPE": "SPECTROSCOPIC", "EXPTYPE": "EXTERNAL/SCI",
    "OBSMODE": "TIME-TAG", "TAGFLASH": "NONE", "FPPOS": 1, "EXPTIME": 10.0, "FLATCORR": "PERFORM", "X1DCORR": "PERFORM",
}  # fmt: skip
TABLE = table_bytes([("LDFD01VNQ", "EXP-FP"), ("LDFD01VPQ", "EXP-FP"), ("LDFD01010", "PROD-FP")])


@pytest.fixture
def acs(tmp_path: Path) -> Bench:
    """An HRC exposure whose two engines do their job."""
    bench = Bench(tmp_path, "j6gp01mkq", {"j6gp01mkq_raw.fits": fits_bytes(HRC)})
    bench.install("calacs.e", Script(("CALACS",), bench.good()))
    bench.install("runastrodriz", Script(("drizzle",), bench.good(Stage.STAGE2)))
    return bench


@pytest.fixture
def cos(tmp_path: Path) -> Bench:
    """An FUV association of two exposures whose engine does its job."""
    raws = {f"ldfd01v{x}q_rawtag_a.fits": fits_bytes({**FUV, "ROOTNAME": f"ldfd01v{x}q"}) for x in "np"}
    bench = Bench(tmp_path, "ldfd01010", {"ldfd01010_asn.fits": TABLE, **raws})
    bench.install("calcos", Script(("CALCOS",), bench.good()))
    return bench


@pytest.fixture
def stis(tmp_path: Path) -> Bench:
    """A CCD spectrum whose engine does its job."""
    bench = Bench(tmp_path, "obes03010", {"obes03010_raw.fits": fits_bytes(CCD)})
    bench.install("cs0.e", Script(("CALSTIS",), bench.good()))
    return bench


def reinstall(bench: Bench, program: str, script: Script) -> None:
    for path in sorted((bench.root / "bin").glob(f"{program}*"), reverse=True):
        if path.is_dir():
            for file in path.iterdir():
                file.unlink()
            path.rmdir()
        else:
            path.unlink()
    bench.install(program, script)


def without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    assert name in files
    return {other: content for other, content in files.items() if other != name}


def failure_of(result: CalibrationResult) -> tuple[ExitCode, str]:
    assert result.failure is not None
    assert result.failure.step is Step.CALIBRATE
    assert result.failure.message.endswith(".")
    return result.failure.status, result.failure.message


def test_a_good_calibration(acs: Bench) -> None:
    result = acs.calibrate()
    assert result.failure is None
    assert acs.runner.programs == ["calacs.e", "runastrodriz"]
    assert [(engine.stage, engine.status, engine.problems) for engine in result.engines] == [
        (Stage.STAGE1, 0, ()), (Stage.STAGE2, 0, ())
    ]  # fmt: skip
    assert [product.name for product in result.products] == [
        "j6gp01mkq.tra", "j6gp01mkq_drz.fits", "j6gp01mkq_flt.fits", "j6gp01mkq_flt_hlet.fits"
    ]  # fmt: skip
    switches = {product.name: product.switches for product in result.products}
    assert switches["j6gp01mkq_flt.fits"]["FLATCORR"] == "COMPLETE"


def test_writes_the_versions_into_the_raw_header(acs: Bench) -> None:
    acs.calibrate()
    facts = FITS.facts(acs.work.data / "j6gp01mkq_raw.fits")
    assert isinstance(facts, FitsFacts)
    keywords = {name: facts.primary.get(name) for name in ("CSYS_VER", "AWSDPVER", "AWSYSVER", "RANDSEED")}
    assert keywords == {"CSYS_VER": "HSTDP-1", "AWSDPVER": "UNDEFINED", "AWSYSVER": "UNDEFINED", "RANDSEED": None}


def test_makes_the_random_numbers_of_cos_repeatable(cos: Bench) -> None:
    assert cos.calibrate().failure is None
    for name in ("ldfd01vnq_rawtag_a.fits", "ldfd01vpq_rawtag_a.fits"):
        facts = FITS.facts(cos.work.data / name)
        assert isinstance(facts, FitsFacts)
        assert facts.primary["RANDSEED"] == 1


Break = Callable[[Bench], Script]

# What the engine does, on whose inputs, and what must be said of it. In each case the engine exits with status 0.
UNDONE: dict[str, tuple[str, str, Break, ExitCode, str]] = {
    "calcos makes nothing": (
        "cos", "calcos", lambda bench: Script(), ExitCode.STAGE1_ERROR,
        "calcos ended with status 0, but ldfd01vnq_flt_a.fits was not made",
    ),
    "calcos leaves one exposure out": (
        "cos", "calcos", lambda bench: Script(files=without(bench.good(), "ldfd01vpq_x1d.fits")),
        ExitCode.STAGE1_ERROR, "calcos ended with status 0, but ldfd01vpq_x1d.fits was not made.",
    ),
    "a product is cut off": (
        "cos", "calcos", lambda bench: Script(files={**bench.good(), "ldfd01010_x1dsum.fits": fits_bytes({})[:3000]}),
        ExitCode.STAGE1_ERROR, "ldfd01010_x1dsum.fits is not a whole FITS file",
    ),
    "a product is empty": (
        "cos", "calcos", lambda bench: Script(files={**bench.good(), "ldfd01010_x1dsum.fits": b""}),
        ExitCode.STAGE1_ERROR, "ldfd01010_x1dsum.fits is not a whole FITS file: it is empty",
    ),
    "a step was left out": (
        "cos", "calcos",
        lambda bench: Script(files={**bench.good(), "ldfd01vnq_x1d.fits": fits_bytes({**FUV, "FLATCORR": "COMPLETE"})}),
        ExitCode.STAGE1_ERROR, "X1DCORR is PERFORM in ldfd01vnq_x1d.fits",
    ),
    "a switch is gone": (
        "cos", "calcos", lambda bench: Script(files={**bench.good(), "ldfd01vnq_x1d.fits": fits_bytes({})}),
        ExitCode.STAGE1_ERROR, "FLATCORR is missing in ldfd01vnq_x1d.fits; X1DCORR is missing in ldfd01vnq_x1d.fits",
    ),
    "a product is another dataset's": (
        "acs", "calacs.e",
        lambda bench: Script(
            files={**bench.good(), "j6gp01mkq_flt.fits": fits_bytes({**HRC, "ROOTNAME": "j8cb01u2q"})}
        ),
        ExitCode.STAGE1_ERROR, "j6gp01mkq_flt.fits belongs to j8cb01u2q",
    ),
    "calacs did not process": (
        "acs", "calacs.e", lambda bench: Script(("CALACS did NOT process j6gp01mkq_raw.fits",)), ExitCode.STAGE1_ERROR,
        "calacs.e ended with status 0, but j6gp01mkq_flt.fits was not made; j6gp01mkq.tra was not made.",
    ),
    "photometry without a matching row": (
        "acs", "calacs.e",
        lambda bench: Script(
            files={
                **bench.good(),
                "j6gp01mkq_flt.fits": fits_bytes(
                    {**HRC, "FLATCORR": "COMPLETE", "PHOTCORR": "COMPLETE"}, [{"PHOTFLAM": 0.0}]
                ),
            }
        ),
        ExitCode.STAGE1_ERROR, "PHOTFLAM is 0 in j6gp01mkq_flt.fits although PHOTCORR is COMPLETE",
    ),
    "calstis finds no spectrum": (
        "stis", "cs0.e",
        lambda bench: Script(("ERROR:    Cannot extract.",), without(bench.good(), "obes03010_x1d.fits")),
        ExitCode.STAGE1_ERROR,
        "cs0.e ended with status 0, but obes03010_x1d.fits was not made: it found no spectrum to extract.",
    ),
    "runastrodriz makes nothing": (
        "acs", "runastrodriz", lambda bench: Script(("No valid data found in input exposures.",)),
        ExitCode.STAGE2_ERROR, "runastrodriz ended with status 0, but j6gp01mkq_drz.fits was not made",
    ),
    "a drizzled product without pixels": (
        "acs", "runastrodriz",
        lambda bench: Script(
            files={**bench.good(Stage.STAGE2), "j6gp01mkq_drz.fits": fits_bytes({"DRIZCORR": "COMPLETE"}, empty=True)}
        ),
        ExitCode.STAGE2_ERROR, "SCI,1 of j6gp01mkq_drz.fits holds no data",
    ),
    "runastrodriz drizzles the raw exposure and writes into it": (
        "acs", "runastrodriz",
        lambda bench: Script(files={**bench.good(Stage.STAGE2), "j6gp01mkq_raw.fits": fits_bytes({**HRC, "X": 1})}),
        ExitCode.STAGE2_ERROR, "j6gp01mkq_raw.fits was overwritten",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fixture", "program", "breaks", "code", "said"), UNDONE.values(), ids=UNDONE.keys())
def test_a_status_of_0_proves_nothing(
    fixture: str, program: str, breaks: Break, code: ExitCode, said: str, request: pytest.FixtureRequest
) -> None:
    bench: Bench = request.getfixturevalue(fixture)
    reinstall(bench, program, breaks(bench))
    assert bench.run_alone(program).completion.status == 0, "the engine says that it has succeeded"
    status, message = failure_of(bench.calibrate())
    assert status is code
    assert said in message


def test_what_an_earlier_run_left_is_no_product(cos: Bench) -> None:
    left = cos.work.data / "ldfd01vnq_x1d.fits"
    left.write_bytes(cos.good()["ldfd01vnq_x1d.fits"])
    reinstall(cos, "calcos", Script(files=without(cos.good(), "ldfd01vnq_x1d.fits")))
    assert cos.run_alone("calcos").completion.status == 0
    _, message = failure_of(cos.calibrate())
    assert "ldfd01vnq_x1d.fits is left from an earlier run" in message


@pytest.mark.parametrize("gone", ["ldfd01vpq_rawtag_a.fits", "ldfd01010_asn.fits"])
def test_calcos_is_not_run_on_half_of_an_association(gone: str, cos: Bench) -> None:
    assert cos.run_alone("calcos").completion.status == 0, "it would sum the rest and say nothing"
    half = Bench(cos.root, cos.dataset, {name: content for name, content in cos.inputs.items() if name != gone})
    status, message = failure_of(half.calibrate())
    assert status is ExitCode.STAGE1_ERROR
    assert message.startswith("Inputs of ldfd01010 are missing:")
    assert gone.partition("_")[0] in message
    assert half.runner.programs == []


@pytest.mark.parametrize(
    "script",
    [Script(), Script(status=2), Script(files={}), Script(status=SIGSEGV)],
    ids=["makes nothing", "fails", "says nothing", "crashes"],
)
def test_stage_2_never_runs_after_a_stage_1_that_failed(script: Script, acs: Bench) -> None:
    reinstall(acs, "calacs.e", script)
    status, _ = failure_of(acs.calibrate())
    assert status is ExitCode.STAGE1_ERROR
    assert acs.runner.programs == ["calacs.e"]


def test_what_was_made_until_a_failure_is_told(acs: Bench) -> None:
    reinstall(acs, "runastrodriz", Script(status=1))
    result = acs.calibrate()
    failure_of(result)
    assert "j6gp01mkq_flt.fits" in {product.name for product in result.products}
    assert [engine.status for engine in result.engines] == [0, 1]
    assert result.engines[1].problems == (
        "j6gp01mkq_drz.fits was not made", "j6gp01mkq_flt_hlet.fits was not made"
    )  # fmt: skip


FAILED: dict[str, tuple[Script, ExitCode, str, str]] = {
    "calacs wants a SATUFILE": (
        Script(
            (
                "ERROR:    SATUFILE `N/A' not found or can't open.",
                "ERROR:    CALACS processing NOT completed for j6gp01mkq_raw.fits",
            ),
            status=2,
        ),
        ExitCode.STAGE1_ERROR,
        "calacs.e ended with status 2: it needs a SATUFILE, and the CRDS context assigns none (N/A).",
        "CRDS_CONTEXT",
    ),
    "a reference is missing": (
        Script(("Warning    DARKFILE `jref$x_drk.fits' not found or can't open.",), status=2), ExitCode.STAGE1_ERROR,
        "the reference file jref$x_drk.fits (DARKFILE) is missing or cannot be opened", "CRDS cache",
    ),
    "HSTCAL has no memory": (
        Script(("ERROR:    Out of memory.",), status=2), ExitCode.SUBPROCESS_MEMORY_ERROR, "ran out of memory", "memory"
    ),
    "Python has no memory": (
        Script(("Traceback (most recent call last):", "MemoryError: Unable to allocate 1.2 GiB"), status=1),
        ExitCode.SUBPROCESS_MEMORY_ERROR, "ran out of memory", "more memory",
    ),
    "the kernel killed it": (
        Script(status=SIGKILL), ExitCode.CONTAINER_MEMORY_ERROR,
        "calacs.e was killed by the kernel, most likely for lack of memory.", "Run it again with more memory.",
    ),
    "it crashed": (Script(status=SIGSEGV), ExitCode.STAGE1_ERROR, "ended by SIGSEGV (signal 11)", "see the log"),
    "it failed without a word": (Script(status=2), ExitCode.STAGE1_ERROR, "ended with status 2.", "nothing"),
    "it says why": (
        Script(("all well", "ERROR: keyword CCDGAIN missing"), status=2), ExitCode.STAGE1_ERROR, "status 2.",
        "It said: ERROR: keyword CCDGAIN missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("script", "code", "said", "advised"), FAILED.values(), ids=FAILED.keys())
def test_a_failure_is_explained(script: Script, code: ExitCode, said: str, advised: str, acs: Bench) -> None:
    reinstall(acs, "calacs.e", script)
    result = acs.calibrate()
    status, message = failure_of(result)
    assert status is code
    assert said in message
    assert result.failure is not None
    assert advised in result.failure.advice


def test_an_engine_that_is_not_installed(acs: Bench) -> None:
    (acs.root / "bin" / "calacs.e").unlink()
    result = acs.calibrate()
    assert failure_of(result) == (
        ExitCode.STAGE1_ERROR, "calacs.e is not installed: no directory of PATH has it."
    )  # fmt: skip
    assert result.failure is not None
    assert "conda-forge" in result.failure.advice


def test_a_missing_second_engine_is_a_failure_of_the_second_stage(acs: Bench) -> None:
    (acs.root / "bin" / "runastrodriz").unlink()
    result = acs.calibrate()
    status, message = failure_of(result)
    assert status is ExitCode.STAGE2_ERROR
    assert "runastrodriz is not installed" in message
    assert acs.runner.programs == [], "stage 1 would have worked for nothing"


def test_a_stage_that_takes_too_long_is_ended(acs: Bench) -> None:
    reinstall(acs, "calacs.e", Script(("working",), seconds=60))
    result = acs.calibrate(timeout=0.3)
    assert failure_of(result) == (
        ExitCode.STAGE1_ERROR, "calacs.e was ended because its stage took longer than 0.3 s."
    )  # fmt: skip
    assert acs.runner.programs == ["calacs.e"]


def test_a_stage_that_takes_too_long_is_no_success_whatever_it_says(acs: Bench) -> None:
    program = acs.root / "bin" / "calacs.e"
    wait = "trap 'exit 0' TERM\nwhile :; do :; done\n"
    program.write_text(program.read_text().replace("exit 0", wait))
    _, message = failure_of(acs.calibrate(timeout=0.5))
    assert "took longer than 0.5 s" in message


@pytest.mark.parametrize("code", [23, 24, 31, 32, 33, 34])
def test_failures_can_be_simulated(code: int, acs: Bench) -> None:
    status, _ = failure_of(acs.calibrate(simulate=code))
    assert status == code
    assert acs.runner.programs == (["calacs.e"] if code == 24 else [])


def test_an_acquisition_that_calcos_passes_over_is_no_failure(tmp_path: Path) -> None:
    search = fits_bytes({"EXPTYPE": "ACQ/SEARCH", "FLATCORR": "PERFORM"})
    bench = Bench(tmp_path, "ldfd01vlq", {"ldfd01vlq_rawacq.fits": search})
    bench.install("calcos", Script(("File ldfd01vlq_rawacq.fits will be skipped",), status=5))
    result = bench.calibrate()
    assert result.failure is None
    assert result.notes == (
        "There was nothing to calibrate: calcos calibrates no exposure that is ACQ/SEARCH with these switches.",
    )


def test_status_5_of_calcos_is_a_failure_for_anything_else(cos: Bench) -> None:
    reinstall(cos, "calcos", Script(status=5))
    status, message = failure_of(cos.calibrate())
    assert status is ExitCode.STAGE1_ERROR
    assert "calcos ended with status 5" in message


def test_zero_exposure_time_is_no_failure(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "obes03010", {"obes03010_raw.fits": fits_bytes({**CCD, "TEXPTIME": 0.0})})
    bench.install("cs0.e", Script(("Warning    Total exposure time = 0",)))
    result = bench.calibrate()
    assert result.failure is None
    assert result.notes == ("There was nothing to calibrate: obes03010_raw.fits: its exposure time is 0.",)


def test_a_dummy_reference_is_noted(acs: Bench) -> None:
    said = ("FLATCORR SKIPPED", "PFLTFILE jref$x_pfl.fits", "PFLTFILE PEDIGREE=DUMMY")
    skipped = fits_bytes({**HRC, "FLATCORR": "SKIPPED", "PHOTCORR": "COMPLETE"}, [{"PHOTFLAM": 1e-19}])
    reinstall(acs, "calacs.e", Script(said, {**acs.good(), "j6gp01mkq_flt.fits": skipped}))
    result = acs.calibrate()
    assert result.failure is None
    assert result.notes == ("PFLTFILE x_pfl.fits is a dummy: the step that needs it is skipped",)


def test_a_dummy_that_calstis_does_not_tell_of_is_found_in_its_header(stis: Bench) -> None:
    raw = fits_bytes({**CCD, "FLUXCORR": "PERFORM"})
    table = stis.root / "x_pht.fits"
    table.write_bytes(fits_bytes({"PEDIGREE": "DUMMY"}))
    bench = Bench(stis.root, stis.dataset, {"obes03010_raw.fits": raw}, {"PHOTTAB": table})
    unfluxed = {product.name: product for product in expect(bench.observation(), ["PHOTTAB"]).products}
    spectrum = product_bytes(unfluxed["obes03010_x1d.fits"], {"FLUXCORR": "PERFORM"})
    reinstall(bench, "cs0.e", Script(("FLUXCORR OMIT",), {**bench.good(), "obes03010_x1d.fits": spectrum}))
    result = bench.calibrate()
    assert result.failure is None
    assert result.notes == ("PHOTTAB x_pht.fits is a dummy: the step that needs it is skipped",)
    table.write_bytes(fits_bytes({"PEDIGREE": "GROUND"}))
    for name in ("obes03010_flt.fits", "obes03010_x1d.fits"):
        (bench.work.data / name).unlink()
    assert failure_of(bench.calibrate()) == (
        ExitCode.STAGE1_ERROR, "cs0.e ended with status 0, but FLUXCORR is PERFORM in obes03010_x1d.fits."
    )  # fmt: skip


def test_exposures_that_make_no_flt_are_not_drizzled(tmp_path: Path) -> None:
    split = {**HRC, "DETECTOR": "UVIS", "CRCORR": "PERFORM"}
    table = table_bytes([("IB6V19AAQ", "EXP-CRJ"), ("IB6V19ABQ", "EXP-CRJ"), ("IB6V19011", "PROD-CRJ")])
    raws = {f"ib6v19a{x}q_raw.fits": fits_bytes({**split, "ROOTNAME": f"ib6v19a{x}q"}) for x in "ab"}
    bench = Bench(tmp_path, "ib6v19010", {"ib6v19010_asn.fits": table, **raws})
    bench.install("calwf3.e", Script(files=bench.good()))
    result = bench.calibrate()
    assert result.failure is None
    assert bench.runner.programs == ["calwf3.e"]
    assert result.notes == ("runastrodriz is not run, since no calibrated exposure is made of ib6v19aaq, ib6v19abq",)


@pytest.fixture
def visit(tmp_path: Path) -> Bench:
    flt = fits_bytes({"ROOTNAME": "isim01a1q"})
    return Bench(tmp_path, "wfc3_sim_01", {"isim01a1q_flt.fits": flt, "wfc3_sim_01_input.out": b"isim01a1q_flt.fits\n"})


MANIFEST = "wfc3_sim_01_manifest.txt"
TOTAL = "hst_99999_01_wfc3_ir_total_isim01_drz.fits"


def test_a_visit(visit: Bench) -> None:
    (mosaic,) = listed([TOTAL], Stage.SVM)
    updated = fits_bytes({"A": 1})
    files = {MANIFEST: f"{TOTAL}\n".encode(), TOTAL: product_bytes(mosaic, {}), "isim01a1q_flt.fits": updated}
    visit.install("runsinglehap", Script(files=files))
    result = visit.calibrate()
    assert result.failure is None
    assert [product.name for product in result.products] == [TOTAL, MANIFEST]


@pytest.mark.parametrize("status", [55, 65])
def test_a_visit_without_any_fit_image_is_no_failure(status: int, visit: Bench) -> None:
    visit.install("runsinglehap", Script(files={MANIFEST: b""}, status=status))
    result = visit.calibrate()
    assert result.failure is None
    assert result.notes == (f"runsinglehap found no image fit to be processed (status {status}).",)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, f"{MANIFEST} was not made"),
        ({MANIFEST: b""}, f"{MANIFEST} lists no drizzled image"),
        ({MANIFEST: f"{TOTAL}\n".encode()}, f"{TOTAL} was not made"),
        ({MANIFEST: f"{TOTAL}\n".encode(), TOTAL: b"SIMPLE"}, f"{TOTAL} is not a whole FITS file"),
        ({MANIFEST: f"{TOTAL}\n".encode(), TOTAL: fits_bytes({}, empty=True)}, f"SCI,1 of {TOTAL} holds no data"),
        ({MANIFEST: f"{TOTAL}\n../elsewhere_drz.fits\n".encode()}, f"{MANIFEST} lists '../elsewhere_drz.fits', a path"),
    ],
    ids=["no manifest", "empty manifest", "product missing", "product damaged", "product without pixels", "a path"],
)
def test_a_visit_that_was_not_mosaicked(files: dict[str, bytes], said: str, visit: Bench) -> None:
    visit.install("runsinglehap", Script(files=files))
    assert visit.run_alone("runsinglehap").completion.status == 0
    status, message = failure_of(visit.calibrate())
    assert status is ExitCode.SVM_ERROR
    assert said in message
