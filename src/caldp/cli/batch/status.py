"""``caldp batch status``: state of a batch."""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated, Final

import typer

from caldp.cli.batch.options import Batch, Output, Profile
from caldp.cli.formats import Format, Json, chosen_format, say_result
from caldp.cli.text import examples

EXAMPLES = examples("caldp batch status outputs", "caldp batch status s3://my-bucket/batch-22 --watch")
_PAUSE: Final = 5.0  # seconds between two looks


def status(
    output: Output,
    batch: Batch = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every few seconds, until it is over.")] = False,
    profile: Profile = "",
    form: Format = "",
    as_json: Json = False,
) -> int:
    """Show the state of a batch: counts, the longest running datasets, failures by their cause.

    It is told from the files of the batch and the messages in the output, during a run and after it, from anywhere.
    The status of the command is 0 if every dataset is done, else 1.
    """
    from caldp.batches.outputs import follow
    from caldp.domain.tables.results import table_of
    from caldp.views.batch import status_json, status_text

    chosen = chosen_format(form, as_json=as_json)
    followed = follow(output, batch, profile=profile)
    while True:
        found = followed.status()
        say_result(chosen, partial(status_text, found), partial(status_json, found), partial(table_of, found))
        if not watch or found.driver is None:
            return 0 if found.is_done else 1
        time.sleep(_PAUSE)
