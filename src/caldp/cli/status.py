"""``caldp status``: state of the datasets of an output."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from caldp.cli.completion import complete_state
from caldp.cli.formats import Format, Json, chosen_format, say_result
from caldp.cli.streams import width_of
from caldp.cli.text import examples

EXAMPLES = examples(
    "caldp status file:outputs",
    "caldp status s3://my-bucket/batch-22 --state error",
    "caldp status file:outputs j8cb010b0 ldfd01010 --json",
    "caldp status file:outputs --format ecsv > states.ecsv",
)


def status(
    output: Annotated[str, typer.Argument(help="file:PATH or s3://bucket/prefix, in either layout.")] = "file:.",
    datasets: Annotated[list[str] | None, typer.Argument(metavar="[DATASET]...", help="Default: all.")] = None,
    state: Annotated[
        str, typer.Option(help="Only datasets in this state, such as error.", autocompletion=complete_state)
    ] = "",
    profile: Annotated[str, typer.Option(help="Profile that says how S3 is reached.")] = "",
    form: Format = "",
    as_json: Json = False,
) -> int:
    """Show the state of the datasets of an output, with the numbers of files of each.

    A state is that of the last message: processing, processed, error, synced, archived, or in CALCLOUD's layout
    any of its messages. Lost is a dataset whose run has not renewed its claim in time. The run at work and the last
    failed attempt are shown beside the state. Listing an output reads names only, and a small file of each dataset that
    is being processed or has failed, so that thousands of datasets take seconds.
    """
    from caldp.api import survey
    from caldp.domain.tables.results import STATUSES
    from caldp.views.survey import statuses_json, statuses_text

    chosen = chosen_format(form, as_json=as_json)
    found = survey(output, datasets or (), state=state, profile=profile)
    say_result(
        chosen,
        lambda: statuses_text(found, width_of(sys.stdout)),
        lambda: statuses_json(found),
        lambda: STATUSES.table(found),
    )
    return 0
