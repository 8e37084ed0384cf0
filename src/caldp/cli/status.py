"""``caldp status``: state of the datasets of an output."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from caldp.cli.text import examples, say
from caldp.views.columns import columns

if TYPE_CHECKING:
    from caldp.domain.output.survey import DatasetStatus

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
    """Show the state of the datasets of an output, and what there is of each.

    A state is what the last message says: processing, processed, error, synced, archived, or in CALCLOUD's layout
    any of its messages. Lost is a dataset whose run has not been heard of for longer than its claim holds. Beside it
    stand who is at work, and what became of a last attempt that failed. Names are read, and only where a run is at work
    or has failed a small file: thousands of datasets take seconds.
    """
    from caldp.api import survey

    found = survey(output, datasets or (), profile=profile)
    shown = [one for one in found if state is None or one.state == state]
    say(_json_text(shown) if as_json else _table(shown))
    return 0


def _table(statuses: Sequence[DatasetStatus]) -> str:
    from caldp.domain.output.survey import count_states
    from caldp.views.summary import size_text

    rows = [
        (
            one.name, one.state, str(one.products), size_text(one.product_bytes), str(one.previews), str(one.logs),
            one.remark,
        )
        for one in statuses
    ]  # fmt: skip
    counts = ", ".join(f"{number} {state}" for state, number in count_states(statuses).items())
    table = columns(rows, ("DATASET", "STATE", "PRODUCTS", "SIZE", "PREVIEWS", "LOGS", ""))
    return f"{table}\n{len(statuses)} dataset{'' if len(statuses) == 1 else 's'}" + (f": {counts}" if counts else "")


def _json_text(statuses: Sequence[DatasetStatus]) -> str:
    import attrs

    return json.dumps([attrs.asdict(one) | {"remark": one.remark} for one in statuses], indent=2)
