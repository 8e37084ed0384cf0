"""Threads of OpenBLAS that caldp's own process does without."""

from __future__ import annotations

import os

_VARIABLE = "OPENBLAS_NUM_THREADS"


def without_blas_threads() -> dict[str, str]:
    """Keep numpy from starting threads in this process, and return the environment as it was, for everybody else.

    Nothing here does linear algebra. Where memory does not suffice for a thread, OpenBLAS raises SIGINT in its own
    process, which reads as if the user had pressed Ctrl-C.
    """
    environment = dict(os.environ)
    os.environ.setdefault(_VARIABLE, "1")
    return environment
