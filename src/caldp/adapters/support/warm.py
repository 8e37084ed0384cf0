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
    flags
        Options of the Python.

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
        flags: Sequence[str] = (),
    ) -> None:
        self.environment = dict(environment)
        self.script = script
        self._lock = Lock()
        self._is_ready = False
        self.is_usable = True
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [str(_SERVER), str(theirs.fileno()), str(script), ",".join(packages), *modules]
        try:
            self._process = Supervised(
                [str(interpreter), *flags, *words],
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

    def is_importing(self) -> bool:
        """Tell whether the libraries are not there yet, so that a start would have to wait for them."""
        if self._is_ready or not self.is_usable:
            return False
        waiting = select.poll()
        waiting.register(self._control, select.POLLIN)
        return not waiting.poll(0)

    def start(
        self,
        script: Path,
        argv: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        seconds: float | None,
        is_given_up: Callable[[], bool] | None = None,
        source: int | None = None,
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
        source
            Descriptor that the program has as its standard input; None for an empty one.

        Raises
        ------
        NotWarm
            If that is not possible, and nothing has been started.
        ChildProcessError
            If the program was lost while it started.
        """
        is_over = deadline(seconds, is_given_up)
        supervisor = fork_supervisor(lambda given: self.fork(given, is_over), self.environment, source)
        return started(supervisor, script, argv, directory, environment)

    def fork(self, descriptors: Sequence[int], is_over: Callable[[], bool]) -> int:
        """Let the server fork a supervisor, when it is ready; return a descriptor of that process.

        Parameters
        ----------
        descriptors
            Orders and reports of the supervisor, and output of its program; possibly its input.
        is_over
            Tells whether to wait no longer.

        Raises
        ------
        NotWarm
            If it does not, and nothing has been forked that lasts.
        """
        while not self._lock.acquire(timeout=LOOK):
            if is_over():
                raise NotWarm("the server takes too long")
        try:
            if not self._is_ready:
                self._receive(b"ready", is_over)
                self._is_ready = True
            return self._ask(descriptors)
        finally:
            self._lock.release()

    def _ask(self, descriptors: Sequence[int]) -> int:
        if not self.is_usable:
            raise NotWarm("the server is not usable any more")
        try:
            socket.send_fds(self._control, [b"fork"], list(descriptors))
            (process,) = self._receive(b"forked", deadline(_PATIENCE))
        except BaseException as error:
            self.is_usable = False  # an answer that comes late would be taken for that to the next request
            if isinstance(error, OSError):
                raise NotWarm(f"the server does not answer: {error.strerror}") from error
            raise
        return process

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
            self.is_usable = False
            raise NotWarm("the server has ended")
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return descriptors

    def close(self) -> None:
        """End the server, and all that it has forked."""
        self.is_usable = False
        self._process.close()
        self._control.close()


def deadline(seconds: float | None, is_given_up: Callable[[], bool] | None = None) -> Callable[[], bool]:
    """Return a function that tells whether so much time has passed since now, or something has been given up."""
    limit = None if seconds is None else time.monotonic() + seconds

    def is_over() -> bool:
        return (limit is not None and time.monotonic() >= limit) or (is_given_up is not None and is_given_up())

    return is_over


def fork_supervisor(
    fork: Callable[[Sequence[int]], int], environment: Mapping[str, str], source: int | None = None
) -> ForkedSupervisor:
    """Let a server fork a supervisor, with pipes whose other ends are ours.

    Parameters
    ----------
    fork
        Forks it with some descriptors, as `WarmServer.fork` does.
    environment
        The server's environment.
    source
        Descriptor of the program's standard input; the caller closes it.
    """
    theirs, orders = os.pipe()
    reports, says = os.pipe()
    heard, output = os.pipe()
    try:
        process = fork([theirs, says, output, *(() if source is None else (source,))])
    except BaseException:
        for descriptor in (orders, reports, heard):
            os.close(descriptor)
        raise
    finally:
        for descriptor in (theirs, says, output):
            os.close(descriptor)
    return ForkedSupervisor(orders, reports, heard, process, environment)


def started(
    supervisor: ForkedSupervisor,
    script: Path,
    argv: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
) -> Supervised:
    """Let a supervisor that was forked start its program; see `WarmServer.start`."""
    try:
        return Supervised(argv, executable=script, directory=directory, environment=environment, supervisor=supervisor)
    except ChildProcessError:
        raise
    except OSError as error:
        raise NotWarm(f"{script}: {error.strerror}") from error
