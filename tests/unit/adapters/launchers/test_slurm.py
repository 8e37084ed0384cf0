"""Arrays of Slurm: what is submitted, what is asked, and what ends mean."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from attrs import field, frozen

from caldp.adapters.launchers.slurm import SlurmLauncher
from caldp.adapters.store.directory import DirectoryStore
from caldp.app.batch.plan import BatchOptions
from caldp.app.ports.launcher import Launch, Report
from caldp.batches.cancel import Cancelled, cancel
from caldp.domain.batch.job import AttemptEnd, EndKind
from caldp.domain.batch.reports import end_line
from caldp.domain.errors import LaunchError, UsageError
from caldp.domain.exit_codes import ExitCode
from tests.contracts.launcher import HANGS, LauncherContract
from tests.support.batches import NAMES, batch_in

PRETENCE = Path(__file__).resolve().parents[3] / "support" / "pretend_slurm.py"


@frozen
class Cluster:
    """A pretended Slurm, and how jobs are submitted to it."""

    directory: Path
    environment: dict[str, str] = field(factory=dict)

    def launcher(self, command: Callable[[str], Sequence[str]], *options: str, at_once: int = 0) -> SlurmLauncher:
        return SlurmLauncher(command, self.environment, self.directory / "logs", options, at_once)

    def written(self, name: str) -> list[str]:
        path = self.directory / "state" / name
        return path.read_text().splitlines() if path.exists() else []

    def say(self, job: int, index: int, state: str) -> None:
        """Let a job have ended in a state."""
        (self.directory / "state" / str(job) / f"{index}.state").write_text(state)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    (tmp_path / "bin").mkdir()
    (tmp_path / "state").mkdir()
    for name in ("sbatch", "squeue", "scancel", "scontrol"):
        path = tmp_path / "bin" / name
        path.write_text(f'#!/bin/sh\nexec {sys.executable} -S {PRETENCE} {name} "$@"\n')
        path.chmod(0o755)
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "PRETEND_SLURM": str(tmp_path / "state")}
    return Cluster(tmp_path, environment)


def exits(status: int, cause: str = "") -> Sequence[str]:
    line = end_line(status, cause, "", 7 << 20).replace("\x1e", "\\036").replace('"', '\\"')
    return ("/bin/sh", "-c", f'printf "{line}\\n"; exit {status}')


class TestSlurmLauncher(LauncherContract):
    @pytest.fixture
    def launcher(self, cluster: Cluster) -> SlurmLauncher:
        def command(name: str) -> Sequence[str]:
            number = int(name.rpartition("-")[2])
            return ("/bin/sh", "-c", "exec sleep 600") if number == HANGS else exits(number)

        return cluster.launcher(command)


def ends_of(launcher: SlurmLauncher, count: int) -> dict[int, AttemptEnd]:
    found: dict[int, AttemptEnd] = {}
    limit = time.monotonic() + 60
    while len(found) < count and time.monotonic() < limit:
        found.update({report.number: report.end for report in launcher.poll(0.1) if report.end is not None})
    return found


def test_an_array_selects_datasets_and_asks_once_a_poll(cluster: Cluster) -> None:
    launcher = cluster.launcher(lambda name: exits(0), "--partition=long", at_once=5)
    launcher.start(Launch("caldp-0123456789ab-00000", (7, 3, 11), 1792))
    (submission,) = cluster.written("submissions")
    for word in ("--array=0-2%5", "--mem=1792M", "--job-name=caldp-0123456789ab-00000", "--partition=long"):
        assert word in submission.split()
    assert ends_of(launcher, 3).keys() == {3, 7, 11}
    polls = len(cluster.written("questions"))
    launcher.start(Launch("caldp-0123456789ab-00001", (1,), 1792))
    launcher.start(Launch("caldp-0123456789ab-00002", (2,), 1792))
    ended = {report.number for report in launcher.poll(0.0) if report.end is not None}
    assert len(cluster.written("questions")) == polls + 1
    assert ended | ends_of(launcher, 2 - len(ended)).keys() == {1, 2}


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("OUT_OF_MEMORY", EndKind.OUT_OF_MEMORY), ("PREEMPTED", EndKind.PREEMPTED), ("NODE_FAIL", EndKind.LOST),
        ("CANCELLED", EndKind.CANCELLED), ("TIMEOUT", EndKind.TIMED_OUT), ("FAILED", EndKind.EXITED),
        ("gone", EndKind.EXITED),
    ],
)  # fmt: skip
def test_slurm_tells_how_a_job_ended_that_says_nothing(cluster: Cluster, state: str, kind: EndKind) -> None:
    launcher = cluster.launcher(lambda _name: ("/bin/sh", "-c", "echo it begins; exec sleep 600"))
    launcher.start(Launch("job", (4,), 1792))
    assert [(report.number, report.end) for report in launcher.poll(0.1)] == [(4, None)]
    cluster.say(1, 0, state)
    end = ends_of(launcher, 1)[4]
    assert (end.kind, end.status) == (kind, None)
    os.killpg(int((cluster.directory / "state/1/0.pid").read_text()), 9)


def test_the_job_itself_tells_its_failure(cluster: Cluster) -> None:
    launcher = cluster.launcher(lambda _name: exits(23, "calacs.e failed."))
    launcher.start(Launch("job", (4,), 1792))
    end = ends_of(launcher, 1)[4]
    assert (end.kind, end.status, end.cause, end.peak_mib) == (EndKind.EXITED, 23, "calacs.e failed.", 7)


def test_logs_of_good_jobs_are_removed(cluster: Cluster) -> None:
    launcher = cluster.launcher(lambda name: exits(int(name)))
    launcher.start(Launch("0", (0,), 1792))
    launcher.start(Launch("23", (1,), 1792))
    ends_of(launcher, 2)
    assert [path.name for path in (cluster.directory / "logs").iterdir()] == ["23-0.log"]


def test_only_jobs_that_have_not_ended_are_adopted(cluster: Cluster) -> None:
    first = cluster.launcher(lambda _name: ("/bin/sh", "-c", "[ $SLURM_ARRAY_TASK_ID = 1 ] || exec sleep 600"))
    launch = Launch("caldp-0123456789ab-00000", (7, 3, 11), 1792)
    first.start(launch)
    ends_of(first, 1)
    first.close()
    second = cluster.launcher(lambda _name: exits(0))
    (adopted,) = second.adopt([launch, Launch("caldp-0123456789ab-00001", (5,), 1792)])
    assert adopted.numbers == (7, 11)
    second.stop(running=True)
    assert ends_of(second, 2).keys() == {7, 11}


def test_jobs_that_wait_are_cancelled_before_those_that_run(cluster: Cluster) -> None:
    launcher = cluster.launcher(lambda _name: ("/bin/sh", "-c", "exec sleep 600"))
    launcher.start(Launch("job", (0,), 1792))
    for _ in range(3):
        launcher.stop(running=False)
    assert cluster.written("cancellations") == ["--state=PENDING 1"]
    launcher.stop(running=True)
    assert cluster.written("cancellations")[1:] == ["1"]
    assert ends_of(launcher, 1)[0].kind is EndKind.CANCELLED


@pytest.mark.parametrize(("size", "most"), [("1001", 1001), ("10001", 10_000), ("1", 1)])
def test_arrays_are_as_long_as_slurm_takes_them(cluster: Cluster, size: str, most: int) -> None:
    (cluster.directory / "state" / "array_size").write_text(size)
    assert cluster.launcher(lambda _name: ()).most_together == most


def test_a_refusal_is_told_in_slurms_words(cluster: Cluster) -> None:
    (cluster.directory / "state" / "refuse").touch()
    with pytest.raises(LaunchError, match="Slurm does not take job: sbatch: error: AssocMaxSubmitJobLimit"):
        cluster.launcher(lambda _name: exits(0)).start(Launch("job", (0,), 1792))


def test_a_controller_that_is_away_for_a_while_is_no_end(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = cluster.launcher(lambda _name: exits(0))
    launcher.start(Launch("job", (0,), 1792))
    silence = cluster.directory / "state" / "silent"
    silence.touch()
    assert launcher.poll(0.0) == ()
    silence.unlink()
    assert ends_of(launcher, 1)[0].status == 0
    launcher.start(Launch("job", (0,), 1792))
    silence.touch()
    monkeypatch.setattr("caldp.adapters.launchers.slurm._SILENCE", -1.0)
    with pytest.raises(LaunchError, match="Unable to contact slurm controller"):
        launcher.poll(0.0)


def test_without_slurm_there_is_a_sentence(tmp_path: Path) -> None:
    launcher = SlurmLauncher(lambda _name: (), {"PATH": str(tmp_path)}, tmp_path / "logs")
    with pytest.raises(LaunchError, match="There is no sbatch on PATH"):
        launcher.start(Launch("job", (0,), 1792))


def test_news_that_a_job_runs_comes_once(cluster: Cluster) -> None:
    launcher = cluster.launcher(lambda _name: ("/bin/sh", "-c", "exec sleep 600"))
    launcher.start(Launch("job", (4,), 1792))
    assert list(launcher.poll(0.1)) == [Report(4)]
    assert list(launcher.poll(0.1)) == []
    launcher.stop(running=True)
    ends_of(launcher, 1)


def test_jobs_of_a_batch_whose_driver_is_gone_are_cancelled(cluster: Cluster) -> None:
    output = cluster.directory / "output"
    use_case = batch_in(DirectoryStore(output))
    launcher = cluster.launcher(lambda _name: ("/bin/sh", "-c", "exec sleep 600"))
    plan = use_case.plan(BatchOptions())
    use_case.run(
        plan, BatchOptions(), launcher, None, lambda: 0, lambda _event: None, stopped=lambda: ExitCode.INTERRUPTED,
        only_submit=True,
    )  # fmt: skip
    environment = cluster.environment | {"HOME": str(cluster.directory)}
    assert cancel(output, environment=environment) == Cancelled(use_case.head.batch, is_driven=False)
    launches = [one for one in use_case.files.launches(use_case.head.batch) if one is not None]
    assert cluster.launcher(lambda _name: ()).adopt(launches)  # it was made for jobs of this machine, which has none
    done = cancel(output, environment=environment, engine="slurm")
    assert done == Cancelled(use_case.head.batch, is_driven=False, jobs=len(NAMES))
    assert list(cluster.launcher(lambda _name: ()).adopt(launches)) == []
    with pytest.raises(UsageError, match="needs a queue"):
        cancel(output, environment=environment, engine="aws-batch")


def test_a_job_that_one_answer_leaves_out_goes_on(cluster: Cluster) -> None:
    launcher = cluster.launcher(lambda _name: ("/bin/sh", "-c", "exec sleep 600"))
    launcher.start(Launch("job", (4,), 1792))
    assert list(launcher.poll(0.1)) == [Report(4)]
    for state in ("gone", "RUNNING", "gone"):
        cluster.say(1, 0, state)
        assert list(launcher.poll(0.0)) == []
    (report,) = launcher.poll(0.0)
    assert report.end is not None
    assert report.number == 4
    os.killpg(int((cluster.directory / "state/1/0.pid").read_text()), 9)
