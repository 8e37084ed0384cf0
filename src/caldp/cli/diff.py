"""``caldp diff``: two outputs compared, causes first."""

from __future__ import annotations

from typing import Annotated

import typer

from caldp.cli.formats import Format, Json, chosen_format, say_result
from caldp.cli.text import examples

EXAMPLES = examples(
    "caldp diff before after",
    "caldp diff before after ldfd01010 --rtol 1e-5",
    "caldp diff s3://my-bucket/batch-22 batch-22 --json",
    "caldp diff astroquery: outputs ldfd01010",
    "caldp diff before/data/cos/ldfd01010/logs/record.json after/data/cos/ldfd01010",
)
_PLACE = "An output, a directory of FITS files, a FITS file, a tarball, a record.json, or astroquery: for MAST's."


def diff(
    a: Annotated[str, typer.Argument(help=_PLACE)],
    b: Annotated[str, typer.Argument(help="Another of these.")],
    dataset: Annotated[str, typer.Argument(help="Dataset to compare; default: all that are in both.")] = "",
    rtol: Annotated[float, typer.Option(help="Difference that values may have, relative to B.")] = 1e-7,
    atol: Annotated[float, typer.Option(help="Difference that values may have, in their unit.")] = 0.0,
    read: Annotated[bool, typer.Option("--read", help="Read all files, and do not go by records' digests.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 unless all data agree within the tolerance.")
    ] = False,
    profile: Annotated[str, typer.Option(help="Profile that says how S3 is reached.")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell which files are read.")] = False,
    form: Format = "",
    as_json: Json = False,
) -> int:
    """Compare two outputs: what differs between the runs, and what differs between their products.

    First come the differences of inputs, context, references, engines, switches and settings, by the runs' records.
    Then come the products, HDU by HDU: how many values differ, by how much and where, data quality flags gained and
    lost, header cards. Identical data are told from the records' digests, without opening a file. The status is 0
    whatever differs, unless --exit-code is given.
    """
    from caldp.cli.blas import without_blas_threads
    from caldp.cli.interrupts import raising_interrupts
    from caldp.cli.lines import LineRenderer
    from caldp.domain.exit_codes import ExitCode
    from caldp.domain.run.events import log_line
    from caldp.domain.tables.results import table_of
    from caldp.reproduction.diff import diff as compare
    from caldp.views.comparison import comparison_json, comparison_text
    from caldp.views.verbosity import Verbosity

    chosen = chosen_format(form, as_json=as_json)
    environment = without_blas_threads()
    show = LineRenderer(log_line, Verbosity.VERBOSE if verbose else Verbosity.QUIET)
    with raising_interrupts():
        found = compare(
            a, b, dataset,
            rtol=rtol, atol=atol, reads_all=read, profile=profile, environment=environment, listener=show,
        )  # fmt: skip
    say_result(chosen, lambda: comparison_text(found), lambda: comparison_json(found), lambda: table_of(found))
    return ExitCode.GENERIC_ERROR if exit_code and not found.agreement.is_good else ExitCode.SUCCESS
