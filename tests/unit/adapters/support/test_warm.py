"""Programs that are forked from a warm server: they find all as if they were started, and end as they would."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread

import pytest

from caldp.adapters.support.supervised import Supervised
from caldp.adapters.support.warm import NotWarm
from tests.support.warm_programs import ENVIRONMENT, Programs, heard, programs
from tests.unit.adapters.support.test_supervised import descriptors

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="engines are warm on Linux only")

SELF_PORTRAIT = """
import atexit, faulthandler, gc, locale, os, resource, signal, sys, threading
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
def show(name, value):
    print(name, repr(value))
for name in ("SigBlk", "SigIgn", "SigCgt", "Umask", "Uid", "Groups", "NoNewPrivs", "Cpus_allowed", "Name", "Threads"):
    show(name, status[name].strip())
show("environment", sorted(os.environb.items()))
show("handlers", [str(signal.getsignal(number)).partition(" at ")[0] for number in sorted(signal.valid_signals())])
show("limits", [resource.getrlimit(number) for number in range(16)])
show("ids", [os.getpid() == os.getsid(0) == os.getpgrp(), os.getpriority(os.PRIO_PROCESS, 0)])
show("descriptors", [(name, os.path.exists(f"/proc/self/fd/{name}")) for name in sorted(os.listdir("/proc/self/fd"))])
show("kinds", [oct(os.fstat(number).st_mode) for number in range(3)])
show("argv", [sys.argv, sys.orig_argv, os.getcwd()])
show("path", [sys.path, sys.executable, sys.prefix, sys.flags, sys.warnoptions, sys.dont_write_bytecode])
show("main", {name: repr(value).partition(" at 0x")[0] for name, value in vars(sys.modules["__main__"]).items()
              if name not in ("status", "show", "__builtins__") and type(value) is not type(os)})
show("is main", vars(sys.modules["__main__"]) is globals())
for stream in (sys.stdin, sys.stdout, sys.stderr):
    show(stream.name, [stream.encoding, stream.errors, stream.line_buffering, stream.write_through, stream.isatty(),
                       stream.seekable(), stream is getattr(sys, f"__{stream.name[1:-1]}__")])
show("locale", [locale.setlocale(locale.LC_ALL), sys.getfilesystemencoding(), locale.getpreferredencoding()])
import multiprocessing.process
show("directory", multiprocessing.process.ORIGINAL_DIR)
show("threads", [threading.active_count(), threading.current_thread() is threading.main_thread()])
show("more", [gc.isenabled(), gc.get_threshold(), faulthandler.is_enabled(), sys.gettrace(), sys.getrecursionlimit(),
              sys.stdin.read()])
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """Programs of one server, however many they are."""
    with programs(tmp_path_factory.mktemp("programs"), ["json", "email.message"]) as these:
        yield these


@pytest.mark.parametrize(
    "environment",
    [
        ENVIRONMENT,
        {"PATH": "/bin:/usr/bin", "LC_ALL": "C", "caf\udce9": "x=y\n", "EMPTY": "", "PYTHONUNBUFFERED": "1"},
        {"PATH": "/bin:/usr/bin", "PYTHONFAULTHANDLER": "1", "PYTHONPATH": "/none", "PYTHONSAFEPATH": "1"},
        {"PATH": "/bin:/usr/bin", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1"},
        {},
    ],
    ids=["utf-8", "C", "python", "python of an image", "nothing"],
)
def test_a_fork_finds_all_as_a_start_does(environment: Mapping[str, str], tmp_path: Path) -> None:
    changed = {"iref": "/a b/", "jref": "caf\udce9"}
    with programs(tmp_path, ["json", "multiprocessing"], environment) as these:
        status, said = these.cold(SELF_PORTRAIT, "", "a b", "\udcff", **changed)
        assert status == 0, said
        for _ in range(2):
            forked = these.warm(SELF_PORTRAIT, "", "a b", "\udcff", **changed)
            assert forked[1].splitlines() == said.splitlines()
            assert forked[0] == 0


def test_another_script_is_run_as_with_a_safe_path(shared: Programs, tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("")
    other = tmp_path / "other.py"
    other.write_text(
        "import sys, importlib.util as u\n"
        "print(sys.argv, sys.path, __name__, __file__, u.find_spec('beside'), u.find_spec('program'))\n"
    )
    safely = [sys.executable, "-P", str(other), "a b"]
    cold = Supervised(safely, executable=Path(sys.executable), directory=shared.directory, environment=ENVIRONMENT)
    assert heard(shared.fork_script(other, str(other), "a b")) == heard(cold)
    assert shared.warm("import sys; print(sys.path[0])") == shared.cold("import sys; print(sys.path[0])")


def test_a_fork_has_the_limits_of_the_caller(tmp_path: Path) -> None:
    code = "import resource, os; print(resource.getrlimit(resource.RLIMIT_CORE), oct(os.umask(0)))"
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    mask = os.umask(0o027)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    try:
        with programs(tmp_path) as these:
            assert these.warm(code) == (0, f"(0, {hard}) 0o27\n")
    finally:
        os.umask(mask)
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def test_a_variable_that_the_server_has_can_be_taken_away(shared: Programs) -> None:
    without = {name: value for name, value in shared.environment.items() if name != "jref"}
    code = "import os, subprocess; subprocess.run('echo ${jref-none} $iref', shell=True); print(os.environ.get('jref'))"
    child = shared.server.start(shared.script, ["program", code], shared.directory, {**without, "iref": "here"}, 60.0)
    with child:
        assert child.wait(60) is not None
        assert child.stdout.read() == b"none here\nNone\n"


@pytest.mark.parametrize(
    "code",
    [
        "sys.exit()",
        "sys.exit(7)",
        "sys.exit('a text')",
        "sys.exit((1, 2))",
        "raise SystemExit(300)",
        "raise ValueError('no value')",
        "raise ValueError('caf\\xe9') from KeyError(1)",
        "try: 1 / 0\nexcept ArithmeticError: raise ValueError",
        "bytearray(1 << 60)",
        "1 +",
        "import no_such_module",
        "import os; os._exit(3)",
        "import os; os.abort()",
        "import os; os.kill(os.getpid(), 15)",
        "import os; os.kill(os.getpid(), 11)",
        "import os; os.kill(os.getpid(), 9)",
        "import os, signal; signal.raise_signal(signal.SIGPIPE); print('lives')",
        "import atexit; atexit.register(print, 'at the end'); print('now'); sys.exit(2)",
        "import threading as t, time; t.Timer(0.2, print, ['a thread']).start(); print('main')",
        "sys.excepthook = lambda *what: print(what[0]); 1 / 0",
        "import warnings; warnings.warn('look')",
        "import logging; logging.warning('look')",
        "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p: print(p.map(abs, range(-3, 3)))",
        "import os; os.close(1); print('nobody')",
        "import ctypes; ctypes.CDLL(None).printf(b'by C\\n'); sys.exit(5)",
        "class Last:\n    def __del__(self): print('gone')\nlast = Last(); sys.exit(6)",
        "def steps():\n    try: yield 1\n    finally: print('gone')\nrest = steps(); next(rest)",
        "class Last:\n    def __del__(self): print('gone')\nlast = Last(); last.self = last; del last",
        "import tempfile, os; d = tempfile.TemporaryDirectory(dir='.'); print(len(os.listdir()))",
        "import io; kept = io.TextIOWrapper(io.BytesIO()); kept.detach(); print('detached')",
        "sys.stdout = None; sys.exit(3)",
        "sys.exit(-1)",
        "sys.exit(True)",
    ],
)
def test_a_fork_ends_as_a_start_does(code: str, shared: Programs) -> None:
    assert shared.warm(code) == shared.cold(code)


def test_what_a_file_still_holds_at_the_end_is_written(shared: Programs) -> None:
    assert shared.warm("file = open('held', 'w'); file.write('to the last'); sys.exit(4)")[0] == 4
    held = shared.directory / "held"
    assert held.read_text() == "to the last"
    held.unlink()


def test_a_program_that_has_left_nothing_is_not_taken_to_pieces(shared: Programs) -> None:
    """It would copy all the memory that it has in common with the server."""
    code = (
        "import json; json.loads.__globals__['last'] = type('L', (), {'__del__': lambda _: print('gone')})(); print(1)"
    )
    freeze = "import gc; gc.freeze()"
    assert shared.warm(f"{code}; {freeze}") == (0, "1\n")
    assert shared.warm(code) == shared.cold(f"{code}; {freeze}") == (0, "1\ngone\n")


def test_a_fork_ends_by_an_interruption_as_a_start_does(shared: Programs) -> None:
    """The interpreter alone can end so, and names the frame that called the program."""
    ended = [(status, said.splitlines()[-1]) for status, said in (run("raise KeyboardInterrupt") for run in
             (shared.warm, shared.cold))]  # fmt: skip
    assert ended == [(-2, "KeyboardInterrupt")] * 2


def test_each_fork_draws_random_numbers_of_its_own(tmp_path: Path) -> None:
    with programs(tmp_path, ["numpy.random", "random"]) as these:
        code = "import random, numpy; print(random.random(), numpy.random.random())"
        drawn = [set(these.warm(code)[1].split()) for _ in range(3)]
    assert len(set().union(*drawn)) == 6


def test_the_server_has_one_thread_where_libraries_start_more(tmp_path: Path) -> None:
    count = "print(len(os.listdir('/proc/self/task')), os.listdir(f'/proc/{server}/task') == [server])"
    code = (
        "import os; stat = open(f'/proc/{os.getppid()}/stat').read(); server = stat.rpartition(')')[2].split()[1]\n"
        f"{count}\nimport numpy; numpy.ones((600, 600)) @ numpy.ones((600, 600)); {count}"
    )
    with programs(tmp_path, ["numpy"], {**ENVIRONMENT, "OPENBLAS_NUM_THREADS": "2"}) as these:
        assert these.warm(code) == (0, "1 True\n2 True\n")


def test_two_at_once_do_not_know_of_each_other(tmp_path: Path) -> None:
    code = (
        "import os, time; open(sys.argv[2], 'w').close()\n"
        "while len(os.listdir()) < 4: time.sleep(0.01)\n"
        "print(sys.argv[2])"
    )
    said: dict[str, tuple[int, str]] = {}
    with programs(tmp_path) as these:
        threads = [Thread(target=lambda name=name: said.update({name: these.warm(code, name)})) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert said == {name: (0, f"{name}\n") for name in "abcd"}


def test_leaves_no_descriptor(tmp_path: Path) -> None:
    before = descriptors()
    with programs(tmp_path) as these:
        for _ in range(3):
            these.warm("pass")
        with pytest.raises(NotWarm, match="No such file"):
            these.server.start(these.script, ["program", "pass"], tmp_path / "none", ENVIRONMENT, 60.0)
        assert these.warm("print(1)") == (0, "1\n")
    assert descriptors() == before


def test_says_what_the_imports_said(tmp_path: Path) -> None:
    (tmp_path / "talks.py").write_text("import sys\nprint('imported')\nsys.stderr.write('with a warning\\n')\n")
    environment = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with programs(tmp_path, ["talks"], environment) as these:
        code = "import talks; print('begins')"
        assert these.warm(code) == these.cold(code) == (0, "imported\nwith a warning\nbegins\n")


def test_leaves_out_modules_that_are_not_there(tmp_path: Path) -> None:
    with programs(tmp_path, ["no_such_library", "json.no_such_module"]) as these:
        assert these.warm("print('runs')") == (0, "runs\n")


def test_a_file_that_only_garbage_of_an_import_holds_is_closed(tmp_path: Path) -> None:
    (tmp_path / "litters.py").write_text("held = [open('/dev/null')]\nheld.append(held)\ndel held\n")
    environment = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    with programs(tmp_path, ["litters"], environment) as these:
        assert these.warm("print('runs')") == (0, "runs\n")


def test_the_account_leaves_out_the_imports(shared: Programs) -> None:
    with shared.fork("x = bytearray(100 << 20)") as child:
        ended = child.wait(60)
    assert ended is not None
    assert ended.usage.max_rss_bytes > 100 << 20
    assert ended.usage.user_seconds < 5
