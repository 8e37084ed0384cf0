"""``caldp lock``: what a replay of a run needs, from its record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from caldp.cli.text import examples, say

EXAMPLES = examples(
    "caldp lock outputs ldfd01010 -o ldfd01010.lock.json",
    "caldp lock s3://my-bucket/batch-22 ldfd01010",
    "caldp lock outputs/data/cos/ldfd01010/logs/record.json",
)


def lock(
    output: Annotated[str, typer.Argument(help="The output of the run, or its record.json.")],
    dataset: Annotated[str, typer.Argument(help="The dataset; may be left out for a record.")] = "",
    to: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="File to write; default: standard output.")
    ] = None,
    profile: Annotated[str, typer.Option(help="Profile that says how S3 is reached.")] = "",
) -> int:
    """Write the lock of a run: inputs and references by name and SHA-256, switches, engines, variables, digests.

    It is made from the run's record alone, and holds no path and no credential. "caldp replay" repeats the run from it.
    """
    from caldp.cli.interrupts import raising_interrupts
    from caldp.cli.written import write_text
    from caldp.domain.exit_codes import ExitCode
    from caldp.reproduction.lock import lock as make

    with raising_interrupts():
        text = make(output, dataset, profile=profile).to_json()
        if to is None:
            say(text.rstrip("\n"))
        else:
            write_text(to, text)
    return ExitCode.SUCCESS
