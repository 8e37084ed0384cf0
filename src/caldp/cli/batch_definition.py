"""``caldp batch-definition``: the AWS Batch job definitions of CALCLOUD's memory ladder, as JSON."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from caldp.cli.text import examples, say

EXAMPLES = examples(
    "caldp batch-definition registry/caldp:1.0 --crds-bucket s3://hst-crds-cache",
    "caldp batch-definition registry/caldp:1.0 --crds-bucket s3://hst-crds-cache --rung 7168 > 08g.json",
    "aws batch register-job-definition --cli-input-json file://08g.json",
)
_VERSION = "Goes into the headers of products."


def batch_definition(
    image: Annotated[str, typer.Argument(help="Container image with caldp and the engines.")],
    crds_bucket: Annotated[
        str, typer.Option(envvar="CRDSBUCKET", help="s3:// address of the bucket that CRDS downloads from.")
    ],
    rung: Annotated[
        int | None, typer.Option(help="Memory in MiB, one of 1792, 7168, 14336, 57344; default: all four.")
    ] = None,
    name: Annotated[str, typer.Option(help="Definitions are called NAME-02g, NAME-08g, NAME-16g, NAME-64g.")] = "caldp",
    csys_ver: Annotated[str, typer.Option(envvar="CSYS_VER", help=_VERSION)] = "UNDEFINED",
    awsdpver: Annotated[str, typer.Option(envvar="AWSDPVER", help=_VERSION)] = "UNDEFINED",
    awsysver: Annotated[str, typer.Option(envvar="AWSYSVER", help=_VERSION)] = "UNDEFINED",
    job_role: Annotated[str, typer.Option(help="ARN of the role that the job acts as.")] = "",
    execution_role: Annotated[str, typer.Option(help="ARN of the role that Batch acts as for the job.")] = "",
) -> int:
    """Print AWS Batch job definitions that run caldp as CALCLOUD does.

    Without --rung the output is a list of four; with it one definition, as the AWS command line tools read it.
    """
    from caldp.calcloud.batch_definition import JobImage, job_definition
    from caldp.calcloud.targets import RUNGS, rung_of

    common = JobImage(
        image=image,
        crds_bucket=crds_bucket,
        name=name,
        csys_ver=csys_ver,
        awsdpver=awsdpver,
        awsysver=awsysver,
        job_role=job_role,
        execution_role=execution_role,
    )
    definitions = [job_definition(common, each) for each in (RUNGS if rung is None else [rung_of(rung)])]
    say(json.dumps(definitions if rung is None else definitions[0], indent=2))
    return 0
