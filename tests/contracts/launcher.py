"""Contract of the port Launcher."""

from __future__ import annotations

import time

import pytest

from caldp.app.ports.launcher import Launch, Launcher, Report
from caldp.domain.batch.job import AttemptEnd, EndKind

HANGS = 99
"""Number of a job that never ends by itself; the job of any other number ends with this status."""


class LauncherContract:
    """Override the fixture `launcher`; the rest is the contract."""

    longest = 20.0  # seconds

    @pytest.fixture
    def launcher(self) -> Launcher:
        raise NotImplementedError

    def start(self, launcher: Launcher, number: int) -> None:
        launcher.start(Launch(f"job-{number}", (number,), 512))

    def ends(self, launcher: Launcher, count: int) -> dict[int, AttemptEnd]:
        """Wait for so many ends; none of them is told twice."""
        found: list[Report] = []
        limit = time.monotonic() + self.longest
        while len(found) < count and time.monotonic() < limit:
            found += [report for report in launcher.poll(0.1) if report.end is not None]
        found += [report for report in launcher.poll(0.1) if report.end is not None]
        assert len(found) == count
        return {report.number: report.end for report in found if report.end is not None}

    def test_without_jobs_there_is_no_news(self, launcher: Launcher) -> None:
        assert list(launcher.poll(0.01)) == []

    @pytest.mark.parametrize("status", [0, 2, 23])
    def test_an_end_is_told_once_with_its_status(self, launcher: Launcher, status: int) -> None:
        self.start(launcher, status)
        ends = self.ends(launcher, 1)
        assert {number: (end.kind, end.status) for number, end in ends.items()} == {status: (EndKind.EXITED, status)}

    def test_jobs_run_at_the_same_time(self, launcher: Launcher) -> None:
        self.start(launcher, HANGS)
        self.start(launcher, 0)
        assert self.ends(launcher, 1).keys() == {0}
        launcher.close()

    def test_a_job_that_is_asked_to_end_does_not_succeed(self, launcher: Launcher) -> None:
        self.start(launcher, HANGS)
        launcher.poll(0.2)
        launcher.stop(running=True)
        launcher.stop(running=True)
        assert self.ends(launcher, 1)[HANGS].status != 0

    def test_a_job_may_run_again(self, launcher: Launcher) -> None:
        for _ in range(2):
            self.start(launcher, 0)
            assert self.ends(launcher, 1)[0].status == 0

    def test_launches_that_nobody_has_seen_are_not_adopted(self, launcher: Launcher) -> None:
        assert list(launcher.adopt([Launch("never", (1, 2), 512)])) == []
