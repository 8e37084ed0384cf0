"""The readme's idiom, in processes of its own: statuses and what standard error says."""

import errno
import subprocess
import sys
import textwrap

import pytest

from caldp import exit_codes
from caldp.sysexit import CaldpExit, SubprocessFailure, exit_on_exception, exit_receiver

ERRORS = "from caldp.domain.errors import *\nfrom caldp.sysexit import *\nfrom caldp import exit_codes\nimport sys\n"


def run(body: str, simulate: str = "") -> subprocess.CompletedProcess[str]:
    """Run a body of code inside ``exit_receiver`` in a Python of its own."""
    code = ERRORS + "with exit_receiver():\n" + textwrap.indent(textwrap.dedent(body), "    ") + "\nprint('after')\n"
    environment = {"CALDP_SIMULATE_ERROR": simulate} if simulate else {}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False, timeout=60
    )


def stage1(statement: str) -> str:
    return f"with exit_on_exception(exit_codes.STAGE1_ERROR, 'Calibrating', 'j8cb010b0', 'failed.'):\n    {statement}"


def test_success_changes_nothing() -> None:
    done = run(stage1("print('calibrated')"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "calibrated\nafter\n", "")


def test_a_failure_has_the_status_of_its_block() -> None:
    done = run("print('before', end='')\n" + stage1("raise RuntimeError('obscure')"))
    assert done.returncode == 23
    assert done.stdout == "before"
    lines = done.stderr.splitlines()
    assert lines[0] == "ERROR - Calibrating j8cb010b0 failed."
    assert "ERROR - RuntimeError: obscure" in lines
    assert lines[-1] == exit_codes.explain(23)


def test_an_error_that_is_understood_needs_no_traceback() -> None:
    done = run(stage1("raise StageError('calacs.e made no flt.')"))
    assert done.returncode == 23
    assert done.stderr.splitlines() == [
        "ERROR - Calibrating j8cb010b0 failed.",
        "ERROR - calacs.e made no flt.",
        exit_codes.explain(23),
    ]


def test_a_signal_is_explained() -> None:
    done = run(stage1("raise SubprocessFailure(-8)"))
    assert done.returncode == 23
    assert "SIGFPE" in done.stderr
    assert str(SubprocessFailure(3)) == "A program ended with status 3."


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("raise MemoryError", 32),
        ("raise OSError(12, 'Cannot allocate memory')", 34),
        ("raise OSError('fork: Cannot allocate memory')", 34),
        ("raise OSError('disk on fire')", 23),
        ("raise StageError('log shows MemoryError', exit_code=exit_codes.SUBPROCESS_MEMORY_ERROR)", 31),
        ("raise UploadError('no bucket')", 23),
    ],
)
def test_a_lack_of_memory_has_a_status_of_its_own(statement: str, status: int) -> None:
    assert run(stage1(statement)).returncode == status


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("raise MemoryError", 32),
        ("raise OSError(12, 'Cannot allocate memory')", 34),
        ("raise OSError('disk on fire')", 1),
        ("raise RuntimeError('obscure')", 1),
        ("raise KeyboardInterrupt", 1),
        ("from caldp.domain.errors import Stopped; raise Stopped(15)", 143),
        ("sys.exit(7)", 7),
        ("sys.exit()", 0),
        ("raise CaldpExit", 1),
    ],
)
def test_what_no_block_caught_ends_the_program_too(statement: str, status: int) -> None:
    done = run(statement)
    assert done.returncode == status
    assert "after" not in done.stdout


def test_the_innermost_block_decides() -> None:
    with (
        pytest.raises(CaldpExit) as leaving,
        exit_on_exception(exit_codes.STAGE2_ERROR, "outer"),
        exit_on_exception(exit_codes.STAGE1_ERROR, "inner"),
    ):
        raise ValueError("inside")
    assert leaving.value.code == exit_codes.STAGE1_ERROR


@pytest.mark.parametrize(
    ("simulate", "status"),
    [
        ("23", 23),
        ("STAGE1_ERROR", 23),
        ("31", 31),
        ("32", 32),
        ("33", 33),
        ("34", 34),
        ("24", 0),
        ("999", 0),
        ("0", 0),
        ("nonsense", 0),
    ],
)
def test_an_error_can_be_simulated(simulate: str, status: int) -> None:
    done = run(stage1("print('calibrated')"), simulate)
    assert done.returncode == status
    assert ("calibrated" in done.stdout) is (status == 0)


def test_the_simulated_system_error_is_the_systems() -> None:
    done = run(stage1("pass"), "34")
    assert f"[Errno {errno.ENOMEM}] Cannot allocate memory" in done.stderr


def test_the_receiver_does_nothing_to_success() -> None:
    with exit_receiver():
        value = 1
    assert value == 1
