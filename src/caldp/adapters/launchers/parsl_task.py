"""Work of one of Parsl's workers: a job as a child process of the worker."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from attrs import field, frozen

from caldp.adapters.launchers.local import LocalLauncher
from caldp.adapters.memory.cgroup import CgroupMemory
from caldp.app.ports.launcher import Launch
from caldp.domain.batch.job import AttemptEnd, EndKind
from caldp.domain.errors import CaldpError, LaunchError

WAITING: Final = "waiting"
"""Word by which a driver keeps jobs from beginning."""
RUNNING: Final = "running"
"""Word by which it asks those that run to end, too."""
_LOOK: Final = 0.5  # seconds between two looks at the child
_ASK: Final = 4.0  # seconds between two looks for the driver's word


@frozen
class Task:
    """A job, as it is sent to a worker. Everything in it can be pickled.

    Attributes
    ----------
    command
        Return program and arguments, on the worker's machine.
    word
        Return the driver's word: `WAITING`, `RUNNING`, or an empty string. May raise `OSError` or `CaldpError`.
    environment
        Variables that the job has beside those of the worker.
    """

    command: Callable[[], Sequence[str]]
    word: Callable[[], str]
    environment: Mapping[str, str] = field(factory=dict, repr=False)


def run_task(task: Task) -> AttemptEnd:
    """Run a job to its end, unless the driver has stopped before it began.

    If the worker is killed, the job ends with it. If the pool of the worker is killed, which alone can take the result
    to the driver, the job is ended, so that it does not keep the next attempt from its dataset.
    """
    if _word(task):
        return AttemptEnd(EndKind.CANCELLED)
    command = tuple(task.command())
    launcher = LocalLauncher(lambda _number: command, {**os.environ, **task.environment}, CgroupMemory())
    try:
        launcher.start(Launch("task", (0,), 0))
        asked = time.monotonic()
        while True:
            for report in launcher.poll(_LOOK):
                if report.end is not None:
                    return report.end
            if _is_orphan():
                return AttemptEnd(EndKind.LOST)
            if time.monotonic() - asked >= _ASK:
                asked = time.monotonic()
                if _word(task) == RUNNING:
                    launcher.stop(running=True)
    except LaunchError as error:
        return AttemptEnd(EndKind.LOST, cause=error.message, advice=error.advice)
    finally:
        launcher.close()


def _is_orphan() -> bool:
    """Tell whether this process is a worker whose pool has ended."""
    pool = multiprocessing.parent_process()
    return pool is not None and not pool.is_alive()


def _word(task: Task) -> str:
    with suppress(OSError, CaldpError):  # the output cannot be reached for the moment
        return task.word()
    return ""
