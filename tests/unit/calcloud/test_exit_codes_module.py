"""``caldp.exit_codes``: the readme's module, whose names and numbers are frozen."""

import pytest

from caldp import exit_codes

FROZEN = {
    "SUCCESS": 0,
    "GENERIC_ERROR": 1,
    "CMDLINE_ERROR": 2,
    "INPUT_TAR_FILE_ERROR": 21,
    "ASTROQUERY_ERROR": 22,
    "STAGE1_ERROR": 23,
    "STAGE2_ERROR": 24,
    "S3_UPLOAD_ERROR": 25,
    "S3_DOWNLOAD_ERROR": 26,
    "BESTREFS_ERROR": 27,
    "CREATE_PREVIEWS_ERROR": 28,
    "SUBPROCESS_MEMORY_ERROR": 31,
    "CALDP_MEMORY_ERROR": 32,
    "CONTAINER_MEMORY_ERROR": 33,
    "OS_MEMORY_ERROR": 34,
    "SVM_ERROR": 40,
    "MVM_ERROR": 41,
}
STOPS = {"HUNG_UP": 129, "INTERRUPTED": 130, "TERMINATED": 143}
"""The shell's own convention: 128 and the number of the signal."""


def test_names_and_numbers_are_frozen() -> None:
    assert {name: int(getattr(exit_codes, name)) for name in exit_codes.__all__ if name.isupper()} == FROZEN | STOPS
    assert {code.name: int(code) for code in exit_codes.ExitCode} == FROZEN | STOPS


@pytest.mark.parametrize(("name", "number"), [*FROZEN.items(), *STOPS.items()])
def test_every_spelling_is_explained_alike(name: str, number: int) -> None:
    explanation = exit_codes.explain(name)
    assert explanation.startswith(f"EXIT - {name}[{number}]: ")
    assert {exit_codes.explain(spelling) for spelling in (number, str(number), name.lower())} == {explanation}
    memory = 31 <= number <= 34
    assert {exit_codes.is_memory_error(spelling) for spelling in (number, str(number), name)} == {memory}


@pytest.mark.parametrize("unknown", [999, "999", -1000, "undefined", "", None, 3.5, b"31", [], object(), True])
def test_nothing_makes_them_raise(unknown: object) -> None:
    assert exit_codes.explain(unknown).startswith("EXIT - ")
    assert exit_codes.is_memory_error(unknown) is False


def test_signals_are_explained() -> None:
    assert exit_codes.explain_signal(9).startswith("SIGKILL (signal 9)")
    assert "SIGSEGV" in exit_codes.explain(-11)
