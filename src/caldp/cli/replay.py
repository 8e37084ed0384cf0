"""``caldp replay``: a locked run repeated, with a verdict on each product."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caldp.cli.run_options import KeepWork, LayoutName, Override, ProfileOfRun, Timeout, settings_given
from caldp.cli.run_view import Format, LogFormat, Quiet, Verbose, rendering, verbosity_of
from caldp.cli.text import examples, say

if TYPE_CHECKING:
    from caldp.domain.lock.judgement import Replay

EXAMPLES = examples(
    "caldp replay ldfd01010.lock.json inputs again",
    "caldp replay ldfd01010.lock.json inputs again --against outputs --verify tolerance --rtol 1e-6",
    "caldp replay ldfd01010.lock.json astroquery: none --profile offsite",
)


def replay(
    invocation: typer.Context,
    lock: Annotated[Path, typer.Argument(help="A lock that caldp lock has written.")],
    input: Annotated[str, typer.Argument(help="A directory, astroquery: or s3://bucket/prefix.")],  # noqa: A002
    output: Annotated[str, typer.Argument(help="A directory, s3://bucket/prefix or none.")],
    verify: Annotated[str, typer.Option(help="Agreement that is asked for: exact or tolerance.")] = "exact",
    rtol: Annotated[float, typer.Option(help="Difference that values may have, relative to the replay's.")] = 1e-7,
    atol: Annotated[float, typer.Option(help="Difference that values may have, in their unit.")] = 0.0,
    against: Annotated[
        str, typer.Option(help="Output or directory with the locked run's products: tells how much differs.")
    ] = "",
    profile: ProfileOfRun = "",
    override: Override = None,
    layout: LayoutName = None,
    work_dir: Annotated[str | None, typer.Option(help="Scratch directory of this run: new or empty.")] = None,
    keep_work: KeepWork = False,
    timeout: Timeout = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
    log_format: Format = LogFormat.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts and the record as JSON.")] = False,
) -> int:
    """Repeat a locked run, and say of each product whether it came out the same.

    Inputs and references must have the lock's contents, which is found out before an engine starts; no context is
    looked up. The verdicts are EXACT, WITHIN the tolerance, DIFFERENT, or NOT-COMPARABLE if another build of an engine
    made the product. The status is that of the run, or 1 if a product does not agree as was asked for.
    """
    named = settings_given(override=override, layout=layout, timeout=timeout, keep_work=keep_work, work_dir=work_dir)
    verbosity = verbosity_of(verbose=verbose, quiet=quiet, debug=bool(invocation.obj))
    from caldp.cli.blas import without_blas_threads
    from caldp.cli.interrupts import raising_interrupts
    from caldp.reproduction.replay import replay as repeat

    environment = without_blas_threads()
    with raising_interrupts(), rendering(log_format, verbosity) as listener:
        found = repeat(
            lock, input, output,
            verify=verify, rtol=rtol, atol=atol, against=against, profile=profile, overrides=named,
            environment=environment, listener=listener,
        )  # fmt: skip
    return say_replay(found, as_json=as_json)


def say_replay(found: Replay, *, as_json: bool) -> int:
    """Print the result of a replay, with the failures of its run, and return its status."""
    from caldp.views.replay import replay_json, replay_text
    from caldp.views.summary import summary

    if not found.outcome.ok:
        say(summary(found.outcome, None), err=True)
    say(replay_json(found) if as_json else replay_text(found))
    return int(found.status)
