"""Why an engine run failed: the exit code, and a sentence that a user can act on (CONTRACTS, sections 4 and 6)."""

from __future__ import annotations

import pytest

from caldp.domain.diagnosis import Evidence, diagnose
from caldp.domain.exit_codes import ExitCode
from caldp.domain.judgement import Completion

KILLED = Completion(None, signal=9)
CRASHED = Completion(None, signal=11)
PYTHON_LOG = ("Traceback (most recent call last):", "numpy._core._exceptions._ArrayMemoryError: no", "MemoryError")

DIAGNOSES = {
    "a failing status": (
        Evidence("calacs.e", Completion(2), ("ERROR: cannot open x_raw.fits",)), 23,
        "calacs.e ended with status 2.", "ERROR: cannot open x_raw.fits",
    ),
    "status 0 and a product missing": (
        Evidence("calcos", Completion(0), ("ldfd01vpq_rawtag_a.fits is missing",), ("x_x1d.fits was not made",)), 23,
        "calcos ended with status 0, but x_x1d.fits was not made.", "ldfd01vpq_rawtag_a.fits is missing",
    ),
    "a log without a word": (Evidence("cs0.e", Completion(2), ("done",)), 23, "cs0.e ended with status 2.", "log"),
    "a Python MemoryError in the log": (
        Evidence("calcos", Completion(1), PYTHON_LOG), 31, "calcos ran out of memory.", "more memory",
    ),
    "a killed engine, and the kernel counts a kill": (
        Evidence("calcos", KILLED, oom_kills=1), 33, "calcos was killed by the kernel, for lack of memory.",
        "more memory",
    ),
    "a killed engine, and nobody counts": (
        Evidence("calcos", KILLED), 33, "calcos was killed by the kernel, most likely for lack of memory.",
        "more memory",
    ),
    "a killed engine, and the kernel says it was not memory": (
        Evidence("calcos", KILLED, oom_kills=0), 23, "calcos was ended by SIGKILL (signal 9)", "log",
    ),
    "a crash": (Evidence("cs0.e", CRASHED), 23, "cs0.e was ended by SIGSEGV (signal 11): segmentation fault", "log"),
    "its time was up": (
        Evidence("runastrodriz", Completion(None, signal=15, timed_out=True), timeout=90), 23, "longer than 90 s",
        "--timeout",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("evidence", "status", "says", "advice"), DIAGNOSES.values(), ids=DIAGNOSES.keys())
def test_diagnoses(evidence: Evidence, status: int, says: str, advice: str) -> None:
    error = diagnose(evidence, ExitCode.STAGE1_ERROR)
    assert error.exit_code == status
    assert says in error.message
    assert advice in error.advice


def test_the_stages_own_code_is_kept() -> None:
    assert diagnose(Evidence("runsinglehap", Completion(1)), ExitCode.SVM_ERROR).exit_code is ExitCode.SVM_ERROR
