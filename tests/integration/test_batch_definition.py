"""AWS Batch, as moto plays it, accepts our job definitions and the command that CALCLOUD submits."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from caldp.calcloud import RUNGS, BucketLayout, DatasetName, JobCommand
from caldp.cli.main import main
from caldp.domain.exit_codes import ExitCode

if TYPE_CHECKING:
    from mypy_boto3_batch import BatchClient

ARGUMENTS = ["batch-definition", "registry/caldp:1.0", "--crds-bucket", "s3://hst-crds-cache", "--csys-ver", "caldp_1"]
MEMORY = ["1792", "7168", "14336", "57344"]


@pytest.fixture
def batch(monkeypatch: pytest.MonkeyPatch) -> Iterator["BatchClient"]:
    for variable in ("CRDSBUCKET", "CSYS_VER", "AWSDPVER", "AWSYSVER"):
        monkeypatch.delenv(variable, raising=False)
    with mock_aws(config={"batch": {"use_docker": False}}):
        yield boto3.client("batch", region_name="us-east-1")


def test_every_rung_can_be_registered(batch: "BatchClient", capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ARGUMENTS) == ExitCode.SUCCESS
    for definition in json.loads(capsys.readouterr().out):
        batch.register_job_definition(**definition)
    registered = batch.describe_job_definitions()["jobDefinitions"]
    assert {
        definition["jobDefinitionName"]: definition["containerProperties"]["resourceRequirements"][0]["value"]
        for definition in registered
    } == dict(zip(["caldp-02g", "caldp-08g", "caldp-16g", "caldp-64g"], MEMORY, strict=True))
    environment = registered[0]["containerProperties"]["environment"]
    assert {variable["name"]: variable["value"] for variable in environment} == {
        "CRDSBUCKET": "s3://hst-crds-cache",
        "CSYS_VER": "caldp_1",
        "AWSDPVER": "UNDEFINED",
        "AWSYSVER": "UNDEFINED",
    }


@pytest.mark.parametrize("memory", MEMORY)
def test_one_rung_is_one_object(batch: "BatchClient", memory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The AWS command line tools read one object with --cli-input-json."""
    assert main([*ARGUMENTS, "--rung", memory]) == ExitCode.SUCCESS
    batch.register_job_definition(**json.loads(capsys.readouterr().out))


def test_a_job_can_be_submitted_as_the_documentation_says(
    batch: "BatchClient", capsys: pytest.CaptureFixture[str]
) -> None:
    main([*ARGUMENTS, "--rung", "7168"])
    batch.register_job_definition(**json.loads(capsys.readouterr().out))
    with mock_aws():  # the account's other services
        role = boto3.client("iam", region_name="us-east-1").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
        environment = batch.create_compute_environment(
            computeEnvironmentName="machines", type="UNMANAGED", serviceRole=role["Role"]["Arn"]
        )
        batch.create_job_queue(
            jobQueueName="queue-08g",
            state="ENABLED",
            priority=1,
            computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment["computeEnvironmentArn"]}],
        )
    command = JobCommand.for_bucket("calcloud-processing", DatasetName.parse("j8cb010b0"))
    job = batch.submit_job(
        jobName="j8cb010b0",
        jobQueue="queue-08g",
        jobDefinition="caldp-08g",
        containerOverrides={"command": list(command.to_argv())},
        timeout={"attemptDurationSeconds": 1200},
    )
    described = batch.describe_jobs(jobs=[job["jobId"]])["jobs"][0]
    submitted = JobCommand.from_argv(described["container"]["command"])
    assert submitted == command
    assert str(submitted.output) == BucketLayout("calcloud-processing").outputs(submitted.dataset)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["--rung", "2048"], "There is no rung of 2048 MiB."),
        (["--name", "ca ldp"], "Job definitions cannot be called 'ca ldp'."),
        (["--crds-bucket", "hst-crds-cache"], "The CRDS bucket is 'hst-crds-cache'."),
    ],
)
def test_wrong_arguments_are_named(wrong: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGUMENTS, *wrong]) == ExitCode.CMDLINE_ERROR
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert shown.out == ""


def test_the_rungs_are_calclouds() -> None:
    assert [str(rung.memory_mib) for rung in RUNGS] == MEMORY
