"""Processes of supervisors, as their owner sees them: what they are told, what they tell, and their end."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Final, Protocol, cast

from caldp.adapters.support.supervisor import encode_request

_SUPERVISOR: Final = Path(__file__).with_name("supervisor.py")
_OWN: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PATH")
"""Variables that our Python may need to start; none of the program's."""


class SupervisorProcess(Protocol):
    """A supervisor that waits for its request.

    Attributes
    ----------
    orders, reports
        Descriptors; whoever uses the supervisor closes them.
    stdout, stdin
        Pipes of the program, without buffers.
    """

    orders: int
    reports: int
    stdout: FileIO
    stdin: FileIO | None

    def encode(self, executable: str, directory: str, argv: Sequence[str], environment: Mapping[str, str]) -> bytes:
        """Encode a request for it."""

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it is still there."""

    def wait(self, seconds: float) -> int | None:
        """Wait for its end; its status, negative for a signal, or None if that is not known."""

    def close(self) -> None:
        """Let go of it; it need not have ended."""


class StartedSupervisor:
    """A supervisor that is started as a program of its own, and starts its own program likewise.

    Parameters
    ----------
    has_input
        True if the program has a pipe to read from.
    platform
        As ``sys.platform`` has it.
    keep
        Further descriptors that the program inherits.
    """

    def __init__(self, *, has_input: bool, platform: str, keep: Sequence[int] = ()) -> None:
        theirs, self.orders = os.pipe()
        self.reports, says = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_SUPERVISOR), str(theirs), str(says), platform],
                stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                env={name: os.environ[name] for name in _OWN if name in os.environ},
                pass_fds=(theirs, says, *keep),
                start_new_session=True,
            )
        except BaseException:
            os.close(self.orders)
            os.close(self.reports)
            raise
        finally:
            os.close(theirs)
            os.close(says)
        self.stdout = cast("FileIO", self._process.stdout)
        self.stdin = cast("FileIO | None", self._process.stdin)

    def encode(self, executable: str, directory: str, argv: Sequence[str], environment: Mapping[str, str]) -> bytes:
        """Encode a request for it."""
        return encode_request(executable, directory, argv, (f"{name}={value}" for name, value in environment.items()))

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float) -> int | None:
        """Wait for its end."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def close(self) -> None:
        """Let go of it."""


class ForkedSupervisor:
    """A supervisor that a warm server has forked.

    Parameters
    ----------
    orders, reports
        Our ends of its pipes.
    stdout
        Our end of the pipe of its program's output.
    process
        Descriptor of its process.
    environment
        The server's environment: a program starts with it.
    """

    stdin: FileIO | None = None

    def __init__(self, orders: int, reports: int, stdout: int, process: int, environment: Mapping[str, str]) -> None:
        self.orders = orders
        self.reports = reports
        self.stdout = FileIO(stdout, "rb")
        self._process = process
        self._environment = environment

    def encode(self, executable: str, directory: str, argv: Sequence[str], environment: Mapping[str, str]) -> bytes:
        """Encode a request for it: of the environment what differs, ``NAME`` alone for what is not set."""
        names = dict.fromkeys((*self._environment, *environment))
        changed = [name for name in names if self._environment.get(name) != environment.get(name)]
        variables = [f"{name}={environment[name]}" if name in environment else name for name in changed]
        return encode_request(executable, directory, argv, variables)

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, number)

    def wait(self, seconds: float) -> int | None:
        """Wait for its end, of which the server alone is told the status."""
        waiting = select.poll()
        waiting.register(self._process, select.POLLIN)
        waiting.poll(seconds * 1000)
        return None

    def close(self) -> None:
        """Let go of it."""
        process, self._process = self._process, -1
        os.close(process)
