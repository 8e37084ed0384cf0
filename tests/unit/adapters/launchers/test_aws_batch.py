"""Arrays of AWS Batch: what is submitted, how often is asked, and what ends mean."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest

from caldp.adapters.launchers.aws_batch import AwsBatchLauncher, BatchPlan
from caldp.app.ports.launcher import Launch
from caldp.domain.batch.job import AttemptEnd, EndKind
from tests.contracts.launcher import HANGS, LauncherContract
from tests.support.pretend_batch import PretendBatch

NAMES = BatchPlan("queue")
BY_NAME = f'[ ${{1##*-}} = {HANGS} ] && exec sleep 600; exit "${{1##*-}}"'
"""Script whose status is the end of its launch's name."""


@pytest.fixture
def account() -> Iterator[PretendBatch]:
    account = PretendBatch(dict(os.environ))
    yield account
    account.end()


def launcher_of(account: PretendBatch, script: str) -> AwsBatchLauncher:
    return AwsBatchLauncher(cast("Any", account), NAMES, ("/bin/sh", "-c", script, "sh"))


class TestAwsBatchLauncher(LauncherContract):
    @pytest.fixture
    def launcher(self, account: PretendBatch) -> AwsBatchLauncher:
        return launcher_of(account, BY_NAME)


def ends_of(launcher: AwsBatchLauncher, count: int) -> dict[int, AttemptEnd]:
    found: dict[int, AttemptEnd] = {}
    limit = time.monotonic() + 60
    while len(found) < count and time.monotonic() < limit:
        found.update({report.number: report.end for report in launcher.poll(0.05) if report.end is not None})
    return found


def test_the_index_of_a_job_selects_its_dataset(account: PretendBatch) -> None:
    launcher = launcher_of(account, "exit $AWS_BATCH_JOB_ARRAY_INDEX")
    launcher.start(Launch("caldp-0123456789ab-00000", (7, 3, 11), 7168))
    ends = ends_of(launcher, 3)
    assert {number: end.status for number, end in ends.items()} == {7: 0, 3: 1, 11: 2}
    assert ends[3].seconds == 3.0
    (order,) = account.orders
    assert (order["jobName"], order["jobQueue"], order["jobDefinition"]) == (
        "caldp-0123456789ab-00000", "queue", "caldp-08g",
    )  # fmt: skip
    assert order["arrayProperties"] == {"size": 3}
    overrides = order["containerOverrides"]
    assert overrides["command"][-1] == "caldp-0123456789ab-00000"
    assert overrides["resourceRequirements"] == [{"type": "MEMORY", "value": "7168"}]


def test_single_jobs_are_asked_for_only_when_counts_change(account: PretendBatch) -> None:
    launcher = launcher_of(account, "exec sleep 600")
    launcher.start(Launch("caldp-0123456789ab-00000", (7, 3), 7168))
    assert {report.number for report in launcher.poll(0.0)} == {3, 7}
    asked = account.requests["list_jobs"]
    for _ in range(5):
        assert list(launcher.poll(0.0)) == []
    assert account.requests["list_jobs"] == asked
    assert account.requests["describe_jobs"] == 6


@pytest.mark.parametrize(
    ("fate", "kind", "status"),
    [
        ({"container": {"exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"}},
         EndKind.OUT_OF_MEMORY, 137),
        ({"container": {"reason": "CannotInspectContainerError: timeout"}}, EndKind.LOST, None),
        ({"statusReason": "Host EC2 (instance i-0123456789abcdef0) terminated."}, EndKind.PREEMPTED, 1),
        ({"container": {"exitCode": 143}}, EndKind.PREEMPTED, 143),
        ({"statusReason": "Operator cancelled"}, EndKind.CANCELLED, 1),
        ({"container": {"exitCode": 23}}, EndKind.EXITED, 23),
        ({"container": {"exitCode": 31}}, EndKind.OUT_OF_MEMORY, 31),
    ],
)  # fmt: skip
def test_ends_are_told_apart_as_calcloud_does(
    account: PretendBatch, fate: dict[str, Any], kind: EndKind, status: int | None
) -> None:
    launcher = launcher_of(account, "exit 1")
    launcher.start(Launch("job-1", (4,), 1792))
    account.jobs["job-0"][0].process.wait()
    account.jobs["job-0"][0].fate.update(fate)
    end = ends_of(launcher, 1)[4]
    assert (end.kind, end.status) == (kind, status)


def test_jobs_that_batch_has_forgotten_are_left_to_the_output(account: PretendBatch) -> None:
    launcher = launcher_of(account, "exit 0")
    launcher.start(Launch("job-0", (4, 5), 1792))
    account.end()
    account.jobs.clear()
    assert list(launcher.poll(0.0)) == [], "one answer may leave out what goes on"
    assert ends_of(launcher, 2) == {4: AttemptEnd(), 5: AttemptEnd()}


def test_only_jobs_that_have_not_ended_are_adopted(account: PretendBatch) -> None:
    launch = Launch("caldp-0123456789ab-00000", (7, 3, 11), 1792)
    first = launcher_of(account, "[ $AWS_BATCH_JOB_ARRAY_INDEX = 1 ] || exec sleep 600")
    first.start(launch)
    ends_of(first, 1)
    first.close()
    second = launcher_of(account, "exit 0")
    (adopted,) = second.adopt([launch, Launch("caldp-0123456789ab-00001", (5,), 1792)])
    assert adopted.numbers == (7, 11)
    second.stop(running=True)
    assert {end.kind for end in ends_of(second, 2).values()} == {EndKind.CANCELLED}


def test_a_million_datasets_take_a_hundred_submissions() -> None:
    assert -(-1_000_000 // AwsBatchLauncher.most_together) <= 110


@pytest.mark.parametrize(
    ("memory", "definition"), [(512, "caldp-02g"), (1792, "caldp-02g"), (1793, "caldp-08g"), (99_999, "caldp-64g")]
)
def test_the_definitions_of_the_ladder_serve(memory: int, definition: str) -> None:
    assert NAMES.definition_for(memory) == definition
