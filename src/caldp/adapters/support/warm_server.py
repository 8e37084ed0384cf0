"""Server that imports libraries once, and forks a supervised program for each request.

`caldp.adapters.support.warm` starts this file as a script, by the interpreter and in the environment that the program
itself would have: ``python warm_server.py CONTROL SCRIPT PACKAGES MODULE...``. CONTROL is the descriptor of a socket,
SCRIPT the Python script that is the program, PACKAGES a comma-separated list of packages whose modules must not be
imported here, and each MODULE is imported.

When all are imported, and nothing is left over that two programs would share, it sends ``ready``. Each message that it
receives then holds three descriptors: orders and reports of a supervisor, and the program's output; or a fourth one,
the program's input. It forks the supervisor, answers ``forked`` with a descriptor of that process, and lets
`caldp.adapters.support.supervisor.supervise` do the rest in there. The program is a fork too: it gets the directory,
arguments, variables, streams, session and signals that a start of its own would give it, and then runs SCRIPT from its
first line; or another script, which is run as by ``python -P``. When the socket closes, the server ends.

At its end, a program waits for its threads, and does what was registered with atexit. Then the interpreter would take
all modules to pieces, and copy the memory that it has in common with the server: 0.05 to 0.1 s for nothing, unless the
program has left something that saves or tells something when it goes, such as a file that is open.
"""

from __future__ import annotations

import os
import sys

# Before anything is imported, since the first entry is the directory of the script.
if not sys.flags.safe_path:
    sys.path[0] = os.path.dirname(os.path.realpath(sys.argv[2]))  # noqa: PTH120  pathlib takes long to load

import array
import atexit
import builtins
import gc
import select
import signal
import socket
from importlib import import_module
from importlib.machinery import SourceFileLoader
from types import AsyncGeneratorType, CoroutineType, GeneratorType, ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from caldp.adapters.support.supervisor import Request

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
"""Signals that the server and its supervisors have to themselves."""
_SET_BY_LIBRARIES = {"KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"}
"""Variables that scikit-learn sets when it is imported. Others may name what a program removes at its end: matplotlib
does so where it cannot write to HOME."""
_DIRECTORIES = (("multiprocessing.process", "ORIGINAL_DIR"), ("rich", "_IMPORT_CWD"))
"""Modules that note the working directory when they are imported, and the names by which they do."""
_FRAMES = {GeneratorType: "gi_frame", CoroutineType: "cr_frame", AsyncGeneratorType: "ag_frame"}
"""Attributes of what may have a ``finally`` left to do, which are None when it has ended."""
_THIRD = 3
"""First descriptor that is not a standard stream."""


def _load_supervisor() -> Any:
    """Load the supervisor from its file: neither caldp nor it shall be among the program's modules."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "supervisor.py")  # noqa: PTH100, PTH118, PTH120
    module = ModuleType("supervisor")
    code: Any = SourceFileLoader("supervisor", path).get_code("supervisor")
    exec(code, module.__dict__)  # noqa: S102  # nosec B102
    return module


class Server:
    """The server; in a program that it has forked, `request` is what to run."""

    def __init__(self, control: int, script: str) -> None:
        self.control = control
        self.script = script
        self.supervisor = _load_supervisor()
        self.request: Request | None = None
        self.status: int | None = None
        self.said = b""
        self._before: dict[int, Any] = {}
        self._runs: dict[int, int] = {}  # ids of supervisors by the descriptors of their processes

    def prepare(self, packages: frozenset[str], modules: list[str]) -> bool:
        """Import modules; tell whether programs that are forked now are as those that import them themselves."""
        output = os.memfd_create("output of imports")
        for stream in (1, 2):
            os.dup2(output, stream)
        environment = dict(os.environ)
        gc.disable()  # imports make many objects and little garbage: collections take a fifth of their time
        for name in modules:
            _import(name)
        gc.freeze()  # a collection in a program would copy all the memory that these objects lie in
        gc.enable()
        sys.stdout.flush()
        sys.stderr.flush()
        self.said = os.pread(output, os.fstat(output).st_size, 0)
        os.close(output)
        for stream in (1, 2):
            os.dup2(0, stream)
        has_changed = dict(set(os.environ.items()) ^ set(environment.items())).keys() - _SET_BY_LIBRARIES
        if has_changed or None in map(signal.getsignal, _SIGNALS):
            return False
        if self._shares_something():
            _collect()
        return not (packages & _loaded() or self._shares_something()) and _can_fork()

    def _shares_something(self) -> bool:
        """Tell whether programs would have files or memory in common that one could spoil for the next."""
        listed = {int(name) for name in os.listdir("/proc/self/fd")}  # noqa: PTH208
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            modes = [line.split(maxsplit=2)[1] for line in file]
        opened = {number for number in listed if number >= _THIRD and _is_open(number)} - {self.control}
        return bool(opened) or any(mode.endswith("s") and "w" in mode for mode in modes)

    def serve(self) -> None:
        """Fork a supervisor for each message, until the socket is closed, or until this is one of the programs."""
        self._before = {number: signal.signal(number, signal.SIG_IGN) for number in _SIGNALS[:3]}
        self._before[signal.SIGCHLD] = signal.getsignal(signal.SIGCHLD)
        waiting = select.poll()
        waiting.register(self.control, select.POLLIN)
        _send(self.control, b"ready")
        while True:
            for descriptor, _ in waiting.poll():
                if descriptor in self._runs:
                    waiting.unregister(descriptor)
                    os.waitpid(self._runs.pop(descriptor), 0)
                    os.close(descriptor)
                    continue
                received = _receive(self.control)
                if not received:
                    return
                run = self._fork(*received)
                if self.request is not None:
                    return
                waiting.register(run, select.POLLIN)

    def _fork(self, orders: int, reports: int, output: int, *source: int) -> int:
        """Fork a supervisor; return a descriptor of its process."""
        pid = os.fork()
        if pid == 0:
            self._supervise(orders, reports, output, *source)
            return -1
        run = os.pidfd_open(pid)
        self._runs[run] = pid
        for descriptor in (orders, reports, output, *source):
            os.close(descriptor)
        _send(self.control, b"forked", run)
        return run

    def _supervise(self, orders: int, reports: int, output: int, *source: int) -> None:
        """Be a supervisor; return only in the program that it starts."""
        for descriptor in source:
            os.dup2(descriptor, 0)
        for stream in (1, 2):
            os.dup2(output, stream)
        _close_all_but(orders, reports)
        os.setsid()
        try:
            status = self.supervisor.supervise(orders, reports, self.supervisor.kernel_of("linux"), self._become)
        except BaseException:
            os._exit(1)
        if self.request is None:
            os._exit(status)
        _close_all_but()

    def _become(self, request: Request) -> None:
        """Give the process that is to be the program its signals, variables and name."""
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        for variable in request.variables:
            name, is_set, value = variable.partition(b"=")
            if is_set:
                os.environb[name] = value
            else:
                os.environb.pop(name, None)
        self.supervisor.kernel_of("linux").call_itself(os.path.basename(request.executable))  # noqa: PTH119
        self.request = request

    def end_program(self) -> None:
        """End a program of known status that has left nothing; any other is left to the interpreter."""
        try:
            if self.status is None or _has_left_something():
                return
            sys.stdout.flush()
            sys.stderr.flush()
        except Exception:
            return  # whatever it is, the interpreter meets it again, and tells it
        if self.supervisor.kernel_of("linux").flush():
            os._exit(self.status)


def _import(name: str) -> None:
    """Import a module, unless these versions of the libraries have none of that name."""
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # it is there, and something that it needs is not


def _collect() -> None:
    """Collect the garbage of imports, which may hold files; it takes as long as a tenth of them."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _loaded() -> set[str]:
    return {name.partition(".")[0] for name in sys.modules}


def _can_fork() -> bool:
    """Fork once, before which OpenBLAS ends its threads, and tell whether there are no others."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.close(os.pidfd_open(pid))  # OSError on a kernel that is too old
    os.waitpid(pid, 0)
    return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208


def _has_left_something() -> bool:
    """Tell whether an object that was made since the imports does something when it goes."""
    made = gc.get_objects()
    kinds = {kind for kind in set(map(type, made)) if hasattr(kind, "__del__") or kind in _FRAMES}
    return any(type(one) in kinds and not _is_over(one) for one in made)


def _is_over(one: Any) -> bool:
    frame = _FRAMES.get(type(one))
    return bool(getattr(one, "closed", False)) if frame is None else getattr(one, frame) is None


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False  # it was open while the directory was listed
    return True


def _close_all_but(*kept: int) -> None:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        if int(name) >= _THIRD and int(name) not in kept and _is_open(int(name)):
            os.close(int(name))


def _send(control: int, message: bytes, *descriptors: int) -> None:
    with socket.socket(fileno=os.dup(control)) as peer:
        peer.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])


def _receive(control: int) -> list[int]:
    """Receive the descriptors of a request; none if the socket is closed."""
    with socket.socket(fileno=os.dup(control)) as peer:
        message, descriptors, _, _ = socket.recv_fds(peer, 16, 4)
    return descriptors if message else []


def run(server: Server, request: Request) -> None:
    """Run the script as the interpreter would, if it were started with it."""
    path = os.fsdecode(request.executable)
    if path != server.script and not sys.flags.safe_path:
        del sys.path[0]
    sys.argv = [path, *map(os.fsdecode, request.argv[1:])]
    sys.orig_argv[1:] = sys.argv
    if server.said:
        _write(1, server.said)
    for module, name in _DIRECTORIES:
        if hasattr(sys.modules.get(module), name):
            setattr(sys.modules[module], name, os.getcwd())  # noqa: PTH109
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()  # it has drawn its seed in the server
    main = ModuleType("__main__")
    main.__dict__.update(
        __loader__=SourceFileLoader("__main__", path), __annotations__={}, __builtins__=builtins, __file__=path,
        __cached__=None,
    )  # fmt: skip
    sys.modules["__main__"] = main
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            code = compile(file.read(), path, "exec", dont_inherit=True)
        exec(code, main.__dict__)  # it is what was asked for  # noqa: S102  # nosec B102
    except SystemExit as end:
        if end.code is None or type(end.code) is int:
            server.status = (end.code or 0) & 0xFF
        raise  # the interpreter knows what to do with it
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        _end(error)
    server.status = 0


def _end(error: BaseException) -> NoReturn:
    """End as the interpreter does at an error; this file is no part of what it tells."""
    trace = error.__traceback__ and error.__traceback__.tb_next
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error.with_traceback(trace), trace
    sys.excepthook(type(error), error, trace)
    raise SystemExit(1)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def main() -> None:
    """Serve; in a program, run the script."""
    control, script, packages, *modules = sys.argv[1:]
    os.set_inheritable(int(control), False)
    server = Server(int(control), script)
    atexit.register(server.end_program)  # what is registered first is done last
    sys.argv = [script]
    if not server.prepare(frozenset(packages.split(",")), modules):
        sys.exit(1)
    server.serve()
    if server.request is not None:
        run(server, server.request)


if __name__ == "__main__":
    main()
