"""Recognition of a lack of memory."""

import errno

import pytest

from caldp.domain.calibration.engine_causes import MEMORY
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.shortage import memory_error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), ExitCode.CALDP_MEMORY_ERROR),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), ExitCode.OS_MEMORY_ERROR),
        (RuntimeError("can't start new thread"), ExitCode.OS_MEMORY_ERROR),
        (ImportError("libx.so: failed to map segment from shared object"), ExitCode.OS_MEMORY_ERROR),
        (ImportError("libx.so: failed to map segment from shared object: Operation not permitted"), None),
        (OSError(errno.EAGAIN, "Resource temporarily unavailable"), None),
        (RuntimeError("dictionary changed size during iteration"), None),
        (ImportError("No module named 'astropy'"), None),
    ],
)
def test_exceptions(error: Exception, code: ExitCode | None) -> None:
    assert memory_error(error) is code


@pytest.mark.parametrize(
    "line",
    [
        "OpenBLAS blas_thread_init: pthread_create failed for thread 1 of 2: Resource temporarily unavailable",
        "RuntimeError: can't start new thread",
        "libgomp: Thread creation failed: Resource temporarily unavailable",
        "ImportError: libscipy_openblas64_.so: failed to map segment from shared object",
    ],
)
def test_words_of_engines(line: str) -> None:
    assert MEMORY.search(line)
