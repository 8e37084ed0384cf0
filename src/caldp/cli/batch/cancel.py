"""``caldp batch cancel``: the end of a batch before its time."""

from __future__ import annotations

from caldp.cli.batch.options import Batch, Output, Profile
from caldp.cli.text import examples, say

EXAMPLES = examples("caldp batch cancel outputs", "caldp batch cancel s3://my-bucket/batch-22 3f2a91c4d0e7")


def cancel(output: Output, batch: Batch = None, profile: Profile = "onsite") -> int:
    """Give a batch up: no further dataset begins, and those that run are ended.

    The driver, wherever it runs, heeds this within seconds. Datasets that are done stay done; caldp batch run takes the
    others up again.
    """
    from caldp.batches.outputs import follow

    followed = follow(output, batch, profile=profile)
    is_driven = followed.cancel()
    what = "its driver ends it within seconds" if is_driven else "no driver is at work on it"
    say(f"Batch {followed.head.batch} is cancelled: {what}.")
    return 0
