"""The command of a Batch job, there and back."""

import pytest

from caldp.calcloud import ContractError, DatasetName, JobCommand

ARGV = (
    "caldp-process",
    "j8cb010b0",
    "s3://calcloud-processing/inputs",
    "s3://calcloud-processing/outputs/j8cb010b0",
    "caldp-config-aws",
)


def test_the_command_that_calcloud_submits() -> None:
    command = JobCommand.for_bucket("s3://calcloud-processing", DatasetName.parse("J8CB010B0"))
    assert command.to_argv() == ARGV
    assert command.bucket == "calcloud-processing"


@pytest.mark.parametrize(
    ("argv", "whole"),
    [
        (ARGV, ARGV),
        (("/opt/bin/caldp-process", *ARGV[1:]), ARGV),
        (("caldp-process", "acs_8ph_01"), ("caldp-process", "acs_8ph_01", "file:.", "file:.", "caldp-config-onsite")),
        (
            ("caldp-process", "o8cb01010", "astroquery:", "s3://bucket/batch-22"),
            ("caldp-process", "o8cb01010", "astroquery:", "s3://bucket/batch-22", "caldp-config-onsite"),
        ),
    ],
)
def test_a_command_is_read_with_its_defaults(argv: tuple[str, ...], whole: tuple[str, ...]) -> None:
    assert JobCommand.from_argv(argv).to_argv() == whole


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("caldp-process",),
        ("caldp-other", *ARGV[1:]),
        (*ARGV, "extra"),
        ("caldp-process", "Ref::dataset"),
        ("caldp-process", "j8cb010b0", "calcloud-processing/inputs"),
    ],
)
def test_other_commands_are_refused(argv: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        JobCommand.from_argv(argv)


def test_the_bucket_is_the_inputs_else_the_outputs() -> None:
    assert JobCommand.from_argv(("caldp-process", "o8cb01010", "s3://one/in", "s3://two")).bucket == "one"
    assert JobCommand.from_argv(("caldp-process", "o8cb01010", "astroquery:", "s3://two")).bucket == "two"
    with pytest.raises(ContractError, match="names no bucket"):
        _ = JobCommand.from_argv(("caldp-process", "o8cb01010")).bucket
