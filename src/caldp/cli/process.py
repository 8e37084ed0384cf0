"""``caldp process``: one dataset, the whole way."""

from __future__ import annotations

from typing import Annotated

import typer


def process(
    dataset: Annotated[str, typer.Argument(help="Association, exposure, visit or sky cell, such as j8cb010b0.")],
    input: Annotated[  # noqa: A002  it is what the argument is called
        str | None, typer.Argument(help="file:PATH, astroquery: or s3://bucket/prefix; default file:.")
    ] = None,
    output: Annotated[str | None, typer.Argument(help="file:PATH, s3://bucket/prefix or none; default file:.")] = None,
    profile: Annotated[str, typer.Option(help="onsite, offsite or aws.")] = "onsite",
    context: Annotated[str | None, typer.Option(help="CRDS context, such as hst_0729.pmap.")] = None,
    keep_work: Annotated[bool, typer.Option("--keep-work", help="Keep the scratch directory.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Tell warnings and errors only.")] = False,
) -> int:
    """Fetch a dataset's inputs, assign references, calibrate, and publish the products."""
    from caldp.api import process as process_dataset
    from caldp.cli.interrupts import raising_interrupts
    from caldp.cli.render_plain import PlainRenderer, summary

    overrides: dict[str, str | bool] = {}
    if context is not None:
        overrides["crds_context"] = context
    if keep_work:
        overrides["keep_work"] = True
    with raising_interrupts():
        outcome = process_dataset(
            dataset, input, output, profile=profile, overrides=overrides, listener=PlainRenderer(quiet=quiet)
        )
    typer.echo(summary(outcome), err=True)
    return int(outcome.status)
