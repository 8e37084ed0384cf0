"""``caldp batch list``: the batches of an output."""

from __future__ import annotations

from caldp.cli.batch.options import Json, Output, Profile
from caldp.cli.text import examples, say

EXAMPLES = examples("caldp batch list outputs")


def list_(output: Output, profile: Profile = "onsite", as_json: Json = False) -> int:
    """List the batches of an output, the latest last."""
    from caldp.batches.outputs import list_batches
    from caldp.views.batch import heads_json, heads_text

    heads = list_batches(output, profile=profile)
    say(heads_json(heads) if as_json else heads_text(heads))
    return 0
