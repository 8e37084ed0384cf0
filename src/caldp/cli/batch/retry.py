"""``caldp batch retry``: failed datasets once more."""

from __future__ import annotations

from typing import Annotated

import typer

from caldp.cli.batch.options import (
    Batch,
    EngineName,
    Jobs,
    Json,
    MaxRetries,
    Memory,
    Output,
    Profile,
    SubmitOption,
    memory_mib,
)
from caldp.cli.text import examples

EXAMPLES = examples("caldp batch retry outputs", "caldp batch retry outputs 3f2a91c4d0e7 --only 22 --only 26")


def retry(
    output: Output,
    batch: Batch = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only datasets that failed with this exit status or name.")
    ] = None,
    engine: EngineName = "local",
    submit_option: SubmitOption = None,
    jobs: Jobs = None,
    memory: Memory = None,
    max_retries: MaxRetries = None,
    profile: Profile = "",
    as_json: Json = False,
) -> int:
    """Run the datasets of a batch again that failed, with the settings of the batch.

    The status is that of caldp batch run.
    """
    from caldp.batches.engines import Engine
    from caldp.batches.run import reopen
    from caldp.cli.batch.show import show_run
    from caldp.cli.blas import without_blas_threads

    codes = None if only is None else [_code(text) for text in only]
    limit, chosen = memory_mib(memory), Engine(engine, tuple(submit_option or ()))
    prepared = reopen(
        output, batch, profile=profile, environment=without_blas_threads(), only=codes, max_retries=max_retries,
        engine=chosen,
    )  # fmt: skip
    return show_run(prepared, chosen, jobs=jobs, memory_mib=limit, as_json=as_json)


def _code(text: str) -> int:
    """Read an exit status, as a number or as the name of an exit code."""
    from caldp.domain.errors import UsageError
    from caldp.domain.exit_codes import lookup

    known = lookup(text)
    digits = text.removeprefix("-")
    if known is None and not (digits.isascii() and digits.isdigit() and len(digits) < 4):
        raise UsageError(f"--only {text[:80]!r} is no exit status.", advice="caldp explain lists them.")
    return int(text) if known is None else int(known)
