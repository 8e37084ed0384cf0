"""``exit_codes`` and ``sysexit`` give the statuses that the public program's own examples show; sentences are ours.

Each case is a fact about spacetelescope/caldp 0.2.28, read from the examples of its modules' docstrings.
"""

from __future__ import annotations

import os
import re

import pytest
from pytest_mock import MockerFixture

from caldp import exit_codes
from caldp.sysexit import CaldpExit, SubprocessFailure, exit_on_exception, exit_receiver

SIMULATE = "CALDP_SIMULATE_ERROR"


class Left(BaseException):
    """``os._exit`` was called."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@pytest.fixture(autouse=True)
def leaving(mocker: MockerFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have os._exit raise in the place of ending the tests."""
    monkeypatch.delenv(SIMULATE, raising=False)

    def leave(status: int) -> None:
        raise Left(status)

    mocker.patch.object(os, "_exit", leave)


@pytest.mark.parametrize(
    ("code", "beginning"),
    [
        (exit_codes.SUCCESS, "EXIT - SUCCESS[0]: "),
        ("SUCCESS", "EXIT - SUCCESS[0]: "),
        (exit_codes.GENERIC_ERROR, "EXIT - GENERIC_ERROR[1]: "),
        (exit_codes.SUBPROCESS_MEMORY_ERROR, "EXIT - SUBPROCESS_MEMORY_ERROR[31]: "),
        (999, "EXIT - "),
    ],
)
def test_explain_names_the_code(code: object, beginning: str) -> None:
    assert exit_codes.explain(code).startswith(beginning)


@pytest.mark.parametrize(
    ("code", "memory"),
    [
        (exit_codes.GENERIC_ERROR, False),
        (exit_codes.SUBPROCESS_MEMORY_ERROR, True),
        (exit_codes.CALDP_MEMORY_ERROR, True),
        (exit_codes.CONTAINER_MEMORY_ERROR, True),
        ("GENERIC_ERROR", False),
        ("SUBPROCESS_MEMORY_ERROR", True),
    ],
)
def test_memory_errors_are_told_apart(code: object, memory: bool) -> None:
    assert exit_codes.is_memory_error(code) is memory


@pytest.mark.parametrize(("number", "name"), [(8, "SIGFPE"), (11, "SIGSEGV")])
def test_a_signal_is_named_with_its_number(number: int, name: str) -> None:
    assert re.search(rf"\b{name}\b.*\b{number}\b", exit_codes.explain_signal(number))


@pytest.mark.parametrize(
    ("code", "error", "status"),
    [
        (2, Exception("It failed!"), 2),
        (exit_codes.STAGE1_ERROR, SubprocessFailure(-8), 23),
        (exit_codes.STAGE1_ERROR, OSError("Something other than memory"), 23),
        (exit_codes.STAGE1_ERROR, RuntimeError("Some obscure error"), 23),
    ],
)
def test_a_block_gives_its_code_to_what_fails_in_it(code: int, error: Exception, status: int) -> None:
    with pytest.raises(CaldpExit) as ending, exit_on_exception(code, "As expected", "it failed."):
        raise error
    assert ending.value.code == status
    with pytest.raises(Left) as left, exit_receiver(), exit_on_exception(code, "As expected", "it failed."):
        raise error
    assert left.value.status == status


@pytest.mark.parametrize(
    ("simulated", "code", "status"),
    [
        ("2", 2, 2),
        (str(int(exit_codes.CALDP_MEMORY_ERROR)), 2, 32),
        (str(int(exit_codes.OS_MEMORY_ERROR)), 2, 34),
    ],
)
def test_an_error_is_simulated(simulated: str, code: int, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SIMULATE, simulated)
    reached = []
    with pytest.raises(CaldpExit) as ending, exit_on_exception(code, "simulated"):
        reached.append(code)
    assert (ending.value.code, reached) == (status, [])


def test_another_code_is_not_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SIMULATE, "999")
    reached = []
    with exit_on_exception(3, "not simulated"):
        reached.append(3)
    assert reached == [3]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError(), 1),
        (MemoryError("All of it."), 32),
        (OSError("Cannot allocate memory..."), 34),
        (OSError("Some non-memory os error."), 1),
    ],
)
def test_a_failure_outside_of_any_block_ends_the_program(error: Exception, status: int) -> None:
    with pytest.raises(Left) as left, exit_receiver():
        raise error
    assert left.value.status == status
