"""Lack of memory, recognised in an exception."""

from __future__ import annotations

import errno
import re
from typing import Final

from caldp.domain.exit_codes import ExitCode

NO_THREAD: Final = re.compile(r"can't start new thread|pthread_create failed|Thread creation failed")
"""Complaints of Python, OpenBLAS and GNU's OpenMP (libgomp) that the system gave them no thread.

A thread needs address space for its stack: its refusal is a lack of memory (``ulimit -v``, a container's limit), unless
the number of processes is limited (``ulimit -u``), which nobody can tell from it.
"""

NO_LIBRARY: Final = re.compile(r"failed to map segment from shared object(?!: Operation not permitted)")
"""Complaints of the loader about a lack of memory for a library; Python makes an ImportError of them."""


def memory_error(error: BaseException) -> ExitCode | None:
    """Tell which lack of memory an exception stands for; None if for none.

    Returns
    -------
    ExitCode or None
        CALDP_MEMORY_ERROR for Python's own MemoryError, OS_MEMORY_ERROR where the operating system refused memory, a
        thread, or room for a library.
    """
    if isinstance(error, MemoryError):
        return ExitCode.CALDP_MEMORY_ERROR
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return ExitCode.OS_MEMORY_ERROR
    refused = refuses_thread(error) or (isinstance(error, ImportError) and NO_LIBRARY.search(str(error)) is not None)
    return ExitCode.OS_MEMORY_ERROR if refused else None


def refuses_thread(error: BaseException) -> bool:
    """Tell whether an exception says that no thread could be started."""
    return isinstance(error, RuntimeError) and NO_THREAD.search(str(error)) is not None
