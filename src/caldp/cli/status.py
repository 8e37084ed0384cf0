"""``caldp status``: state of the datasets of an output."""

from __future__ import annotations

from typing import Annotated

import typer

from caldp.cli.text import examples, say

EXAMPLES = examples(
    "caldp status file:outputs",
    "caldp status s3://my-bucket/batch-22 --state error",
    "caldp status file:outputs j8cb010b0 ldfd01010 --json",
)


def status(
    output: Annotated[str, typer.Argument(help="file:PATH or s3://bucket/prefix, in either layout.")] = "file:.",
    datasets: Annotated[list[str] | None, typer.Argument(metavar="[DATASET]...", help="Default: all.")] = None,
    state: Annotated[str | None, typer.Option(help="Only datasets in this state, such as error.")] = None,
    profile: Annotated[str, typer.Option(help="Profile that says how S3 is reached.")] = "onsite",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Show the state of the datasets of an output, with the numbers of files of each.

    A state is that of the last message: processing, processed, error, synced, archived, or in CALCLOUD's layout
    any of its messages. Lost is a dataset whose run has not renewed its claim in time. The run at work and the last
    failed attempt are shown beside the state. Listing an output reads names only, and a small file of each dataset that
    is being processed or has failed, so that thousands of datasets take seconds.
    """
    from caldp.api import survey
    from caldp.views.survey import statuses_json, statuses_text

    found = survey(output, datasets or (), profile=profile)
    shown = [one for one in found if state is None or one.state == state]
    say(statuses_json(shown) if as_json else statuses_text(shown))
    return 0
