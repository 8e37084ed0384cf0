"""``caldp batch list``: the batches of an output."""

from __future__ import annotations

from caldp.cli.batch.options import Output, Profile
from caldp.cli.formats import Format, Json, chosen_format, say_result
from caldp.cli.text import examples

EXAMPLES = examples("caldp batch list outputs")


def list_(output: Output, profile: Profile = "", form: Format = "", as_json: Json = False) -> int:
    """List the batches of an output, the latest last."""
    from caldp.batches.outputs import list_batches
    from caldp.domain.tables.results import HEADS
    from caldp.views.batch import heads_json, heads_text

    chosen = chosen_format(form, as_json=as_json)
    heads = list_batches(output, profile=profile)
    say_result(chosen, lambda: heads_text(heads), lambda: heads_json(heads), lambda: HEADS.table(heads))
    return 0
