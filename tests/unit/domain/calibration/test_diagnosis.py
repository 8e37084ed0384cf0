"""From what is known of a failed engine run to a cause, an exit code and advice."""

from __future__ import annotations

import signal

import pytest

from caldp.domain.calibration.diagnosis import Evidence, Room, diagnose
from caldp.domain.calibration.judgement import Completion
from caldp.domain.exit_codes import ExitCode

STAGE1 = ExitCode.STAGE1_ERROR
MEMORY_ADVICE = "Run it again with more memory."


def test_a_stage_that_took_too_long() -> None:
    error = diagnose(Evidence("calcos", Completion(None, 15, timed_out=True), timeout=3600.0), ExitCode.STAGE1_ERROR)
    assert error.message == "calcos was ended because its stage took longer than 3600 s."
    assert error.exit_code is STAGE1


@pytest.mark.parametrize(
    ("kills", "code", "message"),
    [
        (1, ExitCode.CONTAINER_MEMORY_ERROR, "calcos was killed by the kernel, for lack of memory."),
        (None, ExitCode.CONTAINER_MEMORY_ERROR, "calcos was killed by the kernel, most likely for lack of memory."),
        (0, STAGE1, "calcos was ended by SIGKILL (signal 9)"),
    ],
    ids=["the kernel says so", "the kernel cannot be asked", "the kernel knows nothing of it"],
)
def test_a_killed_engine(kills: int | None, code: ExitCode, message: str) -> None:
    error = diagnose(Evidence("calcos", Completion(None, signal.SIGKILL), oom_kills=kills), STAGE1)
    assert error.exit_code is code
    assert error.message.startswith(message)


def test_an_engine_that_lost_a_child_to_the_kernel() -> None:
    error = diagnose(Evidence("runastrodriz", Completion(1), oom_kills=1), ExitCode.STAGE2_ERROR)
    assert error.exit_code is ExitCode.CONTAINER_MEMORY_ERROR
    assert error.message == (
        "runastrodriz ended with status 1, and the kernel killed a process meanwhile for lack of memory."
    )


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGBUS])
def test_other_signals_are_explained(number: signal.Signals) -> None:
    error = diagnose(Evidence("cs0.e", Completion(None, number)), STAGE1)
    assert error.message.startswith(f"cs0.e was ended by {number.name} (signal {int(number)})")
    assert error.exit_code is STAGE1


@pytest.mark.parametrize(
    "line",
    [
        "MemoryError",
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 9.0 GiB",
        "OSError: [Errno 12] Cannot allocate memory",
        "OpenBLAS error: Memory allocation still failed after 10 retries, giving up.",
        "No memory left to allocate data.",
        "calacs.e: error while loading shared libraries: libcrypto.so.3: failed to map segment from shared object",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "ERROR:    Out of memory.",
        "ERROR:             Allocation problem.",
        "ERROR:             status = 111",
    ],
)
def test_every_way_to_say_that_memory_is_short(line: str) -> None:
    error = diagnose(Evidence("calwf3.e", Completion(2), log=("begun", line)), STAGE1)
    assert error.exit_code is ExitCode.SUBPROCESS_MEMORY_ERROR
    assert error.message == "calwf3.e ran out of memory."


def test_a_lack_of_memory_is_told_with_its_numbers() -> None:
    evidence = Evidence(
        "calcos", Completion(None, signal.SIGKILL), oom_kills=1, max_rss_bytes=2 << 30, memory_limit=2 << 30
    )
    assert diagnose(evidence, STAGE1).advice == f"It held 2.0 GiB; the limit is 2.0 GiB. {MEMORY_ADVICE}"


@pytest.mark.parametrize("line", ["status = 1118", "the outcome is memorable", "Remembering MemoryErrors"])
def test_other_words_are_no_lack_of_memory(line: str) -> None:
    assert diagnose(Evidence("calwf3.e", Completion(2), log=(line,)), STAGE1).exit_code is STAGE1


CAUSES = {
    "a reference that the context does not assign": (
        ["ERROR:    SATUFILE `N/A' not found or can't open."],
        "it needs a SATUFILE, and the CRDS context assigns none (N/A)",
        "Choose a CRDS context that has a SATUFILE",
    ),
    "a reference that is not there (ACS, STIS)": (
        ["Warning    BIASFILE `jref$m4r1753rj_bia.fits' not found or can't open."],
        "the reference file jref$m4r1753rj_bia.fits (BIASFILE) is missing or cannot be opened",
        "CRDS cache",
    ),
    "a reference that is not there (WFC3)": (
        ["ERROR:    DARKFILE 'iref$x_drk.fits' not found or cannot be opened."],
        "the reference file iref$x_drk.fits (DARKFILE) is missing or cannot be opened",
        "CRDS cache",
    ),
    "a reference that is not there (COS)": (
        ["ERROR:  The following reference file is missing:", "flatfile=lref$x5v1944hl_flat.fits", "Traceback"],
        "the reference file lref$x5v1944hl_flat.fits (FLATFILE) is missing",
        "CRDS cache",
    ),
    "an output that is there already": (
        ["ERROR:    Output file `x_flt.fits' already exists."],
        "x_flt.fits, which it wants to write, exists already",
        "empty work directory",
    ),
    "a temporary file that is there already": (
        ["ERROR:             status = 1021"], "a file that it wants to write exists already", "empty work directory",
    ),
    "a full disk, as astropy foresees it": (
        ["OSError: Not enough free space to write 67108864 bytes after offset 43200"], "the disk is full", "CALDP_HOME",
    ),
    "a file that CFITSIO cannot write": (
        ["ERROR: HSTIO error 1001: Filename x_flt.fits EXTNAME ERR EXTVER 1 CFITSIO status 106"],
        "it could not write a file to its end", "CALDP_HOME",
    ),
    "a full disk": (["OSError: [Errno 28] No space left on device"], "the disk is full", "CALDP_HOME"),
    "a limit on files, or a full disk met by numpy": (
        ["OSError: 65520 requested and 6160 written"], "it could not write a file to its end", "ulimit -f"
    ),
    "switches against the table": (
        ["ERROR:    CRCORR and/or RPTCORR values not consistent with ASN table!"],
        "CRCORR or RPTCORR of the first exposure contradicts the association table",
        "correct the switch",
    ),
    "a row that is a dummy": (
        ["Warning    due to dummy pedigree in PHOTTAB row."],
        "the row of PHOTTAB for this exposure is a dummy",
        "override PHOTTAB with a file of your own",
    ),
    "a row that is missing": (
        ["ERROR:  Missing row in TRACETAB, filter = {'segment': 'FUVA', 'opt_elem': 'G140L', 'aperture': 'WCA'}"],
        "TRACETAB has no row for this exposure",
        "whose TRACETAB knows the exposure's mode",
    ),
    "a step without a row": (
        ["ERROR:    X2DCORR not performed due to missing row.", "ERROR:             No output from current step."],
        "a reference table has no row for this exposure, and it leaves out X2DCORR",
        "or set X2DCORR to OMIT",
    ),
    "no network": (
        ["requests.exceptions.ConnectionError: HTTPSConnectionPool: Max retries exceeded with url"],
        "it could not reach the network",
        "CALDP_ASTROMETRY=off",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("log", "cause", "advice"), CAUSES.values(), ids=CAUSES.keys())
def test_causes_that_the_log_gives_away(log: list[str], cause: str, advice: str) -> None:
    error = diagnose(Evidence("engine", Completion(2), log=log), STAGE1)
    assert error.message == f"engine ended with status 2: {cause}."
    assert advice in error.advice
    assert "It said: " in error.advice
    assert error.exit_code is STAGE1


def test_what_is_missing_is_told_where_the_status_is_0() -> None:
    error = diagnose(Evidence("calcos", Completion(0), problems=("a was not made", "b was not made")), STAGE1)
    assert error.message == "calcos ended with status 0, but a was not made; b was not made."


def test_a_long_list_of_problems_is_cut() -> None:
    problems = tuple(f"x{number}.fits was not made" for number in range(30))
    message = diagnose(Evidence("calcos", Completion(0), problems=problems), STAGE1).message
    assert message.endswith("x5.fits was not made and 24 more.")


def test_what_an_engine_that_failed_has_not_made_is_no_news() -> None:
    error = diagnose(Evidence("calcos", Completion(1), problems=("a was not made",)), STAGE1)
    assert error.message == "calcos ended with status 1."
    assert error.advice == "It said nothing that explains it; see the log."


@pytest.mark.parametrize(
    ("status", "log", "meaning"),
    [
        (115, [], ": a reference file is missing or invalid"),
        (2, ["ERROR:             status = 144"], ": no row of a reference table matches the exposure"),
        (2, ["status = 144", "ERROR:    status = 151"], ": all data are flagged as bad"),
        (2, ["ERROR:    status = 999"], ""),
    ],
)
def test_the_codes_of_hstcal(status: int, log: list[str], meaning: str) -> None:
    error = diagnose(Evidence("calwf3.e", Completion(status), log=log), STAGE1)
    assert error.message == f"calwf3.e ended with status {status}{meaning}."


HSTCALERR_H = {
    114: ("OPEN_FAILED", "could not open a file"),
    115: ("CAL_FILE_MISSING", "a reference file is missing"),
    117: ("KEYWORD_MISSING", "a keyword is missing"),
    119: ("HEADER_PROBLEM", "a header cannot be read or written"),
    120: ("SIZE_MISMATCH", "sizes of two images do not match"),
    121: ("IO_ERROR", "could not read or write a file"),
    130: ("CAL_STEP_NOT_DONE", "a step that must come before was not done"),
    141: ("TABLE_ERROR", "a reference table cannot be used"),
    142: ("COLUMN_NOT_FOUND", "lacks a column"),
    143: ("ELEMENT_NOT_FOUND", "an element of a reference table cannot be read"),
    144: ("ROW_NOT_FOUND", "no row of a reference table matches"),
    151: ("NO_GOOD_DATA", "all data are flagged as bad"),
    171: ("REF_TOO_SMALL", "a reference image is binned more than the exposure"),
}


@pytest.mark.parametrize(("code", "meaning"), [(code, words) for code, (_, words) in HSTCALERR_H.items()])
def test_a_code_of_hstcal_means_the_same_as_status_and_in_the_trailer(code: int, meaning: str) -> None:
    by_status = diagnose(Evidence("cs0.e", Completion(code)), STAGE1).message
    by_trailer = diagnose(Evidence("cs0.e", Completion(2), log=[f"ERROR:    status = {code}"]), STAGE1).message
    assert meaning in by_status
    assert by_trailer.partition(": ")[2] == by_status.partition(": ")[2]


def test_hstcal_out_of_memory_by_its_status() -> None:
    assert diagnose(Evidence("calwf3.e", Completion(111)), STAGE1).exit_code is ExitCode.SUBPROCESS_MEMORY_ERROR


@pytest.mark.parametrize(
    ("room", "is_cause"),
    [
        (Room("/scratch/w", 0), True),
        (Room("/scratch/w", 4096, 10_000), True),
        (Room("/scratch/w", 10**10, 0), True),
        (Room("/scratch/w", 10**10, 10_000), False),
        (Room("/scratch/w", 5 << 20, None), False),
        (None, False),
    ],
)
def test_a_full_disk_is_named_before_what_the_engine_made_of_it(room: Room | None, is_cause: bool) -> None:
    error = diagnose(Evidence("calacs.e", Completion(None, signal.SIGSEGV), room=room), STAGE1)
    assert error.message.startswith("The disk of the work directory '/scratch/w' is full") is is_cause
    assert "SIGSEGV" in error.message
    assert ("CALDP_HOME" in error.advice) is is_cause
    assert error.exit_code is STAGE1


def test_a_lack_of_memory_comes_before_a_full_disk() -> None:
    evidence = Evidence("calcos", Completion(1), log=("MemoryError",), room=Room("/dev/shm", 0))
    assert diagnose(evidence, STAGE1).exit_code is ExitCode.SUBPROCESS_MEMORY_ERROR
