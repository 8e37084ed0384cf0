"""Runs of batches: read, checked, and driven from this process."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from attrs import evolve

from caldp.api import Place, make_request
from caldp.app.batch.inputs import Inputs
from caldp.app.batch.past import read_past
from caldp.app.batch.plan import BatchOptions
from caldp.app.batch.run_batch import RunBatch
from caldp.app.layouts import LAYOUTS
from caldp.app.process.identity import make_identity
from caldp.batches.engines import HERE, Engine
from caldp.batches.jobs import with_credentials
from caldp.batches.manifest import Manifest, entries_of, read
from caldp.batches.outputs import find_batch, make_files
from caldp.batches.prepared import PreparedBatch
from caldp.batches.present import engine_versions, operational_context
from caldp.batches.staleness import Staleness
from caldp.domain.batch.done import Redo, Situation
from caldp.domain.batch.estimate import Past
from caldp.domain.batch.files import BatchHead, batch_id, request_of
from caldp.domain.batch.job import Limits
from caldp.domain.batch.manifest import Entry, Reading
from caldp.domain.batch.outcome import BatchOutcome
from caldp.domain.errors import UsageError
from caldp.domain.output.location import parse_input
from caldp.domain.run.request import RunRequest
from caldp.domain.run.setting_values import Value
from caldp.domain.run.settings import Settings
from caldp.profiles import environment_under, resolve_settings

if TYPE_CHECKING:
    from caldp.adapters.launchers.warm_jobs import WarmJobs
    from caldp.app.batch.files import BatchFiles
    from caldp.domain.batch.events import BatchListener
    from caldp.domain.output.layout import Layout


def batch(
    datasets: str | PurePath | Iterable[str],
    input: Place,  # noqa: A002  it is what the command's argument is called
    output: Place,
    *,
    profile: str = "",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
    jobs: int | None = None,
    memory_mib: int | None = None,
    max_retries: int | None = None,
    redo: str = "failed",
    engine: str = "local",
    engine_options: Sequence[str] = (),
    listener: BatchListener | None = None,
) -> BatchOutcome:
    """Process many datasets; those that are done already are left alone.

    Parameters
    ----------
    datasets
        Names; or the path of a manifest: names, one a line, or a table with the column ``dataset``.
    input, output
        As for `caldp.process`; the output must not be ``none``.
    profile, overrides, environment
        As for `caldp.make_request`.
    jobs
        Number of datasets at the same time; None for one a core, or as many as the cluster runs.
    memory_mib
        Memory that they may use together on this machine, MiB; None for 90 % of what it or its control group has. On
        a cluster the greatest memory of one of them; None for the last size of the ladder.
    max_retries
        Number of further attempts after a failure that is neither a lack of memory nor a usage error; None for two
        after failures of servers and none after others.
    redo
        ``failed`` to run what is not processed by this request, ``changed`` to compare engines and inputs too,
        ``stale`` to run what is not processed, or not proven to be current (see `caldp.stale`), ``all`` to run
        everything.
    engine
        ``local`` for child processes of this machine, ``slurm`` and ``aws-batch`` for arrays of these, ``parsl`` for
        what Parsl reaches.
    engine_options
        Options for the submission of jobs, as ``--submit-option`` has them.
    listener
        Callback for events of the batch. Must not raise.

    Returns
    -------
    BatchOutcome
        State of each dataset, failures by their cause. A batch with failures returns too.

    Raises
    ------
    UsageError
        If a name, location or setting cannot be understood. All mistakes of a manifest are in one message.
    BatchTaken
        If another process runs the same batch.
    PublishError
        If the output cannot be read or written.
    """
    chosen = Engine(engine, tuple(engine_options))
    prepared = prepare(
        read(datasets), input, output, profile=profile, overrides=overrides, environment=environment,
        max_retries=max_retries, redo=redo, engine=chosen,
    )  # fmt: skip
    return prepared.run(chosen, jobs=jobs, memory_mib=memory_mib, listener=listener)


def prepare(
    manifest: Manifest,
    input: Place,  # noqa: A002
    output: Place,
    *,
    profile: str = "",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
    max_retries: int | None = None,
    redo: str = "failed",
    engine: Engine = HERE,
    is_dry: bool = False,
) -> PreparedBatch:
    """Read and check a batch, make its files, and find out what is to run.

    Parameters
    ----------
    manifest
        Its datasets.
    input, output, profile, overrides, environment, max_retries, redo, engine
        As for `batch`, which says what is raised, too.
    is_dry
        True to write nothing.
    """
    options = BatchOptions(_redo(redo), Limits(retries=max_retries))
    environment = dict(os.environ if environment is None else environment)
    environ = environment_under(profile, environment)
    inputs = _inputs(resolve_settings(profile, overrides or {}, environ).settings, environ)
    entries = entries_of(manifest, input, inputs)
    common = make_request(entries[0].dataset, input, output, profile=profile, overrides=overrides, environment=environ)
    _refuse_common(common, environ)
    engine.check(common)
    if not common.settings.exposures_at_once:  # cores and memory are shared by datasets already
        common = evolve(common, settings=evolve(common.settings, exposures_at_once=1))
    inputs.check(manifest.reading or Reading(), entries, common).refuse(manifest.name)
    files, layout = make_files(common, environ)
    head = BatchHead(batch_id(common, entries), "", common.to_plain(), len(entries), _version(), engine.name)
    if not is_dry:
        head = files.create(head, entries)
    is_here = engine.is_here and not is_dry
    return _prepared(files, layout, common, head, entries, inputs, options, environ, is_here=is_here)


def reopen(
    output: Place,
    batch: str | None = None,
    *,
    profile: str = "",
    environment: Mapping[str, str] | None = None,
    only: Iterable[int] | None = None,
    max_retries: int | None = None,
    engine: Engine = HERE,
) -> PreparedBatch:
    """Open a batch again, to run the datasets of it that failed.

    Parameters
    ----------
    output, batch, profile, environment
        As for `caldp.batches.outputs.batch_status`, which says what is raised, too.
    only
        Exit statuses; of the datasets that failed only those with one of them run again. None for all.
    max_retries, engine
        As for `batch`.
    """
    environ = environment_under(profile, dict(os.environ if environment is None else environment))
    files, head, common = find_batch(output, batch, profile, environ)
    common = with_credentials(common, environ)
    options = BatchOptions(
        limits=Limits(retries=max_retries), only=None if only is None else frozenset(only), failed_only=True
    )
    inputs = _inputs(common.settings, environ)
    layout = LAYOUTS[common.settings.layout]
    entries = files.entries(head)
    return _prepared(files, layout, common, head, entries, inputs, options, environ, is_here=engine.is_here)


def _prepared(
    files: BatchFiles,
    layout: Layout,
    common: RunRequest,
    head: BatchHead,
    entries: Sequence[Entry],
    inputs: Inputs,
    options: BatchOptions,
    environ: Mapping[str, str],
    *,
    is_here: bool,
) -> PreparedBatch:
    """Find out what is to run; with several datasets, jobs of this machine begin to import what they need."""
    from caldp.factories import make_warm_jobs

    versions, context = engine_versions(environ), operational_context(common.settings)

    def situation(entry: Entry) -> Situation:
        own = request_of(common, entry).settings
        is_named = own.crds_context or own.context_from_output or common.source.is_simulated
        return Situation(versions(), "" if is_named else context(), inputs.sizes(entry, common))

    @cache
    def past() -> Past:
        return read_past(files.store, layout)

    staleness = Staleness(files.store, layout, common, environ)
    use_case = RunBatch(
        files, layout, common, head, entries, make_identity(environ), files.store.locate("").rstrip("/"),
        situation, lambda entry: inputs.estimate(entry, common, past()), staleness,
    )  # fmt: skip
    with closing(staleness), ExitStack() as undone:
        warm: WarmJobs | None = None

        def ahead() -> None:
            nonlocal warm
            warm = make_warm_jobs(environ, common.settings, uses_s3=bool(common.source.bucket or common.target.bucket))
            if warm is not None:
                undone.callback(warm.close)

        plan = use_case.plan(options, ahead if is_here else lambda: None)
        undone.pop_all()
        return PreparedBatch(use_case, plan, options, environ, warm)


def _inputs(settings: Settings, environ: Mapping[str, str]) -> Inputs:
    from caldp.factories import make_listing

    return Inputs(lambda place: make_listing(parse_input(place), settings, environ))


def _refuse_common(common: RunRequest, environ: Mapping[str, str]) -> None:
    """Refuse settings that the jobs of a batch cannot have in common."""
    if common.settings.work_dir:
        raise UsageError(
            "Datasets of a batch cannot share one scratch directory (work_dir).",
            advice="Set CALDP_HOME: each dataset gets a directory of its own there.",
        )
    written = with_credentials(RunRequest.from_plain(common.to_plain()), environ).settings
    if written != common.settings:
        raise UsageError(
            "A setting holds a credential, which is not written into the files of a batch.",
            advice="Give it by the environment or in a profile of your own, wherever jobs run.",
        )


def _redo(word: str) -> Redo:
    try:
        return Redo(word)
    except ValueError:
        raise UsageError(f"{word[:80]!r} is no choice for redo.", advice=f"It is {', '.join(Redo)}.") from None


def _version() -> str:
    import caldp

    return caldp.__version__
