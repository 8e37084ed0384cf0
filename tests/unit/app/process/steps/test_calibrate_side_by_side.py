"""The calibration step with exposures side by side: scripted engines, which are real processes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from caldp.app.calibration.side_by_side import Arrangement, arrange
from caldp.app.process.flow import CalibrationResult, FetchedInputs
from caldp.domain.calibration.expected import expect
from caldp.domain.calibration.plan import plan_commands
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.events import EngineLine, Event, Note
from caldp.domain.run.settings import Settings
from tests.support.calibration_bench import FITS, Bench
from tests.support.fits_bytes import fits_bytes, table_bytes
from tests.support.scripted import Script

NUV: dict[str, Any] = {
    "DETECTOR": "NUV", "OBSTYPE": "SPECTROSCOPIC", "EXPTYPE": "EXTERNAL/SCI", "OBSMODE": "TIME-TAG", "TAGFLASH": "AUTO",
    "NUMFLASH": 2, "FPPOS": 3, "EXPTIME": 10.0, "FLATCORR": "PERFORM", "X1DCORR": "PERFORM", "WAVECORR": "PERFORM",
}  # fmt: skip
ROOTS = ("lsim01a1q", "lsim01a2q", "lsim01a3q")
TABLE = table_bytes([*((root.upper(), "EXP-FP") for root in ROOTS), ("LSIM01010", "PROD-FP")])
TABLES = tuple(f"{root}_asn.fits" for root in ROOTS)


COMBINES = Script()
"""A program that makes every sum."""


@pytest.fixture
def cos(tmp_path: Path) -> Bench:
    """An association of three exposures."""
    raws = {f"{root}_rawtag.fits": fits_bytes({**NUV, "ROOTNAME": root}) for root in ROOTS}
    return Bench(tmp_path, "lsim01010", {"lsim01010_asn.fits": TABLE, **raws})


def install(bench: Bench, *, combine: Script = COMBINES, **deeds: str) -> None:
    """Install a calcos that makes the products of the table that it is given, and a program that combines.

    `deeds` are shell commands that calcos runs first, for an exposure by the last letters of its name, and for the
    whole association by the name `whole`.
    """
    good = bench.good()
    names = {root[-3:]: root for root in ROOTS} | {"whole": "lsim01010"}
    cases = [f"{root}_asn.fits) {deeds.get(name, ':')} ;;" for name, root in names.items()]
    bench.install(
        "calcos",
        Script(
            commands=(
                'echo "calcos of $1"',
                'cp "$1" "$1.seen"',
                f'case "$1" in {" ".join(cases)} esac',
                'made="${1%_asn.fits}"; [ "$made" = lsim01010 ] && made=lsim01',
                'cp "$0.files/$made"* .',
            )
        ),
    )
    payload = bench.root / "bin" / "calcos.files"
    for name, content in good.items():
        (payload / name).write_bytes(content)
    sums = {name: content for name, content in good.items() if name.startswith("lsim01010")}
    bench.install("combine", Script(combine.lines, combine.files or sums, combine.commands, status=combine.status))
    bench.runner.combinations["calcos"] = (str(bench.root / "bin" / "combine"),)


def arguments(bench: Bench) -> list[str]:
    return [argv[-1] for argv in bench.runner.commands]


def left(bench: Bench) -> set[str]:
    return {path.name for path in bench.work.data.iterdir()} - bench.inputs.keys()


def failure(result: CalibrationResult) -> tuple[ExitCode, str]:
    assert result.failure is not None
    return result.failure.status, result.failure.message


def test_each_exposure_has_a_run_of_its_own_and_then_they_are_combined(cos: Bench) -> None:
    install(cos)
    told: list[Event] = []
    result = cos.calibrate(at_once=3, tell=told.append)
    assert result.failure is None
    assert sorted(arguments(cos)[:3]) == sorted(TABLES)
    assert arguments(cos)[3:] == ["lsim01010_asn.fits"]
    assert [(engine.argv[-1], engine.status, engine.problems) for engine in result.engines] == [
        *((table, 0, ()) for table in TABLES), ("lsim01010_asn.fits", 0, ())
    ]  # fmt: skip
    assert [identity.program for identity in result.programs] == ["calcos"]
    lines = {(event.program, event.exposure, event.text) for event in told if isinstance(event, EngineLine)}
    assert lines == {("calcos", root, f"calcos of {root}_asn.fits") for root in ROOTS}
    assert "3 exposures at a time are calibrated side by side." in [
        event.text for event in told if isinstance(event, Note)
    ]  # fmt: skip


def test_an_exposure_is_given_a_table_of_itself_which_is_no_product(cos: Bench) -> None:
    install(cos)
    result = cos.calibrate(at_once=2)
    assert result.failure is None
    made = {product.name for product in result.products}
    assert made == {*cos.good(), *(f"{table}.seen" for table in TABLES)}
    assert left(cos) == made, "the tables are gone"
    for root, table in zip(ROOTS, TABLES, strict=True):
        seen = cos.work.data / table
        (cos.work.data / f"{table}.seen").rename(seen)
        assert [(member.name, member.kind) for member in FITS.association(seen).members] == [(root, "EXP-FP")]


def test_one_at_a_time_is_one_run_on_the_whole(cos: Bench) -> None:
    cos.install("calcos", Script(files=cos.good()))
    cos.runner.combinations["calcos"] = ("combine",)
    assert cos.calibrate(at_once=1).failure is None
    assert arguments(cos) == ["lsim01010_asn.fits"]


def test_a_calcos_of_somewhere_else_runs_on_the_whole(cos: Bench) -> None:
    cos.install("calcos", Script(files=cos.good()))
    assert cos.calibrate(at_once=3).failure is None
    assert arguments(cos) == ["lsim01010_asn.fits"]


def test_what_is_alone_in_memory_runs_on_the_whole(cos: Bench) -> None:
    """The runner of these tests does not know how much memory is left."""
    cos.install("calcos", Script(files=cos.good()))
    cos.runner.combinations["calcos"] = ("combine",)
    told: list[Event] = []
    assert cos.calibrate(tell=told.append).failure is None
    assert arguments(cos) == ["lsim01010_asn.fits"]
    assert any("room for one at a time" in event.text for event in told if isinstance(event, Note))


CROWDS = {"the kernel kills it": "kill -KILL $$", "it says so": "touch lsim01a2q_x1d.fits; echo MemoryError; exit 1"}


@pytest.mark.parametrize("deed", CROWDS.values(), ids=CROWDS.keys())
def test_what_runs_out_of_memory_side_by_side_runs_once_more_on_the_whole(deed: str, cos: Bench) -> None:
    """Of what was half made nothing is left: calcos would refuse to begin."""
    refuses = "ls *_x1d.fits >/dev/null 2>&1 && { echo output files already exist; exit 1; }"
    install(cos, a2q=deed, whole=refuses)
    told: list[Event] = []
    result = cos.calibrate(at_once=3, tell=told.append)
    assert result.failure is None
    assert result.judged is not None
    *apart, whole = (engine.argv for engine in result.engines)
    assert apart == [("calcos", table) for table in TABLES]
    assert whole == ("calcos", "lsim01010_asn.fits")
    (note,) = result.notes
    assert "once more, by one run on the whole" in note
    assert note in [event.text for event in told if isinstance(event, Note)]


FAILURES: dict[str, tuple[str, ExitCode, str]] = {
    "it fails": ("echo ERROR: row missing; exit 16", ExitCode.STAGE1_ERROR, "calcos ended with status 16."),
    "it crashes": ("kill -SEGV $$", ExitCode.STAGE1_ERROR, "calcos was ended by SIGSEGV (signal 11)"),
    "Python has no memory": (
        "echo MemoryError; exit 1", ExitCode.SUBPROCESS_MEMORY_ERROR, "calcos ran out of memory.",
    ),
    "the kernel kills it": (
        "kill -KILL $$", ExitCode.CONTAINER_MEMORY_ERROR,
        "calcos was killed by the kernel, most likely for lack of memory.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("deed", "code", "message"), FAILURES.values(), ids=FAILURES.keys())
def test_an_exposure_that_fails_fails_the_run_as_it_always_did(
    deed: str, code: ExitCode, message: str, cos: Bench
) -> None:
    install(cos, a2q=deed, whole=deed)
    result = cos.calibrate(at_once=3)
    assert failure(result)[0] is code
    assert failure(result)[1].startswith(message)
    assert str(cos.root / "bin" / "combine") not in cos.runner.programs
    assert not left(cos) & set(TABLES)
    assert result.judged is None
    assert result.engines[0].problems == result.engines[1].problems == ()


def test_the_others_are_ended_when_the_first_has_failed(cos: Bench) -> None:
    install(cos, a1q="exit 3", a2q="sleep 60", a3q="sleep 60")
    began = time.monotonic()
    result = cos.calibrate(at_once=2)
    assert time.monotonic() - began < 30
    assert failure(result) == (ExitCode.STAGE1_ERROR, "calcos ended with status 3.")
    assert arguments(cos)[2:] == [], "the third has not begun"
    first, second = result.engines
    assert (first.status, second.signal) == (3, 15)
    assert second.problems == ("it ended, or was ended, after the failure of lsim01a1q_asn.fits",)


def test_of_two_damaged_exposures_the_first_is_told_whichever_fails_sooner(cos: Bench) -> None:
    install(cos, a2q="sleep 0.5; exit 2", a3q="exit 3")
    result = cos.calibrate(at_once=3)
    assert failure(result) == (ExitCode.STAGE1_ERROR, "calcos ended with status 2.")


def test_a_product_of_one_exposure_is_missed(cos: Bench) -> None:
    install(cos)
    (cos.root / "bin" / "calcos.files" / "lsim01a2q_x1d.fits").unlink()
    result = cos.calibrate(at_once=3)
    assert failure(result) == (
        ExitCode.STAGE1_ERROR, "calcos ended with status 0, but lsim01a2q_x1d.fits was not made.",
    )  # fmt: skip


COMBINATIONS: Mapping[str, tuple[Script, str]] = {
    "it fails": (Script(("ValueError: x1d tables have different array sizes.",), status=1), "ended with status 1."),
    "it makes nothing": (Script(files={"lsim01010.tra": b""}), "lsim01010_x1dsum.fits was not made"),
}


@pytest.mark.parametrize(("script", "said"), COMBINATIONS.values(), ids=COMBINATIONS.keys())
def test_a_combination_that_fails_is_a_failure_of_calcos(script: Script, said: str, cos: Bench) -> None:
    install(cos, combine=script)
    code, message = failure(cos.calibrate(at_once=3))
    assert code is ExitCode.STAGE1_ERROR
    assert message.startswith("calcos ended with status")
    assert said in message


def test_the_time_of_the_stage_is_that_of_all_together(cos: Bench) -> None:
    install(cos, a1q="sleep 0.6", a2q="sleep 60", a3q="sleep 60")
    began = time.monotonic()
    result = cos.calibrate(timeout=1.5, at_once=2)
    assert failure(result) == (
        ExitCode.STAGE1_ERROR, "calcos was ended because its stage took longer than 1.5 s.",
    )  # fmt: skip
    assert time.monotonic() - began < 30
    assert "lsim01010_asn.fits" not in arguments(cos)


def test_an_interruption_ends_all(cos: Bench) -> None:
    install(cos, a1q="sleep 60", a2q="sleep 60", a3q="sleep 60")

    def interrupt(event: Event) -> None:
        if isinstance(event, EngineLine):
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        cos.calibrate(at_once=3, tell=interrupt)
    assert time.monotonic() - began < 30
    assert not left(cos) & set(TABLES)


def test_what_cannot_be_read_any_more_is_left_to_one_run_on_the_whole(cos: Bench) -> None:
    observation = cos.observation()

    def arranged() -> Arrangement:
        files = {name: cos.work.data / name for name in cos.inputs}
        settings = Settings(profile="onsite", exposures_at_once=3)
        return arrange(
            plan_commands(observation), expect(observation), FetchedInputs(observation, files), cos.environment,
            cos.runner, FITS, settings, lambda _: None,
        )  # fmt: skip

    install(cos)
    assert arranged().at_once == 3
    (cos.work.data / "lsim01a2q_rawtag.fits").write_bytes(b"SIMPLE")
    assert [command.argv for command in arranged().commands] == [("calcos", "lsim01010_asn.fits")]
    assert arranged().at_once == 1


def test_raws_of_stis_meet(tmp_path: Path) -> None:
    """Each waits for the other, so that neither can end before the other has begun."""
    ccd: dict[str, Any] = {
        "DETECTOR": "CCD",
        "OBSTYPE": "SPECTROSCOPIC",
        "TEXPTIME": 10.0,
        "FLATCORR": "PERFORM",
        "WAVECAL": "N/A",
    }
    roots = ("obes03a1q", "obes03b2q")
    table = table_bytes([*((root.upper(), "CRSPLIT") for root in roots), ("OBES03010", "PRODUCT")])
    raws = {f"{root}_raw.fits": fits_bytes({**ccd, "ROOTNAME": root}) for root in roots}
    bench = Bench(tmp_path, "obes03010", {"obes03010_asn.fits": table, **raws})
    meeting = "touch $2.begun; for i in $(seq 600); do [ $(ls *.begun | wc -l) = 2 ] && break; sleep 0.05; done"
    bench.install("cs0.e", Script(commands=(meeting, 'cp "$0.files/${2%_raw.fits}"* .')))
    for name, content in bench.good().items():
        (bench.root / "bin" / "cs0.e.files" / name).write_bytes(content)
    result = bench.calibrate(at_once=2)
    assert result.failure is None
    assert [engine.argv for engine in result.engines] == [("cs0.e", "-tv", f"{root}_raw.fits") for root in roots]
    assert {product.name for product in result.products} >= {f"{root}_flt.fits" for root in roots}


def test_files_of_an_exposure_are_final_when_its_engine_has_ended(cos: Bench) -> None:
    install(cos, combine=Script(commands=("ls > seen.txt",)))
    final = list[set[str]]()
    result = cos.calibrate(at_once=2, final=lambda names: final.append(set(names)))
    assert result.failure is None
    raws, *made = final
    assert raws == {f"{root}_rawtag.fits" for root in ROOTS}
    good = cos.good()
    expected = [{f"{root}_asn.fits.seen", *(name for name in good if name.startswith(root))} for root in ROOTS]
    assert sorted(made, key=min) == expected


def test_files_of_an_exposure_that_failed_are_not_final(cos: Bench) -> None:
    install(cos, a2q="exit 1")
    final = list[set[str]]()
    cos.calibrate(at_once=2, final=lambda names: final.append(set(names)))
    assert not any(name.startswith("lsim01a2q") for names in final[1:] for name in names)
