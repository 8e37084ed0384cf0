"""``caldp show``: the record of a dataset, for people."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from caldp.cli.formats import Format, Json, chosen_format, say_result
from caldp.cli.streams import width_of
from caldp.cli.text import examples

EXAMPLES = examples(
    "caldp show ldfd01010 outputs",
    "caldp show j8cb010b0 s3://my-bucket/batch-22 --format csv",
)


def show(
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    output: Annotated[str, typer.Argument(help="file:PATH or s3://bucket/prefix, in either layout.")] = "file:.",
    profile: Annotated[str, typer.Option(help="Profile that says how S3 is reached.")] = "",
    form: Format = "",
    as_json: Json = False,
) -> int:
    """Show the record of a dataset: observation, products, switches, references, engines, times, pictures.

    As CSV or ECSV it is the list of its files: inputs, products, previews and references, with sizes and digests.
    """
    from caldp.api import show as look
    from caldp.domain.tables.results import FILES
    from caldp.views.show import show_json, show_text

    chosen = chosen_format(form, as_json=as_json)
    shown = look(dataset, output, profile=profile)
    records = [] if shown.record is None else [shown.record]
    say_result(
        chosen,
        lambda: show_text(shown, width_of(sys.stdout)),
        lambda: show_json(shown),
        lambda: FILES.table(records),
    )
    return 0
