import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from caldp.adapters.engines.subprocess import SubprocessRunner
from caldp.app.ports.calibration_runner import CalibrationRunner, EngineCall, EngineResult
from caldp.domain.calibration.judgement import Completion
from caldp.domain.errors import EngineNotFound, Stopped
from caldp.domain.run.events import EngineLine, Event
from tests.contracts.calibration_runner import CalibrationRunnerContract
from tests.support.scripted import Script, environment_with, install


class TestSubprocessRunner(CalibrationRunnerContract):
    def runner_of(self, installed: Mapping[str, Script], directory: Path) -> tuple[CalibrationRunner, dict[str, str]]:
        for name, script in installed.items():
            install(directory, name, script)
        return SubprocessRunner(grace=1.0), environment_with(directory)


def run_shell(script: str, directory: Path, *, timeout: float | None = None, grace: float = 1.0) -> EngineResult:
    call = EngineCall(("sh", "-c", script), directory, {"PATH": "/bin:/usr/bin"}, timeout)
    return SubprocessRunner(grace=grace).run(call, lambda _: None)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until_dead(pid: int) -> bool:
    limit = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < limit:
        time.sleep(0.01)
    return not is_alive(pid)


def test_gives_the_whole_environment_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    install(tmp_path / "bin", "engine", Script())
    (tmp_path / "bin" / "engine").write_text('#!/bin/sh\necho "$jref,${SECRET-none}"\n')
    environment = {**environment_with(tmp_path / "bin"), "jref": "/refs/"}
    result = SubprocessRunner().run(EngineCall(("engine",), tmp_path, environment), lambda _: None)
    assert result.tail == ("/refs/,none",)


def test_reads_standard_error_too(tmp_path: Path) -> None:
    assert run_shell("echo out; echo err >&2", tmp_path).tail == ("out", "err")


def test_survives_bytes_that_are_no_text_and_a_last_line_without_an_end(tmp_path: Path) -> None:
    assert run_shell(r"printf 'caf\351\nlast'", tmp_path).tail == ("caf\N{REPLACEMENT CHARACTER}", "last")


def test_shows_progress_bars_and_dos_line_ends_as_a_terminal_would(tmp_path: Path) -> None:
    assert run_shell(r"printf '10%%\r50%%\r100%%\ndos\r\n'", tmp_path).tail == ("100%", "dos")


def test_cuts_lines_that_never_end(tmp_path: Path) -> None:
    tail = run_shell("head -c 1000000 /dev/zero | tr '\\0' x", tmp_path).tail
    assert sum(map(len, tail)) == 1_000_000
    assert max(map(len, tail)) <= 2 * 65536


def test_keeps_the_last_lines_only(tmp_path: Path) -> None:
    call = EngineCall(("sh", "-c", "seq 1000"), tmp_path, {"PATH": "/bin:/usr/bin"})
    told: list[Event] = []
    result = SubprocessRunner(tail_lines=3).run(call, told.append)
    assert result.tail == ("998", "999", "1000")
    assert len(told) == 1000


def test_keeps_head_and_tail_of_a_flood(tmp_path: Path) -> None:
    call = EngineCall(("seq", "-f", "%080.0f", "200000"), tmp_path, {"PATH": "/bin:/usr/bin"})
    told: list[Event] = []
    result = SubprocessRunner(tail_lines=1_000_000).run(call, told.append)
    lines = [event.text for event in told if isinstance(event, EngineLine)]
    (mark,) = (index for index, line in enumerate(lines) if line.startswith("[caldp: "))
    assert lines[: mark - 1] == [f"{number:080d}" for number in range(1, mark)]
    kept = len(lines) - mark - 1
    assert lines[mark + 1 :] == [f"{number:080d}" for number in range(200_001 - kept, 200_001)]
    assert sum(len(line) + 1 for line in lines) < 9 << 20
    assert result.tail[-1] == f"{200_000:080d}"
    assert sum(len(line) + 1 for line in result.tail) <= 2 << 20


def test_nothing_that_left_the_session_writes_after_the_end(tmp_path: Path) -> None:
    """A product would be judged whole, and published cut off."""
    (tmp_path / "x_flt.fits").write_bytes(b"whole")
    script = "(setsid sh -c 'sleep 0.4; : > x_flt.fits' &) ; echo done"
    assert run_shell(script, tmp_path).completion == Completion(0)
    time.sleep(0.6)
    assert (tmp_path / "x_flt.fits").read_bytes() == b"whole"


def test_says_that_the_supervisor_was_killed(tmp_path: Path) -> None:
    with pytest.raises(ChildProcessError, match=r"sh has ended with the process that watches over it.*SIGKILL"):
        run_shell("kill -9 $PPID; sleep 300", tmp_path)


def test_hears_the_end_of_a_program_that_stopped_the_supervisor(tmp_path: Path) -> None:
    """Else the run would wait for ever."""
    assert run_shell("kill -STOP $PPID; exit 5", tmp_path).completion == Completion(5)


def test_tells_a_line_when_it_is_written(tmp_path: Path) -> None:
    """The program waits until its line has been heard."""
    script = "echo now; while [ ! -e heard ]; do sleep 0.01; done"
    call = EngineCall(("sh", "-c", script), tmp_path, {"PATH": "/bin:/usr/bin"}, timeout=60)
    result = SubprocessRunner().run(call, lambda _: (tmp_path / "heard").touch())
    assert result.completion == Completion(0)


def test_measures_time_and_memory(tmp_path: Path) -> None:
    script = "x = bytearray(300 << 20); sum(range(5_000_000))"
    call = EngineCall((sys.executable, "-c", script), tmp_path, {"PATH": "/bin:/usr/bin"})
    usage = SubprocessRunner().run(call, lambda _: None).usage
    assert usage.max_rss_bytes > 300 << 20
    assert usage.wall_seconds > 0
    assert usage.user_seconds > 0


def test_a_small_program_of_a_large_caller_is_small(tmp_path: Path) -> None:
    ballast = bytearray(100 << 20)
    assert run_shell("exit 0", tmp_path).usage.max_rss_bytes < len(ballast) // 2


def test_ends_what_it_left_behind(tmp_path: Path) -> None:
    result = run_shell("sleep 300 & echo $!", tmp_path)
    assert result.completion == Completion(0)
    assert wait_until_dead(int(result.tail[0]))


def test_kills_a_group_that_ignores_the_request(tmp_path: Path) -> None:
    result = run_shell("trap '' TERM; echo $$; while :; do sleep 1; done", tmp_path, timeout=0.3, grace=0.3)
    assert result.completion == Completion(None, signal.SIGKILL, timed_out=True)
    assert wait_until_dead(int(result.tail[0]))


def test_hears_last_words_after_the_time_is_up(tmp_path: Path) -> None:
    script = "trap 'echo cleaned; exit 3' TERM; echo begun; while :; do :; done"
    result = run_shell(script, tmp_path, timeout=0.3)
    assert result.completion == Completion(3, timed_out=True)
    assert result.tail == ("begun", "cleaned")


def test_says_what_is_wrong_with_a_program_that_cannot_start(tmp_path: Path) -> None:
    program = install(tmp_path / "bin", "calcos", Script())
    program.write_text("#!/no/such/interpreter\n")
    with pytest.raises(EngineNotFound, match="calcos cannot be started"):
        SubprocessRunner().run(EngineCall(("calcos",), tmp_path, environment_with(tmp_path / "bin")), lambda _: None)


def test_finds_programs_on_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin", "calcos", Script(("found",)))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path)
    call = EngineCall(("calcos",), tmp_path / "work", {"PATH": "bin:/bin:/usr/bin"})
    assert SubprocessRunner().run(call, lambda _: None).tail == ("found",)


class _Raised:
    """Raises an error in the main thread as a signal handler does, once a program has told its process id."""

    def __init__(self, number: signal.Signals) -> None:
        self.pids: list[int] = []
        self._number = number

    def __call__(self, event: Event) -> None:
        assert isinstance(event, EngineLine)
        self.pids.append(int(event.text))
        if len(self.pids) == 2:
            threading.Timer(0.2, os.kill, (os.getpid(), self._number)).start()


@pytest.fixture
def terminate_raises() -> Iterator[None]:
    def handler(_number: int, _frame: object) -> None:
        raise Stopped(signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Stopped)], ids=["INT", "TERM"]
)
@pytest.mark.parametrize("trap", ["", "trap '' TERM INT; "], ids=["willing", "stubborn"])
@pytest.mark.usefixtures("terminate_raises")
def test_leaves_no_orphan_when_interrupted(
    number: signal.Signals, error: type[BaseException], trap: str, tmp_path: Path
) -> None:
    listener = _Raised(number)
    script = f"{trap}echo $$; (sleep 300; sleep 300) & echo $!; wait; sleep 300"
    call = EngineCall(("sh", "-c", script), tmp_path, {"PATH": "/bin:/usr/bin"})
    began = time.monotonic()
    with pytest.raises(error):
        SubprocessRunner(grace=60 if trap == "" else 0.3).run(call, listener)
    assert time.monotonic() - began < 20
    assert [wait_until_dead(pid) for pid in listener.pids] == [True, True]
