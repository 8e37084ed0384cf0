"""Batches on AWS Batch: accepted by moto, and run by a stand-in whose jobs are real processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from moto import mock_aws

from caldp.adapters.launchers.aws_batch import AwsBatchLauncher, BatchPlan
from caldp.app.ports.launcher import Launch
from caldp.batches.engines import Engine
from caldp.batches.manifest import read
from caldp.batches.run import prepare
from caldp.calcloud import RUNGS, JobImage, job_definition
from caldp.cli.main import main
from caldp.domain.batch.job import JobState
from tests.support.batch_site import BatchSite
from tests.support.pretend_batch import PretendBatch
from tests.support.s3_server import S3Server

if TYPE_CHECKING:
    from mypy_boto3_batch import BatchClient

QUEUE = "queue"


@pytest.fixture
def client() -> Iterator[BatchClient]:
    """A client of an account with our job definitions and a queue; no container is run."""
    with mock_aws(config={"batch": {"use_docker": False}}):
        role = boto3.client("iam", region_name="us-east-1").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
        client = boto3.client("batch", region_name="us-east-1")
        machines = client.create_compute_environment(
            computeEnvironmentName="machines", type="UNMANAGED", serviceRole=role["Role"]["Arn"]
        )
        order = [{"order": 1, "computeEnvironment": machines["computeEnvironmentArn"]}]
        client.create_job_queue(
            jobQueueName=QUEUE, state="ENABLED", priority=1, computeEnvironmentOrder=cast("Any", order)
        )
        for rung in RUNGS:
            image = JobImage(image="registry/caldp:1.0", crds_bucket="s3://hst-crds-cache")
            client.register_job_definition(**job_definition(image, rung))
        yield client


def test_moto_accepts_arrays_for_our_definitions(client: BatchClient) -> None:
    launcher = AwsBatchLauncher(client, BatchPlan(QUEUE), ("caldp", "batch", "job", "s3://bucket/out", "b", "--launch"))
    launcher.start(Launch("caldp-0123456789ab-00000", (4, 5, 6), 7168))
    listed = client.list_jobs(jobQueue=QUEUE, filters=[{"name": "JOB_NAME", "values": ["caldp-*"]}])["jobSummaryList"]
    (job,) = {job["jobId"].partition(":")[0] for job in listed}
    described = client.describe_jobs(jobs=[job])["jobs"][0]
    assert described["container"]["command"][-2:] == ["--launch", "caldp-0123456789ab-00000"]
    assert described["arrayProperties"]["size"] == 3


@pytest.mark.engines
def test_jobs_find_their_datasets_by_their_index(
    site: BatchSite, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("lsim01a1q", "lsim01a2q")
    raws = {
        f"raw/{name}/{path.name}": path.read_bytes()
        for name in names
        for path in (site.directory / "inputs").glob(f"{name}_*")
    }
    s3.bucket("my-bucket", **raws)
    exports = {name: value for name, value in s3.environment.items() if name.startswith("AWS_")}
    environment = {**site.environment, **exports, "CALDP_HOME": str(site.directory)}
    account = PretendBatch(environment)
    caldp = str(Path(sys.executable).with_name("caldp"))
    monkeypatch.setattr(
        "caldp.factories.make_aws_batch_launcher",
        lambda _environ, queue, definition, command: AwsBatchLauncher(
            cast("Any", account), BatchPlan(queue, definition), (caldp, *command[1:])
        ),
    )
    engine = Engine("aws-batch", ("queue=queue",))
    prepared = prepare(
        read(list(names)), "s3://my-bucket/raw", "s3://my-bucket/out", environment=environment, engine=engine
    )
    try:
        outcome = prepared.run(engine)
    finally:
        account.end()
    assert outcome.counts == {JobState.DONE: 2}, outcome.failures
    assert account.requests["submit_job"] == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["inputs", "s3://my-bucket/out", "--submit-option", "queue=q"], "have no files of this machine"),
        (["astroquery:", "outputs", "--submit-option", "queue=q"], "have no files of this machine"),
        (["astroquery:", "s3://my-bucket/out"], "AWS Batch needs a queue."),
        (["astroquery:", "s3://my-bucket/out", "--submit-option", "tail=q"], "AWS Batch takes no option 'tail'."),
    ],
)
def test_what_jobs_cannot_do_is_told_before(
    words: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["batch", "run", "lsim01a1q", *words, "--engine", "aws-batch"]) == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
