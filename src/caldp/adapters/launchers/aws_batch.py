"""Jobs as arrays of AWS Batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve, field, frozen

from caldp.app.ports.launcher import Launch, Report
from caldp.calcloud.failures import FailureCause, JobOutcome, cause_of
from caldp.calcloud.targets import RUNGS
from caldp.domain.batch.job import AttemptEnd, EndKind
from caldp.domain.errors import LaunchError

if TYPE_CHECKING:
    from mypy_boto3_batch.client import BatchClient

_MOST: Final = 10_000  # AWS Batch user guide, array jobs: 2 to 10,000
_ENDED: Final = ("SUCCEEDED", "FAILED")
_ABOUT: Final = 100  # jobs that describe_jobs takes at once
_CANCELLED: Final = "Operator cancelled"
"""Reason by which CALCLOUD knows a job that somebody ended."""
_KINDS: Final = {
    FailureCause.MEMORY: EndKind.OUT_OF_MEMORY,
    FailureCause.DOCKER: EndKind.LOST,
    FailureCause.CANCELLED: EndKind.CANCELLED,
    FailureCause.PREEMPTED: EndKind.PREEMPTED,
    FailureCause.OTHER: EndKind.EXITED,
}


@frozen
class BatchPlan:
    """Names in an account.

    Attributes
    ----------
    queue
        Job queue.
    definition
        Beginning of the names of job definitions, as ``caldp batch-definition --name`` gives it: ``caldp-02g`` and so
        on follow the size of memory.
    """

    queue: str
    definition: str = "caldp"

    def definition_for(self, memory_mib: int) -> str:
        """Return the job definition of the smallest rung that holds an amount of memory, else of the largest."""
        rung = next((rung for rung in RUNGS if rung.memory_mib >= memory_mib), RUNGS[-1])
        return f"{self.definition}-{rung.name}"


@define
class _Array:
    launch: Launch
    job: str
    left: set[int]
    counts: tuple[int, int] = (0, 0)
    running: set[int] = field(factory=set)
    is_missing: bool = False  # from the last answer


class AwsBatchLauncher:
    """Submits array jobs and follows them; implements the port Launcher.

    One request tells of a hundred arrays. Single jobs are asked for only when some of them have begun or ended.

    Parameters
    ----------
    client
        A client of boto3.
    names
        Queue and job definitions.
    command
        Words of a job's command before the name of its launch, which is added. A job finds its index in
        AWS_BATCH_JOB_ARRAY_INDEX.
    """

    most_together = _MOST

    def __init__(self, client: BatchClient, names: BatchPlan, command: Sequence[str]) -> None:
        self._client, self._names, self._command = client, names, tuple(command)
        self._arrays: list[_Array] = []
        self._asked: set[tuple[str, bool]] = set()

    def start(self, launch: Launch) -> None:
        """Submit an array; a single job if there is one dataset only, since arrays have two jobs at least."""
        size = len(launch.numbers)
        order: dict[str, Any] = {
            "jobName": launch.name,
            "jobQueue": self._names.queue,
            "jobDefinition": self._names.definition_for(launch.memory_mib),
            "containerOverrides": {
                "command": [*self._command, launch.name],
                "resourceRequirements": [{"type": "MEMORY", "value": str(launch.memory_mib)}],
            },
        }
        if size > 1:
            order["arrayProperties"] = {"size": size}
        with _explained(f"AWS Batch does not take {launch.name}"):
            job = self._client.submit_job(**order)["jobId"]
        self._arrays.append(_Array(launch, job, set(range(size))))

    def poll(self, seconds: float) -> Sequence[Report]:
        """Wait, and ask for the counts of all arrays; for single jobs where these have changed."""
        if not self._arrays:
            return ()
        time.sleep(seconds)
        news: list[Report] = []
        with _explained("AWS Batch does not answer"):
            described = {job["jobId"]: job for job in self._described()}
            for array in self._arrays:
                job = described.get(array.job)
                if job is not None:
                    news += self._news(array, job)
                elif array.is_missing:  # one answer may leave out what was submitted a moment ago
                    news += self._forgotten(array)
                array.is_missing = job is None
        self._arrays = [array for array in self._arrays if array.left]
        return news

    def _described(self) -> Iterator[Mapping[str, Any]]:
        ids = [array.job for array in self._arrays]
        for start in range(0, len(ids), _ABOUT):
            yield from self._client.describe_jobs(jobs=ids[start : start + _ABOUT])["jobs"]

    def _forgotten(self, array: _Array) -> Iterator[Report]:
        """Tell the ends of jobs whose records have vanished, as they do after a day or so; the output tells more."""
        ended, array.left = sorted(array.left), set()
        for index in ended:
            yield Report(array.launch.numbers[index], end=AttemptEnd())

    def _news(self, array: _Array, job: Mapping[str, Any]) -> Iterator[Report]:
        if len(array.launch.numbers) == 1:
            yield from self._about(array, [job])
            return
        summary = (job.get("arrayProperties") or {}).get("statusSummary") or {}
        ended = sum(summary.get(state, 0) for state in _ENDED)
        counts = (ended, summary.get("RUNNING", 0))
        if counts == array.counts and job.get("status") not in _ENDED:
            return
        array.counts = counts
        for state in ("RUNNING", *_ENDED):
            yield from self._about(array, self._children(array.job, state))

    def _about(self, array: _Array, jobs: Sequence[Mapping[str, Any]]) -> Iterator[Report]:
        for job in jobs:
            index = (job.get("arrayProperties") or {}).get("index", 0)
            if index not in array.left:
                continue
            number, state = array.launch.numbers[index], job.get("status")
            if state in _ENDED:
                array.left.discard(index)
                yield Report(number, end=_end(job))
            elif state == "RUNNING" and index not in array.running:
                array.running.add(index)
                yield Report(number)

    def _children(self, job: str, state: str) -> list[Mapping[str, Any]]:
        pages = self._client.get_paginator("list_jobs").paginate(arrayJobId=job, jobStatus=state)  # type: ignore[arg-type]
        return [child for page in pages for child in page["jobSummaryList"]]

    def stop(self, *, running: bool) -> None:
        """Cancel jobs that wait, or terminate all."""
        for array in self._arrays:
            if (array.job, running) in self._asked:
                continue
            self._asked.add((array.job, running))
            with _explained("AWS Batch does not end jobs"):
                if running:
                    self._client.terminate_job(jobId=array.job, reason=_CANCELLED)
                else:
                    self._client.cancel_job(jobId=array.job, reason=_CANCELLED)

    def adopt(self, launches: Sequence[Launch]) -> Sequence[Launch]:
        """Find arrays by their names."""
        if not launches:
            return ()
        common = launches[0].name.rpartition("-")[0]
        with _explained("AWS Batch does not answer"):
            pages = self._client.get_paginator("list_jobs").paginate(
                jobQueue=self._names.queue, filters=[{"name": "JOB_NAME", "values": [f"{common}-*"]}]
            )
            known = {
                job["jobName"]: job["jobId"]
                for page in pages
                for job in page["jobSummaryList"]
                if job.get("status") not in _ENDED and ":" not in job["jobId"]  # a child's id is ARRAY:INDEX
            }
            found = [launch for launch in launches if launch.name in known]
            return [self._adopted(launch, known[launch.name]) for launch in found]

    def _adopted(self, launch: Launch, job: str) -> Launch:
        left = set(range(len(launch.numbers)))
        if len(left) > 1:
            for state in _ENDED:
                left -= {child["arrayProperties"]["index"] for child in self._children(job, state)}
        self._arrays.append(_Array(launch, job, left))
        return evolve(launch, numbers=tuple(launch.numbers[index] for index in sorted(left)))

    def close(self) -> None:
        """Let the jobs go on."""
        self._arrays = []


def _end(job: Mapping[str, Any]) -> AttemptEnd:
    """Tell how a job ended."""
    seconds = max(0.0, (job.get("stoppedAt", 0) - job.get("startedAt", 0)) / 1000)
    if job.get("status") == "SUCCEEDED":
        return AttemptEnd(EndKind.EXITED, 0, seconds=seconds)
    outcome = JobOutcome.from_detail(job)
    kind = _KINDS[cause_of(outcome)]
    said = "" if outcome.exit_code is not None else outcome.reason
    return AttemptEnd(kind, outcome.exit_code, said, seconds=seconds)


def make_aws_batch_launcher(
    environment: Mapping[str, str], names: BatchPlan, command: Sequence[str]
) -> AwsBatchLauncher:
    """Build the engine of an account that the environment's credentials belong to.

    Raises
    ------
    LaunchError
        If the configuration of AWS makes no sense.
    """
    import boto3
    from botocore.config import Config

    with _explained("AWS Batch cannot be used"):
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
        session = boto3.Session(
            environment.get("AWS_ACCESS_KEY_ID") or None, environment.get("AWS_SECRET_ACCESS_KEY") or None,
            environment.get("AWS_SESSION_TOKEN") or None, region, profile_name=environment.get("AWS_PROFILE") or None,
        )  # fmt: skip
        client = session.client(
            "batch",
            config=Config(retries={"mode": "standard", "total_max_attempts": 8}),
            endpoint_url=environment.get("AWS_ENDPOINT_URL_BATCH") or environment.get("AWS_ENDPOINT_URL") or None,
        )
    return AwsBatchLauncher(client, names, command)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise LaunchError(
            f"{what}: {error}.", advice="Check credentials, region, the job queue and the job definitions."
        ) from error
