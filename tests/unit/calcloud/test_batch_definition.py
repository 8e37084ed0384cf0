"""Job definitions: what is in them and what is not."""

import json

import pytest

from caldp.calcloud import RUNGS, ContractError, JobImage, Rung, job_definition

IMAGE = JobImage(image="registry/caldp:1.0", crds_bucket="s3://hst-crds-cache", csys_ver="caldp_1", awsysver="v0.4.48")


@pytest.mark.parametrize(
    ("rung", "name", "memory", "vcpus"),
    [
        (RUNGS[0], "02g", "1792", "1"),
        (RUNGS[1], "08g", "7168", "2"),
        (RUNGS[2], "16g", "14336", "2"),
        (RUNGS[3], "64g", "57344", "8"),
    ],
)
def test_each_rung_has_its_memory(rung: Rung, name: str, memory: str, vcpus: str) -> None:
    definition = job_definition(IMAGE, rung)
    assert definition["jobDefinitionName"] == f"caldp-{name}"
    assert definition["containerProperties"]["resourceRequirements"] == [
        {"type": "MEMORY", "value": memory},
        {"type": "VCPU", "value": vcpus},
    ]


def test_the_environment_is_what_calcloud_sets_and_no_more() -> None:
    environment = job_definition(IMAGE, RUNGS[0])["containerProperties"]["environment"]
    assert {variable["name"]: variable["value"] for variable in environment} == {
        "AWSDPVER": "UNDEFINED",
        "AWSYSVER": "v0.4.48",
        "CSYS_VER": "caldp_1",
        "CRDSBUCKET": "s3://hst-crds-cache",
    }


def test_roles_are_named_only_if_there_are_any() -> None:
    assert "Role" not in json.dumps(job_definition(IMAGE, RUNGS[0]))
    image = JobImage(image="x", crds_bucket="s3://crds", job_role="arn:aws:iam::1:role/j", execution_role="arn:e")
    properties = job_definition(image, RUNGS[0])["containerProperties"]
    assert (properties["jobRoleArn"], properties["executionRoleArn"]) == ("arn:aws:iam::1:role/j", "arn:e")


def test_it_is_json() -> None:
    definition = job_definition(IMAGE, RUNGS[3])
    assert json.loads(json.dumps(definition)) == definition


@pytest.mark.parametrize("name", ["", "-caldp", "ca ldp", "c" * 125, "caldp\n"])
def test_a_name_that_batch_would_refuse_is_refused(name: str) -> None:
    with pytest.raises(ContractError, match="Job definitions cannot be called"):
        JobImage(image="x", crds_bucket="s3://hst-crds-cache", name=name)


@pytest.mark.parametrize("bucket", ["hst-crds-cache", "", "file:cache", "s3://", "s3://UPPER"])
def test_references_come_from_a_bucket(bucket: str) -> None:
    with pytest.raises(ValueError, match=r"bucket"):
        JobImage(image="x", crds_bucket=bucket)
