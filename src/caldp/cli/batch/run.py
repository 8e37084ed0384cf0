"""``caldp batch run``: the datasets of a manifest."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from caldp.cli.batch.options import EngineName, Jobs, Json, MaxRetries, Memory, SubmitOption, memory_mib
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
from caldp.cli.text import examples

if TYPE_CHECKING:
    from caldp.batches.manifest import Manifest

EXAMPLES = examples(
    "caldp batch run datasets.txt inputs outputs",
    "caldp batch run j8cb010b0 ldfd01010 astroquery: outputs --profile offsite",
    "caldp batch run --all inputs outputs --dry-run",
    "grep ^j8cb list.txt | caldp batch run - inputs s3://my-bucket/batch-22",
)


SUBMIT: Final = "submit"
SUBMIT_EXAMPLES: Final = examples("caldp batch submit datasets.txt inputs outputs --engine slurm")
SUBMIT_HELP: Final = """Submit the datasets of a manifest that are not done to a cluster, and return at once.

Takes what "caldp batch run" takes. Follow the batch with "caldp batch status". "caldp batch run" with the same words
and the same engine takes it over: it waits for the jobs, and runs those again that deserve it.
"""


def run(
    invocation: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="MANIFEST INPUT OUTPUT",
            help="Names of datasets, a file of them, or - for standard input; locations of inputs and of products.",
        ),
    ],
    everything: Annotated[bool, typer.Option("--all", help="Take every dataset of INPUT, without a manifest.")] = False,
    profile: ProfileOfRun = "",
    engine: EngineName = "local",
    submit_option: SubmitOption = None,
    jobs: Jobs = None,
    memory: Memory = None,
    max_retries: MaxRetries = None,
    redo: Annotated[
        str,
        typer.Option(
            help="failed: what is not processed by this request; changed: compare engines and inputs too; "
            "stale: what caldp stale does not call current; all."
        ),
    ] = "failed",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be run, and run nothing.")] = False,
    context: Context = None,
    override: Override = None,
    switches: Switches = None,
    members: Members = None,
    reads: Reads = None,
    table_values: TableValues = None,
    drizzle: Drizzle = None,
    astrometry: Astrometry = None,
    layout: LayoutName = None,
    keep_work: KeepWork = False,
    timeout: Timeout = None,
    as_json: Json = False,
) -> int:
    """Process the datasets of a manifest, each in a process of its own, as many at once as cores and memory allow.

    A manifest has a name a line, or is a table (CSV, ECSV) with a column dataset, which may have the columns input and
    those of settings. Mistakes are reported all at once, before anything runs. A dataset that is processed by the same
    request is left alone: repeat the command to resume. The first Ctrl-C or SIGTERM lets running datasets end, the
    second ends them.

    The status is 0 if every dataset is done, 1 if one failed, 2 for a bad manifest, 130 or 143 if stopped.
    """
    from caldp.batches.engines import Engine
    from caldp.batches.run import prepare
    from caldp.cli.batch.show import show_plan, show_run
    from caldp.cli.blas import without_blas_threads

    limit, chosen = memory_mib(memory), Engine(engine, tuple(submit_option or ()))
    only_submit = invocation.info_name == SUBMIT
    if only_submit:
        chosen.require_cluster()
    manifest, source, target = _parted(words, everything=everything)
    environment = without_blas_threads()
    settings = settings_given(
        context=context, override=override, switches=switches, members=members, reads=reads,
        table_values=table_values, drizzle=drizzle, astrometry=astrometry, layout=layout,
        timeout=timeout, keep_work=keep_work,
    )  # fmt: skip
    prepared = prepare(
        manifest, source, target, profile=profile, overrides=settings, environment=environment,
        max_retries=max_retries, redo=redo, engine=chosen, is_dry=dry_run,
    )  # fmt: skip
    if dry_run:
        return show_plan(prepared, as_json=as_json)
    return show_run(prepared, chosen, jobs=jobs, memory_mib=limit, as_json=as_json, only_submit=only_submit)


def _parted(words: Sequence[str], *, everything: bool) -> tuple[Manifest, str, str]:
    """Part the words of the command into manifest, input and output."""
    from caldp.batches.manifest import Manifest, read
    from caldp.domain.batch.manifest import read_manifest
    from caldp.domain.errors import UsageError
    from caldp.domain.hst.dataset import is_dataset_name

    *names, source, target = words if len(words) > 1 else ("", "")
    if everything and not names and source:
        return Manifest("The input"), source, target
    if not names or everything:
        raise UsageError(
            f"{' '.join(words)[:200]!r} is not {'' if everything else 'MANIFEST '}INPUT OUTPUT.",
            advice="For example: caldp batch run datasets.txt inputs outputs, or caldp batch run --all inputs outputs.",
        )
    if names == ["-"]:
        return Manifest("Standard input", read_manifest(sys.stdin.read())), source, target
    if len(names) == 1 and (Path(names[0]).is_file() or not is_dataset_name(names[0])):
        return read(names[0]), source, target
    return read(names), source, target
