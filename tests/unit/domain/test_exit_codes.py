"""Exit statuses and signals, explained (docs/reference/contracts/exit-statuses.md).

That names and numbers are the frozen ones is tested with CALCLOUD's contract, in calcloud/test_exit_codes.py.
"""

from __future__ import annotations

import signal

import pytest
from hypothesis import given

from caldp.domain.exit_codes import (
    MEMORY_ERRORS,
    STOPS,
    ExitCode,
    explain,
    explain_signal,
    is_known,
    is_memory_error,
    lookup,
    meaning,
    signal_number,
)
from tests.support.strategies import ALMOST_STATUSES


@pytest.mark.parametrize("code", ExitCode)
def test_a_code_is_understood_as_number_text_and_name(code: ExitCode) -> None:
    for form in (code, int(code), str(int(code)), f" {int(code)}\n", code.name, code.name.lower()):
        assert lookup(form) is code
        assert explain(form) == f"EXIT - {code.name}[{int(code)}]: {meaning(code)}"
        assert is_memory_error(form) is (code in MEMORY_ERRORS)


def test_the_memory_errors_are_31_to_34() -> None:
    assert [number for number in range(-200, 300) if is_memory_error(number)] == [31, 32, 33, 34]


@pytest.mark.parametrize(
    ("status", "number"),
    [
        (-9, 9),  # as Python's subprocess reports a signal
        ("-11", 11),
        (137, 9),  # as shells do
        ("143", 15),
        ("SIGKILL", 9),
        ("segv", 11),
    ],
)
def test_a_signal_is_recognised(status: object, number: int) -> None:
    assert signal_number(status) == number
    if lookup(status) is None:
        assert explain(status) == f"EXIT - {explain_signal(number)}"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_was_stopped_has_the_status_that_a_shell_gives_it(number: signal.Signals) -> None:
    code = STOPS[number]
    assert code == 128 + number
    assert signal_number(int(code)) == number
    assert number.name in explain(str(int(code)))
    assert not is_memory_error(code)


@pytest.mark.parametrize("status", [0, 9, 23, 128, 255, -0, -999, 1000, "9", "", "--9", "-", True, None, 137.0, "²"])
def test_what_is_no_signal(status: object) -> None:
    assert signal_number(status) is None


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (9, "SIGKILL (signal 9): killed; most often by the kernel or the container for lack of memory"),
        (11, "SIGSEGV (signal 11): segmentation fault"),
        (15, "SIGTERM (signal 15): asked to terminate"),
        (28, "SIGWINCH (signal 28)"),
        (4711, "unknown signal 4711"),
    ],
)
def test_signals_are_explained(number: int, says: str) -> None:
    assert explain_signal(number).startswith(says)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (99, "99"),
        (True, "True"),
        (23.0, "23.0"),
        ("", ""),
        ("two\nlines", "two lines"),
        (None, "None"),
        pytest.param("9" * 5000, "9" * 80, id="very long text"),
        pytest.param(10**5000, "<int>", id="more digits than Python prints"),
    ],
)
def test_what_is_unknown_is_called_so(code: object, shown: str) -> None:
    assert lookup(code) is None
    assert explain(code) == f"EXIT - unknown exit code: {shown}"


@given(ALMOST_STATUSES)
def test_explaining_never_raises_and_takes_one_line(code: object) -> None:
    assert explain(code).startswith("EXIT - ")
    assert len(explain(code).splitlines()) == 1
    assert is_memory_error(code) is (lookup(code) in MEMORY_ERRORS)
    number = signal_number(code)
    assert number is None or 0 < number < 65


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("124", "time limit"),
        (125, "could not start the container"),
        ("126", "cannot be executed"),
        ("127", "was not found"),
        ("130", "Ctrl-C"),
        (137, "lack of memory"),
        ("139", "segmentation fault"),
        (143, "SIGTERM"),
    ],
)
def test_statuses_of_whoever_starts_the_program_are_explained(status: object, words: str) -> None:
    assert words in explain(status)
    assert is_known(status)


@pytest.mark.parametrize("status", ["3", 128, "x", True, None, "1e2"])
def test_anything_else_is_unknown(status: object) -> None:
    assert not is_known(status)
