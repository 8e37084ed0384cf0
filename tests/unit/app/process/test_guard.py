import errno

import pytest

from caldp.app.process.guard import failure_of_stop, owning
from caldp.domain.errors import BestrefsError, CaldpError, StageError, Stopped, WorkDirectoryError
from caldp.domain.exit_codes import MEMORY_ERRORS, ExitCode
from caldp.domain.run.events import Step
from caldp.domain.run.record import Failure

STAGES = (ExitCode.STAGE1_ERROR, ExitCode.STAGE2_ERROR, ExitCode.SVM_ERROR, ExitCode.MVM_ERROR)


def caught(error: BaseException, code: ExitCode = ExitCode.CREATE_PREVIEWS_ERROR) -> CaldpError:
    with pytest.raises(CaldpError) as raised, owning(code):
        raise error
    return raised.value


def test_lets_a_good_step_be() -> None:
    with owning(ExitCode.STAGE1_ERROR):
        done = True
    assert done


def test_passes_our_own_errors_through() -> None:
    error = BestrefsError("no context")
    assert caught(error) is error


def test_gives_what_nobody_expected_the_code_of_the_step() -> None:
    error = caught(KeyError("EXPTIME"))
    assert error.exit_code is ExitCode.CREATE_PREVIEWS_ERROR
    assert error.message == "Unexpected KeyError: 'EXPTIME'."
    assert "log, which has the traceback" in error.advice
    assert isinstance(error.__cause__, KeyError)


def test_an_exception_without_words_still_makes_a_sentence() -> None:
    assert caught(RuntimeError()).message == "Unexpected RuntimeError."


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), ExitCode.CALDP_MEMORY_ERROR),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), ExitCode.OS_MEMORY_ERROR),
    ],
)
def test_tells_a_lack_of_memory_from_other_failures(error: Exception, code: ExitCode) -> None:
    assert caught(error).exit_code is code


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_says_that_the_disk_is_full_and_where(number: int) -> None:
    error = caught(OSError(number, "No space left on device", "/scratch/x.fits"))
    assert isinstance(error, WorkDirectoryError)
    assert error.message == "The disk is full (/scratch/x.fits)."
    assert error.exit_code is ExitCode.CREATE_PREVIEWS_ERROR


def test_makes_a_sentence_of_any_other_error_of_the_system() -> None:
    error = caught(PermissionError(errno.EACCES, "Permission denied", "/grp/x"))
    assert error.message == "Permission denied (/grp/x)."
    assert error.exit_code is ExitCode.CREATE_PREVIEWS_ERROR


@pytest.mark.parametrize("stop", [Stopped(15), KeyboardInterrupt(), SystemExit(0), GeneratorExit()], ids=repr)
def test_a_stop_passes_through(stop: BaseException) -> None:
    with pytest.raises(type(stop)) as raised, owning(ExitCode.STAGE1_ERROR):
        raise stop
    assert raised.value is stop


@pytest.mark.parametrize(
    ("stop", "status", "said"),
    [
        (Stopped(1), 129, "Stopped: the terminal was closed (SIGHUP)."),
        (Stopped(2), 130, "Stopped by you (Ctrl-C)."),
        (Stopped(15), 143, "Stopped by the batch system or kill (SIGTERM)."),
        (KeyboardInterrupt(), 130, "Stopped by you (Ctrl-C)."),
        (SystemExit(3), 1, "The run was stopped (SystemExit)."),
    ],
    ids=repr,
)
def test_a_stop_is_told_as_one(stop: BaseException, status: int, said: str) -> None:
    failure = failure_of_stop(stop, "Run it again.", Step.FETCH)
    assert failure == Failure(ExitCode(status), said, "Run it again.", Step.FETCH)


def injected(code: ExitCode, inject: int) -> CaldpError | None:
    try:
        with owning(code, inject):
            return None
    except CaldpError as error:
        return error


@pytest.mark.parametrize("code", [code for code in ExitCode if code not in {ExitCode.SUCCESS, *MEMORY_ERRORS}])
def test_simulates_a_code_in_the_step_that_owns_it_and_in_no_other(code: ExitCode) -> None:
    error = injected(code, code)
    assert error is not None
    assert error.exit_code is code
    others = (other for other in ExitCode if other is not code)
    assert [injected(other, code) for other in others] == [None] * (len(ExitCode) - 1)


@pytest.mark.parametrize("simulate", [0, 999, -1])
def test_simulates_nothing_for_what_is_no_code_of_failure(simulate: int) -> None:
    assert injected(ExitCode.STAGE1_ERROR, simulate) is None


@pytest.mark.parametrize("stage", STAGES)
def test_simulates_each_lack_of_memory_in_its_own_way(stage: ExitCode) -> None:
    errors = {code: injected(stage, code) for code in sorted(MEMORY_ERRORS)}
    assert {code: error.exit_code for code, error in errors.items() if error} == dict(zip(errors, errors, strict=True))
    assert isinstance(errors[ExitCode.SUBPROCESS_MEMORY_ERROR], StageError)
    assert isinstance(errors[ExitCode.CONTAINER_MEMORY_ERROR], StageError)
    own, system = errors[ExitCode.CALDP_MEMORY_ERROR], errors[ExitCode.OS_MEMORY_ERROR]
    assert own is not None
    assert isinstance(own.__cause__, MemoryError)
    assert system is not None
    assert isinstance(system.__cause__, OSError)


def test_only_engines_can_be_killed_for_memory() -> None:
    assert injected(ExitCode.BESTREFS_ERROR, ExitCode.SUBPROCESS_MEMORY_ERROR) is None
    assert injected(ExitCode.BESTREFS_ERROR, ExitCode.CONTAINER_MEMORY_ERROR) is None
