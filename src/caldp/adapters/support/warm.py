"""Programs that are forked from a server that has imported their libraries; Linux only.

The other side is `caldp.adapters.support.warm_server`. The server is supervised itself: it ends with its owner, and all
that it has forked ends with it.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

from caldp.adapters.support.supervised import LOOK, Supervised
from caldp.adapters.support.supervisor_process import ForkedSupervisor

_SERVER: Final = Path(__file__).with_name("warm_server.py")
_PATIENCE: Final = 10.0
"""Seconds that a fork may take on a machine that is busy; it takes milliseconds."""
_LONGEST_MESSAGE: Final = 16


class NotWarm(Exception):
    """The server cannot fork the program; a start of the usual kind can take its place."""


class WarmServer:
    """A process that imports what a script imports, and forks for each run of it. Thread-safe.

    Parameters
    ----------
    interpreter, script
        The script, and the Python that its first line names.
    modules
        Modules to be imported; those that do not exist are left out.
    packages
        Packages of which none may be imported here: their modules read what differs from run to run.
    environment
        Environment to import in.

    Raises
    ------
    OSError
        If it cannot be started.
    """

    def __init__(
        self,
        interpreter: Path,
        script: Path,
        modules: Sequence[str],
        packages: Collection[str],
        environment: Mapping[str, str],
    ) -> None:
        self.environment = dict(environment)
        self._lock = Lock()
        self._is_ready = False
        self._is_usable = True
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [str(_SERVER), str(theirs.fileno()), str(script), ",".join(packages), *modules]
        try:
            self._process = Supervised(
                [str(interpreter), *words],
                executable=interpreter,
                directory=Path("/"),
                environment=environment,
                keep=(theirs.fileno(),),
            )
        except BaseException:
            self._control.close()
            raise
        finally:
            theirs.close()

    def start(
        self,
        script: Path,
        argv: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        seconds: float | None,
        is_given_up: Callable[[], bool] | None = None,
    ) -> Supervised:
        """Start a script as `Supervised` starts a program, when the server is ready.

        Parameters
        ----------
        script
            The server's script; or one that imports the same libraries, which is run as by ``python -P``.
        argv, directory, environment
            Of the program. A variable that is read when a library is imported must be as the server has it.
        seconds
            Greatest time to wait until the libraries are imported; None for no limit.
        is_given_up
            Tells, once a second, whether to wait no longer.

        Raises
        ------
        NotWarm
            If that is not possible, and nothing has been started.
        ChildProcessError
            If the program was lost while it started.
        """
        limit = None if seconds is None else time.monotonic() + seconds

        def is_over() -> bool:
            return (limit is not None and time.monotonic() >= limit) or (is_given_up is not None and is_given_up())

        while not self._lock.acquire(timeout=LOOK):
            if is_over():
                raise NotWarm("the server takes too long")
        try:
            if not self._is_ready:
                self._receive(b"ready", is_over)
                self._is_ready = True
            supervisor = self._fork()
        finally:
            self._lock.release()
        try:
            return Supervised(
                argv, executable=script, directory=directory, environment=environment, supervisor=supervisor
            )
        except ChildProcessError:
            raise
        except OSError as error:
            raise NotWarm(f"{script}: {error.strerror}") from error

    def _fork(self) -> ForkedSupervisor:
        if not self._is_usable:
            raise NotWarm("the server is not usable any more")
        limit = time.monotonic() + _PATIENCE
        theirs, orders = os.pipe()
        reports, says = os.pipe()
        heard, output = os.pipe()
        try:
            socket.send_fds(self._control, [b"fork"], [theirs, says, output])
            (process,) = self._receive(b"forked", lambda: time.monotonic() >= limit)
        except BaseException as error:
            self._is_usable = False  # an answer that comes late would be taken for that to the next request
            for descriptor in (orders, reports, heard):
                os.close(descriptor)
            if isinstance(error, OSError):
                raise NotWarm(f"the server does not answer: {error.strerror}") from error
            raise
        finally:
            for descriptor in (theirs, says, output):
                os.close(descriptor)
        return ForkedSupervisor(orders, reports, heard, process, self.environment)

    def _receive(self, expected: bytes, is_over: Callable[[], bool]) -> list[int]:
        """Wait for a message of the server, and return the descriptors that come with it."""
        waiting = select.poll()
        waiting.register(self._control, select.POLLIN)
        pause = 0.0
        while not waiting.poll(pause * 1000):
            if is_over():
                raise NotWarm("the server takes too long")
            self._process.keep_awake()
            pause = min(LOOK, 2 * pause + 0.01)
        message, descriptors, _, _ = socket.recv_fds(self._control, _LONGEST_MESSAGE, 1)
        if message != expected:
            raise NotWarm("the server has ended")
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return descriptors

    def close(self) -> None:
        """End the server, and all that it has forked."""
        self._is_usable = False
        self._process.close()
        self._control.close()
