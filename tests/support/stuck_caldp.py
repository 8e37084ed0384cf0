"""The command ``caldp``, with one step of the run replaced by one that takes for ever.

python stuck_caldp.py PHASE ARGUMENT...
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any, NoReturn

from caldp.app.process import process_dataset
from caldp.app.process.flow import CalibrationResult, WorkDirectory
from caldp.cli.main import run


def make_a_product_that_never_comes(
    _inputs: object, work: WorkDirectory, *_others: Any, **_more: Any
) -> CalibrationResult:
    """Calibrate to a spectrum that whoever opens it waits for."""
    os.mkfifo(work.data / "lsim01010_x1dsum.fits")
    return CalibrationResult(engines=(), products=())


def wait_in_the_c_library(*_arguments: object) -> NoReturn:
    """Wait in a call that no signal interrupts, as a look-up of a host name may."""
    sys.stderr.write("waiting\n")
    lock = ctypes.create_string_buffer(64)
    library = ctypes.CDLL(None)
    library.pthread_mutex_lock(lock)
    library.pthread_mutex_lock(lock)
    raise AssertionError("nobody unlocks it")


if __name__ == "__main__":
    phase = sys.argv.pop(1)
    if phase == "preview":
        vars(process_dataset)["calibrate"] = make_a_product_that_never_comes
    elif phase == "library":
        vars(process_dataset)["fetch"] = wait_in_the_c_library
    run()
