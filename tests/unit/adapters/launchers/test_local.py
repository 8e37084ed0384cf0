"""Jobs as child processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from caldp.adapters.launchers.local import LocalLauncher, our_command
from caldp.app.ports.launcher import Launch
from caldp.domain.batch.job import AttemptEnd, EndKind
from caldp.domain.batch.reports import end_line, step_line
from caldp.domain.errors import LaunchError
from tests.contracts.launcher import HANGS, LauncherContract
from tests.fakes.memory_watch import FakeMemory
from tests.support.processes import is_gone


def shell(script: str) -> Sequence[str]:
    return ("/bin/sh", "-c", script)


def launcher_of(script: str, memory: FakeMemory | None = None) -> LocalLauncher:
    return LocalLauncher(lambda _number: shell(script), dict(os.environ), memory or FakeMemory())


def end_of(launcher: LocalLauncher) -> tuple[AttemptEnd, list[str]]:
    """Run job 0; return its end and the steps that it told."""
    launcher.start(Launch("job", (0,), 512))
    steps: list[str] = []
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        for report in launcher.poll(0.1):
            if report.end is not None:
                launcher.close()
                return report.end, steps
            steps.append(report.step)
    raise AssertionError("The job did not end.")


class TestLocalLauncher(LauncherContract):
    @pytest.fixture
    def launcher(self) -> Iterator[LocalLauncher]:
        def command(number: int) -> Sequence[str]:
            return shell("sleep 600" if number == HANGS else f"exit {number}")

        launcher = LocalLauncher(command, dict(os.environ), FakeMemory())
        yield launcher
        launcher.close()


def test_steps_and_the_cause_are_told_among_other_lines(tmp_path: Path) -> None:
    lines = ["noise", step_line("fetch"), step_line("calibrate"), end_line(23, "calacs.e failed.", "Look.", 5 << 20)]
    told = tmp_path / "told"
    told.write_text("\n".join(lines) + "\n", encoding="utf-8")
    end, steps = end_of(launcher_of(f"cat {told}; exit 23"))
    assert steps == ["fetch", "calibrate"]
    assert (end.status, end.cause, end.advice, end.peak_mib) == (23, "calacs.e failed.", "Look.", 5)


def test_the_last_lines_are_the_cause_where_the_job_told_none() -> None:
    end, _ = end_of(launcher_of("echo caldp: There is no batch. >&2; exit 2"))
    assert (end.status, end.cause) == (2, "caldp: There is no batch.")


def test_a_flood_of_output_ends() -> None:
    end, _ = end_of(launcher_of("head -c 3000000 /dev/zero; exit 7"))
    assert end.status == 7


@pytest.mark.parametrize(
    ("before", "after", "kind", "is_memory"),
    [
        (None, None, EndKind.EXITED, True),
        (3, 4, EndKind.OUT_OF_MEMORY, True),
        (3, 3, EndKind.LOST, False),
    ],
)
def test_a_kill_is_a_lack_of_memory_unless_the_kernel_knows_better(
    before: int | None, after: int | None, kind: EndKind, is_memory: bool
) -> None:
    memory = FakeMemory(kills=before)
    launcher = launcher_of("sleep 0.3; kill -9 $$", memory)
    launcher.start(Launch("job", (0,), 512))
    memory.kills = after
    ends: list[AttemptEnd] = []
    while not ends:
        ends += [report.end for report in launcher.poll(0.1) if report.end]
    launcher.close()
    assert (ends[0].kind, ends[0].is_memory) == (kind, is_memory)


def test_a_program_that_is_not_there_is_a_launch_error() -> None:
    launcher = LocalLauncher(lambda _number: ("/nowhere/caldp",), {}, FakeMemory())
    with pytest.raises(LaunchError, match="no such file"):
        launcher.start(Launch("job", (0,), 512))


def test_close_leaves_nothing(tmp_path: Path) -> None:
    launcher = launcher_of(f"echo $$ > {tmp_path}/pid; sleep 600")
    launcher.start(Launch("job", (0,), 512))
    pid = _pid(tmp_path / "pid")
    launcher.close()
    assert is_gone(pid)


def test_jobs_end_with_a_driver_that_is_killed(tmp_path: Path) -> None:
    driver = (
        "import os; from caldp.adapters.launchers.local import *\n"
        "from caldp.adapters.memory.cgroup import CgroupMemory\n"
        f"argv = ('/bin/sh', '-c', 'trap \"\" TERM; echo $$ > {tmp_path}/pid; sleep 600 & wait')\n"
        "launcher = LocalLauncher(lambda n: argv, dict(os.environ), CgroupMemory())\n"
        "launcher.start(Launch('job', (0,), 512))\n"
        "while True: launcher.poll(1)"
    )
    process = subprocess.Popen([sys.executable, "-c", driver])
    pid = _pid(tmp_path / "pid")
    process.send_signal(signal.SIGKILL)
    process.wait()
    limit = time.monotonic() + 20
    while not is_gone(pid) and time.monotonic() < limit:
        time.sleep(0.05)
    assert is_gone(pid)


def test_a_module_in_the_current_directory_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "caldp.py").write_text("raise SystemExit(99)", encoding="utf-8")
    (tmp_path / "attrs.py").write_text("raise SystemExit(98)", encoding="utf-8")
    done = subprocess.run(our_command("explain", "23"), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "STAGE1_ERROR" in done.stdout) == (0, True)


def _pid(path: Path) -> int:
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        text = path.read_text(encoding="utf-8").strip() if path.exists() else ""
        if text:
            return int(text)
        time.sleep(0.02)
    raise AssertionError("The job did not begin.")
