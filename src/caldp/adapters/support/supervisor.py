"""Supervisor of one program, which ends all of its processes before it reports its end.

`caldp.adapters.support.supervised` starts this file as a script, in a process of its own that loads next to nothing:
``python -I -S supervisor.py ORDERS REPORTS PLATFORM``. From the descriptor ORDERS it reads a request, as
`encode_request` writes it, and then orders of one letter: ``T`` asks the program's process group to end, ``K`` kills
everything. When nobody holds the other end any more, or the parent is gone, it kills everything. To REPORTS it writes
``started PID``, or ``failed ERRNO``, and at last ``ended STATUS USER SYSTEM MAXRSS LEFT``: the wait status, seconds,
kernel units, and how many processes could not be killed.

On Linux it is the subreaper of the program: whatever leaves the program's session or loses its parent becomes a child
of the supervisor. If the supervisor is killed, the kernel kills the program. Elsewhere there is the process group only.

`caldp.adapters.support.warm_server` loads this file too, and supervises by `supervise` what it forks.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

TYPE_CHECKING = False  # typing and contextlib would take as long to load as all the rest
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
PR_SET_CHILD_SUBREAPER = 36
IS_PROGRAM = -1
"""Status of a supervisor that has not ended: the process is the program now."""
_LOOK = 1.0
"""Seconds between looks at whether the parent is still there, should someone else hold its end of the pipe."""
_LONGEST_KILLING = 3.0
"""Seconds after which a process that was killed counts as one that cannot be."""


def encode_request(executable: str, directory: str, argv: Sequence[str], variables: Iterable[str]) -> bytes:
    """Encode the request to start a program. NUL separates its texts, since none can hold it.

    Parameters
    ----------
    executable, directory, argv
        Path of the program, its working directory, and its arguments.
    variables
        Its environment, as texts ``NAME=VALUE``.
    """
    body = b"\0".join(map(os.fsencode, [executable, directory, str(len(argv)), *argv, *variables]))
    return b"%016d" % len(body) + body


class Request:
    """A program to be started, as `encode_request` has encoded it."""

    def __init__(self, body: bytes) -> None:
        executable, directory, count, *texts = body.split(b"\0")
        self.executable = executable
        self.directory = directory
        self.argv = texts[: int(count)]
        self.variables = texts[int(count) :]


def main(arguments: Sequence[str]) -> int:
    """Supervise a program that this process starts by execve."""
    orders, reports = int(arguments[0]), int(arguments[1])
    for descriptor in (orders, reports):
        os.set_inheritable(descriptor, False)
    return supervise(orders, reports, kernel_of(arguments[2]), _execute)


def supervise(orders: int, reports: int, kernel: _Other, become: Callable[[Request], None]) -> int:
    """Start a program, wait for its end, and end what it leaves.

    Parameters
    ----------
    orders, reports
        Descriptors of the pipes.
    kernel
        The system.
    become
        Turns the process that was forked into the program; it may raise OSError, which is reported. If it returns, so
        does this function, in the program, with `IS_PROGRAM`.
    """
    parent = os.getppid()
    body = _read(orders, int(_read(orders, 16) or 0))
    if not body:
        return 1  # the parent has gone
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the parent decides what such a signal means for the program
    wakeups, wakeup = os.pipe()
    os.set_blocking(wakeups, False)
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        program = _Program(Request(body), kernel, become)
    except OSError as error:
        _say(reports, b"failed %d\n" % (error.errno or 0))
        return 0
    if program.pid == 0:
        return IS_PROGRAM
    _let_go_of_streams()
    _say(reports, b"started %d\n" % program.pid)
    waiting = select.poll()  # select would not take a descriptor above 1023
    waiting.register(orders, select.POLLIN)
    waiting.register(wakeups, select.POLLIN)
    while not program.has_ended():
        ready = {descriptor for descriptor, _ in waiting.poll(_LOOK * 1000)}
        if wakeups in ready:
            os.read(wakeups, 4096)
        order = os.read(orders, 1) if orders in ready else None
        if order == b"T":
            program.signal_group(signal.SIGTERM)
        elif order in (b"K", b"") or os.getppid() != parent:
            break
    left = program.end_all()
    user, system, peak = program.used
    _say(reports, b"ended %d %.6f %.6f %d %d\n" % (program.status, user, system, peak, left))
    return 0


def _read(descriptor: int, size: int) -> bytes:
    """Read so many bytes; fewer if the parent has gone."""
    data = b""
    while len(data) < size and (more := os.read(descriptor, size - len(data))):
        data += more
    return data if len(data) == size else b""


def _say(descriptor: int, report: bytes) -> None:
    try:  # noqa: SIM105
        os.write(descriptor, report)
    except BrokenPipeError:
        pass  # the parent has gone, as the next look at its orders will tell


def _let_go_of_streams() -> None:
    """Let the program alone hold its streams: its reader hears when they close, its writer when nobody reads."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)


def kernel_of(platform: str) -> _Other:
    """Return what a system can do, by its name in ``sys.platform``."""
    return _Linux() if platform == "linux" else _Other()


class _Other:
    """A system of which nothing is known but process groups."""

    def adopt_orphans(self) -> None:
        """Make this process the parent of orphans among its descendants, if the system can."""

    def die_with(self, parent: int) -> None:
        """Let the calling process be killed when its parent ends, if the system can."""

    def call_itself(self, name: bytes) -> None:
        """Give the calling process a name, which the system's lists of processes show, if the system can."""

    def flush(self) -> bool:
        """Write what libraries of C have printed and still hold; False if the system cannot be asked to."""
        return False

    def children(self) -> list[int]:
        """List the children of this process, as far as the system tells."""
        return []


class _Linux(_Other):
    """Linux, by prctl and /proc."""

    def __init__(self) -> None:
        try:
            import ctypes

            library = ctypes.CDLL(None)
            self._prctl: Callable[..., int] = library.prctl
            self._fflush: Callable[..., int] = library.fflush
        except (ImportError, OSError, AttributeError):
            self._prctl = self._fflush = lambda *_: -1  # a Python without ctypes: all is as on another system

    def adopt_orphans(self) -> None:
        self._prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def die_with(self, parent: int) -> None:
        self._prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it has ended meanwhile
            os._exit(127)

    def call_itself(self, name: bytes) -> None:
        self._prctl(PR_SET_NAME, name[:15], 0, 0, 0)

    def flush(self) -> bool:
        return self._fflush(None) == 0

    def children(self) -> list[int]:
        me = os.getpid()
        try:
            with open(f"/proc/{me}/task/{me}/children", "rb") as file:  # noqa: PTH123  pathlib takes long to load
                return [int(word) for word in file.read().split()]
        except OSError:
            return self._looked_for(me)  # a kernel without that file

    def _looked_for(self, me: int) -> list[int]:
        found = []
        for name in os.listdir("/proc"):  # noqa: PTH208
            if name.isdigit():
                try:
                    with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                        parent = int(file.read().rpartition(b")")[2].split()[1])
                except (OSError, IndexError, ValueError):
                    continue  # it has ended meanwhile
                if parent == me:
                    found.append(int(name))
        return found


class _Program:
    """The program, and all that it starts."""

    def __init__(self, request: Request, kernel: _Other, become: Callable[[Request], None]) -> None:
        kernel.adopt_orphans()
        self._kernel = kernel
        self._reaped = False
        self.status = 0
        self.used = (0.0, 0.0, 0)
        trouble, says = os.pipe()
        me = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                kernel.die_with(me)
                os.chdir(request.directory)
                become(request)
            except OSError as error:
                os.write(says, b"%d" % (error.errno or 0))
                os._exit(127)
            except BaseException:
                os._exit(127)
            os.close(says)
            os.close(trouble)
            return
        os.close(says)
        number = os.read(trouble, 16)
        os.close(trouble)
        if number:
            os.waitpid(self.pid, 0)
            raise OSError(int(number), os.strerror(int(number)))

    def has_ended(self) -> bool:
        """Note every process that has ended; tell whether the program is one of them."""
        self._reap()
        return self._reaped

    def _reap(self) -> bool:
        """Take note of whatever has ended; tell whether nothing is left."""
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            if pid == self.pid:
                self._reaped = True
                self.status, self.used = status, (used.ru_utime, used.ru_stime, used.ru_maxrss)

    def signal_group(self, number: int) -> None:
        """Send a signal to the program's process group, which has its number while one member lives."""
        try:  # noqa: SIM105
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS refuses where Linux says that there is none
            pass

    def end_all(self) -> int:
        """Kill the program and all below it, whatever session it is in; return how many could not be killed.

        Who loses its parent becomes a child of this process, so that to kill children is enough. No time is lost in
        between: a process may start another at any moment.
        """
        limit = time.monotonic() + _LONGEST_KILLING
        self.signal_group(signal.SIGKILL)
        while not self._reap():
            living = self._kernel.children()
            for pid in living:
                try:  # noqa: SIM105
                    os.kill(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    pass
            if time.monotonic() > limit:
                return max(1, len(living))
        return 0


def _execute(request: Request) -> None:
    _reset_signals()
    environment = dict(variable.split(b"=", 1) for variable in request.variables)
    os.execve(request.executable, request.argv, environment)  # noqa: S606  without a shell, as it should be


def _reset_signals() -> None:
    """Give the program the signals as a shell would: nothing ignored, nothing blocked."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        try:  # noqa: SIM105
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            pass  # SIGKILL and SIGSTOP
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
