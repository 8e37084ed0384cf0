"""What the library makes of its parameters before anything runs."""

from __future__ import annotations

import pytest

import caldp
from caldp.api import _Request
from caldp.domain.errors import CaldpError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.layout import LayoutKind

OUTPUT = "s3://bucket/outputs/j8cb010b0"


@pytest.mark.parametrize(
    ("output", "overrides", "environment", "layout"),
    [
        (OUTPUT, {}, {}, LayoutKind.CALCLOUD),
        (OUTPUT, {}, {"CALDP_LAYOUT": "tree"}, LayoutKind.TREE),
        (OUTPUT, {"layout": "tree"}, {"CALDP_LAYOUT": "calcloud"}, LayoutKind.TREE),
        ("s3://bucket/batch-22", {}, {}, LayoutKind.TREE),
        (None, {"output": OUTPUT}, {}, LayoutKind.CALCLOUD),
    ],
)
def test_calclouds_output_implies_its_layout_and_anything_else_wins(
    output: str | None, overrides: dict[str, str], environment: dict[str, str], layout: LayoutKind
) -> None:
    request = _Request.make("J8CB010B0", None, output, "aws", overrides, environment)
    assert request.settings.layout is layout


def test_a_failure_of_the_command_line_can_be_simulated() -> None:
    with pytest.raises(CaldpError, match="Simulated failure with status 2") as raised:
        caldp.process("ldfd01010", environment={"CALDP_SIMULATE_ERROR": "2"})
    assert raised.value.exit_code is ExitCode.CMDLINE_ERROR
