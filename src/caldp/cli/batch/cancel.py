"""``caldp batch cancel``: the end of a batch before its time."""

from __future__ import annotations

from typing import Annotated

import typer

from caldp.cli.batch.options import Batch, Output, Profile, SubmitOption
from caldp.cli.text import examples, say

EXAMPLES = examples(
    "caldp batch cancel outputs",
    "caldp batch cancel s3://my-bucket/batch-22 3f2a91c4d0e7 --submit-option queue=hst",
)


def cancel(
    output: Output,
    batch: Batch = None,
    engine: Annotated[str, typer.Option(help="Engine whose jobs they are; default: as the batch was made for.")] = "",
    submit_option: SubmitOption = None,
    profile: Profile = "",
) -> int:
    """Give a batch up: no further dataset begins, and those that run are ended.

    The driver, wherever it runs, heeds this within seconds. If none is at work, jobs that Slurm or AWS Batch still has
    are cancelled from here. Datasets that are done stay done; caldp batch run takes the others up again.
    """
    from caldp.batches.cancel import cancel as cancel_batch

    done = cancel_batch(output, batch, profile=profile, engine=engine, options=tuple(submit_option or ()))
    what = "its driver ends it within seconds" if done.is_driven else "no driver is at work on it"
    jobs = f", and {done.jobs} jobs of the cluster are cancelled" if done.jobs else ""
    say(f"Batch {done.batch} is cancelled: {what}{jobs}.")
    return 0
