"""``caldp process``: a whole run of one dataset."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from caldp.cli.run_options import (
    Astrometry,
    Context,
    Drizzle,
    KeepWork,
    LayoutName,
    Members,
    Override,
    ProfileOfRun,
    Reads,
    Switches,
    TableValues,
    Timeout,
    settings_given,
)
from caldp.cli.run_view import Format, LogFormat, Quiet, Verbose, rendering, verbosity_of
from caldp.cli.streams import width_of
from caldp.cli.text import examples, say

if TYPE_CHECKING:
    from caldp.domain.run.outcome import Outcome
    from caldp.domain.run.request import RunRequest
    from caldp.views.verbosity import Verbosity

EXAMPLES = examples(
    "caldp process ldfd01010",
    "caldp process ldfd01010 inputs outputs",
    "caldp process j8cb010b0 astroquery: outputs --profile offsite",
    "caldp process ldfd01010 inputs s3://my-bucket/batch-22",
    "caldp process ldfd01010 inputs none --dry-run",
)


def process(
    invocation: typer.Context,
    dataset: Annotated[str, typer.Argument(help="Association, exposure, visit or sky cell, such as j8cb010b0.")],
    input: Annotated[  # noqa: A002  it is what the argument is called
        str | None, typer.Argument(help="A directory, astroquery: or s3://bucket/prefix; default: the profile's, here.")
    ] = None,
    output: Annotated[
        str | None, typer.Argument(help="A directory, s3://bucket/prefix or none; default: the profile's, here.")
    ] = None,
    profile: ProfileOfRun = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do none of it.")] = False,
    context: Context = None,
    override: Override = None,
    switches: Switches = None,
    members: Members = None,
    reads: Reads = None,
    table_values: TableValues = None,
    drizzle: Drizzle = None,
    astrometry: Astrometry = None,
    layout: LayoutName = None,
    work_dir: Annotated[str | None, typer.Option(help="Scratch directory of this run: new or empty.")] = None,
    keep_work: KeepWork = False,
    timeout: Timeout = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
    log_format: Format = LogFormat.TEXT,
    has_report: Annotated[bool, typer.Option("--report", help="Write DATASET.html, a page about the run.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON on standard output.")] = False,
) -> int:
    """Process a dataset: fetch, assign references, calibrate, preview, publish.

    The status is 0 if the dataset was processed and all that belongs to it is in place; "caldp explain" says what
    other statuses mean. Messages go to standard error: on a terminal as a live view, else line by line.
    """
    named = settings_given(
        context=context, override=override, switches=switches, members=members, reads=reads,
        table_values=table_values, drizzle=drizzle, astrometry=astrometry, layout=layout,
        timeout=timeout, keep_work=keep_work, work_dir=work_dir,
    )  # fmt: skip
    verbosity = verbosity_of(verbose=verbose, quiet=quiet, debug=bool(invocation.obj))
    from caldp.api import make_request
    from caldp.cli.blas import without_blas_threads
    from caldp.profiles import environment_under

    environment = without_blas_threads()
    request = make_request(dataset, input, output, profile=profile, overrides=named, environment=environment)
    environment = environment_under(profile, environment)
    if dry_run:
        return _plan(request, environment, as_json=as_json)
    status = _process(request, environment, log_format=log_format, verbosity=verbosity, as_json=as_json)
    if has_report:
        _write_report(request, profile)
    return status


def _write_report(request: RunRequest, profile: str) -> None:
    """Write the page about a run; that it cannot be written does not change what the run is worth."""
    from caldp.cli.report import write_page
    from caldp.domain.errors import CaldpError

    try:
        path = write_page(str(request.target), str(request.dataset), None, profile)
    except CaldpError as error:
        say(f"caldp: There is no report: {error.message}", err=True)
    else:
        say(f"caldp: The report is {path}.", err=True)


def _process(
    request: RunRequest,
    environment: Mapping[str, str],
    *,
    log_format: LogFormat,
    verbosity: Verbosity,
    as_json: bool,
) -> int:
    from caldp.api import process
    from caldp.cli.interrupts import raising_interrupts
    from caldp.views.summary import summary
    from caldp.views.verbosity import Verbosity

    with raising_interrupts(), rendering(log_format, verbosity) as listener:
        outcome = process(request, environment=environment, listener=listener)
    if as_json:
        _say_outcome(outcome)
    elif verbosity is not Verbosity.QUIET and log_format is LogFormat.TEXT:
        say(summary(outcome, width_of(sys.stderr)), err=True)
    return int(outcome.status)


def _say_outcome(outcome: Outcome) -> None:
    """Print an outcome as JSON; that nobody reads it does not change what the run is worth."""
    from caldp.domain.errors import CaldpError
    from caldp.views.json import outcome_json

    try:
        say(outcome_json(outcome))
    except BrokenPipeError:
        pass
    except CaldpError as error:
        if outcome.ok:
            raise
        say(f"caldp: {error.message}", err=True)


def _plan(request: RunRequest, environment: Mapping[str, str], *, as_json: bool) -> int:
    """Show the plan of a run."""
    from attrs import evolve

    from caldp.api import plan
    from caldp.domain.run.plan import effects
    from caldp.views.plan import plan_json, plan_text

    found = plan(request, environment=environment)
    changes: tuple[str, ...] = ()
    if request.settings.wishes:
        usual = evolve(request, settings=request.settings.without_wishes)
        changes = effects(found, plan(usual, environment=environment))
    say(plan_json(found, changes) if as_json else plan_text(found, changes))
    for number, obstacle in enumerate(found.obstacles):
        lead = f"caldp: A run would end with status {int(found.status)}" if number == 0 else "caldp: Besides"
        say(f"{lead}: {obstacle.message}\n       {obstacle.advice}", err=True)
    return int(found.status)
