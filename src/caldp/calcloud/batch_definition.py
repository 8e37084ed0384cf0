"""The AWS Batch job definitions of CALCLOUD's memory ladder."""

from __future__ import annotations

import re
from typing import Any, Final

from attrs import Attribute, field, frozen

from caldp.calcloud.job_command import AWS_CONFIG, PROGRAM
from caldp.calcloud.targets import Rung
from caldp.domain.errors import ContractError
from caldp.domain.output.location import parse_input

# Batch's own rule (128 characters), less a hyphen and the rung.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,123}")


@frozen(kw_only=True)
class JobImage:
    """Properties that the jobs of every rung share.

    Attributes
    ----------
    image
        The container image with caldp and the engines, such as
        ``123456789012.dkr.ecr.us-east-1.amazonaws.com/caldp:1.0``.
    crds_bucket
        Address of the bucket with CRDS's config, mappings or pickles, and references, such as ``s3://hst-crds-cache``.
    name
        Job definitions are called ``<name>-<rung>``.
    csys_ver, awsdpver, awsysver
        Versions that go into the headers of products.
    job_role, execution_role
        ARNs of the roles that the job, and Batch on its behalf, act as; empty for none.
    """

    image: str
    crds_bucket: str = field()
    name: str = field(default="caldp")
    csys_ver: str = "UNDEFINED"
    awsdpver: str = "UNDEFINED"
    awsysver: str = "UNDEFINED"
    job_role: str = ""
    execution_role: str = ""

    @crds_bucket.validator
    def _check_bucket(self, _attribute: Attribute[str], crds_bucket: str) -> None:
        if not crds_bucket.startswith("s3://"):
            raise ContractError(f"The CRDS bucket is {crds_bucket[:120]!r}.", advice="Expected s3://bucket.")
        parse_input(crds_bucket)

    @name.validator
    def _check_name(self, _attribute: Attribute[str], name: str) -> None:
        if not _NAME.fullmatch(name):
            raise ContractError(
                f"Job definitions cannot be called {name[:130]!r}.",
                advice="Expected at most 124 letters, digits, hyphens and underscores.",
            )


# Batch puts a job's parameters in the place of these; what is left unreplaced caldp-process refuses by name.
_COMMAND: Final = (PROGRAM, "Ref::dataset", "Ref::input_path", "Ref::s3_output_path", "Ref::crds_config")


def job_definition(image: JobImage, rung: Rung) -> dict[str, Any]:
    """Return the job definition of one rung, as boto3's ``register_job_definition`` takes it.

    Stands in for ``aws_batch_job_definition`` of CALCLOUD's ``terraform/batch.tf``. There is no retry strategy:
    CALCLOUD's event handler decides about each failure (`caldp.calcloud.decide`).
    """
    properties: dict[str, Any] = {
        "image": image.image,
        "command": list(_COMMAND),
        "environment": [
            {"name": "AWSDPVER", "value": image.awsdpver},
            {"name": "AWSYSVER", "value": image.awsysver},
            {"name": "CSYS_VER", "value": image.csys_ver},
            {"name": "CRDSBUCKET", "value": image.crds_bucket},
        ],
        "resourceRequirements": [
            {"type": "MEMORY", "value": str(rung.memory_mib)},
            {"type": "VCPU", "value": str(rung.vcpus)},
        ],
        "privileged": False,
    }
    roles = {"jobRoleArn": image.job_role, "executionRoleArn": image.execution_role}
    return {
        "jobDefinitionName": f"{image.name}-{rung.name}",
        "type": "container",
        "parameters": {"crds_config": AWS_CONFIG},
        "containerProperties": properties | {key: role for key, role in roles.items() if role},
    }
