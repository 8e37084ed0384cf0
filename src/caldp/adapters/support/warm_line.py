"""Line from a job to the warm servers of the process that has started it.

The job has its end of a pair of sockets as standard input. It says in JSON which script it is to start, and sends the
descriptors that the script's supervisor gets; `answer_line`, at the other end, lets a server fork it, and sends back a
descriptor of the supervisor with the server's environment. The job then talks to the supervisor as if it had forked
it: when the job is gone, so is the program.
"""

from __future__ import annotations

import json
import os
import select
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final

from caldp.adapters.support.supervised import LOOK, Supervised
from caldp.adapters.support.warm import NotWarm, deadline, fork_supervisor, started
from caldp.adapters.support.warm_pool import WarmPool, state_of

_LONGEST: Final = 1 << 18
"""Bytes of a message. A longer environment does not pass, and its program is started as usual."""
_PATIENCE: Final = 120.0
"""Seconds that the other end waits for a server whose libraries are being imported."""
_DESCRIPTORS: Final = 4


class WarmLine:
    """Our end of the line; thread-safe, and as good as nothing after any trouble.

    Parameters
    ----------
    line
        Socket.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._lock = Lock()
        self._is_usable = True

    def prepare(self, script: Path, environment: Mapping[str, str]) -> None:
        """Let a server import what a script imports; see `caldp.adapters.support.warm_pool.WarmStarts`."""
        with self._lock:
            self._say({"wish": "prepare", "script": str(script), "environment": dict(environment)})

    def start(
        self,
        script: Path,
        run: Path,
        argv: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        seconds: float,
        is_given_up: Callable[[], bool] | None = None,
        source: int | None = None,
    ) -> Supervised | None:
        """Start a script from a server, when its libraries are imported."""
        theirs: dict[str, str] = {}
        is_over = deadline(seconds, is_given_up)
        try:
            wish = {
                "wish": "fork", "script": str(script), "environment": dict(environment), "state": repr(state_of(script))
            }  # fmt: skip

            def fork(descriptors: Sequence[int]) -> int:
                with self._lock:
                    answer, process = self._ask(wish, descriptors, is_over)
                theirs.update(answer)
                return process

            return started(fork_supervisor(fork, theirs, source), run, argv, directory, environment)
        except ChildProcessError:
            raise
        except (NotWarm, OSError):
            return None

    def _say(self, words: Mapping[str, Any], descriptors: Sequence[int] = ()) -> bool:
        """Send a message; False if it does not pass."""
        if not self._is_usable:
            return False
        try:
            socket.send_fds(self._line, [json.dumps(words).encode()], list(descriptors))
        except OSError:
            return False
        return True

    def _ask(
        self, wish: Mapping[str, Any], descriptors: Sequence[int], is_over: Callable[[], bool]
    ) -> tuple[dict[str, str], int]:
        if not self._say(wish, descriptors):
            raise NotWarm("the line is closed")
        waiting = select.poll()
        waiting.register(self._line, select.POLLIN)
        try:
            while not waiting.poll(LOOK * 1000):
                if is_over():
                    raise NotWarm("the servers take too long")
            message, received, _, _ = socket.recv_fds(self._line, _LONGEST, 1)
        except BaseException:
            self._is_usable = False  # an answer that comes late would be taken for that to the next request
            raise
        self._is_usable = bool(message)
        if not received:
            raise NotWarm("no server fits")
        os.set_inheritable(received[0], False)
        return json.loads(message), received[0]

    def close(self) -> None:
        """Do nothing: the line is open as long as this process."""


def answer_line(line: socket.socket, pool: WarmPool) -> None:
    """Answer one job, until it ends.

    Parameters
    ----------
    line
        The other end of the line; it is closed at last.
    pool
        The servers.
    """
    with line, suppress(OSError):
        while True:
            message, received, _, _ = socket.recv_fds(line, _LONGEST, _DESCRIPTORS)
            if not message:
                return
            try:
                _answer(line, json.loads(message), received, pool)
            finally:
                for descriptor in received:
                    os.close(descriptor)


def _answer(line: socket.socket, wish: Mapping[str, Any], received: Sequence[int], pool: WarmPool) -> None:
    script, environment = Path(wish["script"]), wish["environment"]
    if wish["wish"] == "prepare":
        pool.prepare(script, environment)
        return
    state = state_of(script)
    servers = pool.fitting(script, state, environment) if repr(state) == wish["state"] else ()
    for server in servers:
        with suppress(NotWarm):
            process = server.fork(received, deadline(_PATIENCE))
            try:
                socket.send_fds(line, [json.dumps(server.environment).encode()], [process])
            finally:
                os.close(process)
            return
    line.send(b"{}")


_own: list[WarmLine] = []


def open_own_line() -> None:
    """Take standard input for a line to warm servers, if it is one; nobody else finds it there then."""
    try:
        line = socket.socket(fileno=os.dup(0))
    except OSError:
        return  # whatever it is, it is no socket
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    _own.append(WarmLine(line))


def own_line() -> WarmLine | None:
    """Return the line of this process; None if it has none."""
    return _own[0] if _own else None
