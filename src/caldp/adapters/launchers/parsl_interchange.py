"""Parsl's interchange, which ends with its driver.

By itself it outlives a driver that was killed, and its workers with it: they would go on for ever. It has a session of
its own, so that Ctrl-C reaches the driver only, which lets running datasets end.
"""

from __future__ import annotations

import os
import runpy
import threading
import time
from contextlib import suppress
from typing import Final

_LOOK: Final = 0.5  # seconds


def main() -> None:
    """Run the interchange as long as the process lives that has started this one."""
    driver = os.getppid()
    with suppress(PermissionError):  # it leads a session already
        os.setsid()
    threading.Thread(target=_watch, args=(driver,), daemon=True).start()
    runpy.run_module("parsl.executors.high_throughput.interchange", run_name="__main__", alter_sys=True)


def _watch(driver: int) -> None:
    while os.getppid() == driver:
        time.sleep(_LOOK)
    os._exit(1)


if __name__ == "__main__":
    main()
