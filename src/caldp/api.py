"""The library's face: functions that a program, or a command, calls.

The container is imported by the functions that run or plan: its library takes longer to load than the others take.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from caldp.app.ports.listener import Listener
from caldp.app.process.guard import inject_own
from caldp.calcloud.implied_layout import implied_settings
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.location import OutputLocation, parse_input, parse_output
from caldp.domain.run.outcome import Outcome
from caldp.domain.run.plan import RunPlan
from caldp.domain.run.quoting import quoted
from caldp.domain.run.request import RunRequest
from caldp.domain.run.setting_values import Value
from caldp.domain.run.settings import Settings
from caldp.profiles import environment_under, resolve_settings

if TYPE_CHECKING:
    from astropy.table import Table

    from caldp.app.ports.object_store import ObjectStore
    from caldp.app.report.gather import GatherReport
    from caldp.domain.calibration.switches import SwitchStates
    from caldp.domain.output.shown import ShownDataset
    from caldp.domain.output.survey import DatasetStatus
    from caldp.domain.output.sync import SyncedDataset
    from caldp.domain.run.health import Finding
    from caldp.domain.run.leftovers import Cleaned
    from caldp.domain.stale.findings import DatasetFinding
    from caldp.domain.tables.results import Result

Place = str | PurePath
"""A location as a caller writes it."""


def make_request(
    dataset: str,
    input: Place | None = None,  # noqa: A002  it is what the command's argument is called
    output: Place | None = None,
    *,
    profile: str = "",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
) -> RunRequest:
    """Make the request of a run. Settings are resolved here, once, and paths made absolute.

    Parameters
    ----------
    dataset
        Its name, in any case, such as ``ldfd01010``.
    input
        Location of its inputs: a directory or tarball, as a path or as ``file:PATH``; ``astroquery:``; or
        ``s3://bucket/prefix``.
    output
        Location of its products: a directory, as a path or as ``file:PATH``; ``s3://bucket/prefix``; or ``none``.
    profile
        Name of a profile (``onsite``, ``offsite``, ``aws``, or one of your own), or path of a TOML file or of a
        configuration script, which is run in a shell. Empty for the usual one: ``onsite`` where ``/grp/crds`` is or
        CRDS_PATH names a cache without a server, else ``offsite``.
    overrides
        Settings that win over environment and profile, by name; see `caldp.domain.run.settings.Settings`.
    environment
        Environment variables to go by instead of this process's.

    Raises
    ------
    UsageError
        If the name, a location or a setting cannot be understood.
    CacheIncomplete
        If the overrides name a context that a cache used without a server does not have.
    """
    environ = os.environ if environment is None else environment
    resolved = resolve_settings(profile, overrides or {}, environ)
    settings = resolved.settings
    inject_own(ExitCode.CMDLINE_ERROR, settings.simulate_error)
    name = DatasetName.given(dataset)
    source = parse_input(settings.input if input is None else input).absolute(_absolute)
    target = parse_output(settings.output if output is None else output).absolute(_absolute)
    settings = resolved.implying(implied_settings(target, name))
    if overrides and overrides.get("crds_context"):
        _check_context(settings)
    if settings.wishes:
        _check_wishes(name, settings)
    if source.is_simulated:
        from caldp.simulation.archive import settings_of_simulation

        settings = settings_of_simulation(settings, source)
    return RunRequest(name, source, target, settings)


def _check_wishes(dataset: AnyDataset, settings: Settings) -> None:
    from caldp.domain.run.wishes import check_wishes
    from caldp.factories import check_drizzle

    check_wishes(dataset, settings)
    if settings.drizzle:
        check_drizzle(settings.drizzle)


def _check_context(settings: Settings) -> None:
    from caldp.factories import require_context

    require_context(settings)


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute())


def process(
    dataset: str | RunRequest,
    input: Place | None = None,  # noqa: A002  it is what the command's argument is called
    output: Place | None = None,
    *,
    profile: str = "",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Outcome:
    """Process a dataset: fetch, assign references, calibrate, preview, publish.

    Never exits, changes directory or environment, or configures logging.

    Parameters
    ----------
    dataset
        Its name, or a whole request. Beside a request only `environment` and `listener` are taken.
    input, output, profile, overrides, environment
        As for `make_request`.
    listener
        Callback for run events. Must be thread-safe; if it raises, it is told no more.

    Returns
    -------
    Outcome
        Status, products, steps, references, and the whole record. A run that fails returns too.

    Raises
    ------
    UsageError
        If the name, a location or a setting cannot be understood.
    WorkDirectoryError
        If there is no place to work in.
    KeyboardInterrupt
        If the run is interrupted; the error message has been published by then.
    TypeError
        If something is given beside a request that is part of it.
    """
    from caldp.container import build_pipeline

    request, environ = _request(dataset, input, output, profile, overrides, environment)
    return build_pipeline(request, environ)(listener)


def plan(
    dataset: str | RunRequest,
    input: Place | None = None,  # noqa: A002  it is what the command's argument is called
    output: Place | None = None,
    *,
    profile: str = "",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> RunPlan:
    """Find out what `process` would do, and do none of it. Nothing is downloaded or published.

    Takes the parameters of `process`.

    Returns
    -------
    RunPlan
        With the obstacles that would fail the run, and the status that it would end with.

    Raises
    ------
    CaldpError
        If there is nothing to be planned: the command, the work directory or the inputs would fail the run.
    """
    from caldp.container import build_planner

    request, environ = _request(dataset, input, output, profile, overrides, environment)
    return build_planner(request, environ)(listener or (lambda _event: None))


def switches(
    dataset: str,
    input: Place | None = None,  # noqa: A002  it is what the command's argument is called
    *,
    profile: str = "",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> tuple[SwitchStates, ...]:
    """List the calibration switches of a dataset, as its raw headers have them, and what turning one on needs.

    Parameters
    ----------
    dataset, input, profile, overrides, environment
        As for `make_request`; the inputs must be on this machine.
    listener
        Callback for events: a warning where there is no CRDS context, so that needs are not known.

    Returns
    -------
    tuple of SwitchStates
        Each switch with its meaning, the exposures by state, and the reference files that it needs beyond theirs.

    Raises
    ------
    UsageError
        If the dataset has no switches, or its inputs are not here.
    CaldpError
        If the inputs cannot be read.
    """
    from caldp.container import build_switch_list

    request, environ = _request(dataset, input, "none", profile, overrides, environment)
    return build_switch_list(request, environ)(listener or (lambda _event: None))


def _request(
    dataset: str | RunRequest,
    input_: Place | None,
    output: Place | None,
    profile: str,
    overrides: Mapping[str, Value] | None,
    environment: Mapping[str, str] | None,
) -> tuple[RunRequest, dict[str, str]]:
    """Return the request that is meant, and the environment to go by, which does not change during the run."""
    environ = dict(os.environ if environment is None else environment)
    if not isinstance(dataset, RunRequest):
        request = make_request(dataset, input_, output, profile=profile, overrides=overrides, environment=environ)
        return request, environment_under(profile, environ)
    if (input_, output, overrides) != (None, None, None):
        raise TypeError("A RunRequest has its own source, target and settings: use attrs.evolve to change them.")
    return dataset, environ


def clean_up(
    directories: Sequence[str] = (),
    *,
    dry_run: bool = False,
    kept: bool = False,
    gone_hosts: Collection[str] = (),
    profile: str = "",
    environment: Mapping[str, str] | None = None,
) -> tuple[Cleaned, ...]:
    """Remove what runs left behind on this machine and no living run owns.

    These are scratch directories of failed and killed runs, links and exchange directories among the system's temporary
    files, and partial files in outputs and CRDS caches. Nothing else is touched, and no symbolic link is followed.

    Parameters
    ----------
    directories
        Places of work, outputs and CRDS caches; by default the profile's ``home``, its output if that is a directory,
        its cache if it may be written, and the system's directory of temporary files.
    dry_run
        Remove nothing.
    kept
        Remove also the scratch directories that were to be kept (``keep_work``).
    gone_hosts
        Names of other hosts on which no run lives any more. Whether one does cannot be seen from here, so their scratch
        directories are left alone otherwise.
    profile
        Name or path of the profile.
    environment
        Environment variables to go by instead of this process's.

    Returns
    -------
    tuple of Cleaned
        Everything found, by path, with what became of it.

    Raises
    ------
    UsageError
        If a directory is none of this machine, or a setting cannot be understood.
    """
    from caldp.adapters.leftovers.directory import DirectoryLeftovers
    from caldp.app.clean.clean_up import CleanUp

    environ = os.environ if environment is None else environment
    places = [_directory(text) for text in directories] or _usual_places(
        resolve_settings(profile, {}, environ).settings
    )
    return CleanUp(DirectoryLeftovers())(places, dry_run=dry_run, kept=kept, gone_hosts=gone_hosts)


def _directory(text: str) -> Path:
    from caldp.domain.errors import UsageError

    path = Path(text.removeprefix("file:")).expanduser()
    if not text or not path.is_dir():
        what = "is not a directory" if path.exists() else "does not exist"
        raise UsageError(
            f"{text!r} {what}.", advice="Name directories of this machine: places of work, outputs, CRDS caches."
        )
    return path


def _usual_places(settings: Settings) -> list[Path]:
    """List the directories in which runs under these settings may leave something."""
    import tempfile

    output = parse_output(settings.output) if settings.output else None
    outputs = [Path(path).expanduser() for path in (output.local_paths if output else ())]
    caches = [] if settings.crds_readonly_cache else [Path(settings.crds_path).expanduser()]
    return [Path(settings.home).expanduser(), *outputs, *caches, Path(tempfile.gettempdir())]


def survey(
    output: str,
    datasets: Sequence[str] = (),
    *,
    state: str = "",
    profile: str = "",
    environment: Mapping[str, str] | None = None,
) -> tuple[DatasetStatus, ...]:
    """Tell the state of the datasets of an output, and how much there is of each.

    Parameters
    ----------
    output
        ``file:PATH`` or ``s3://bucket/prefix``, in either layout.
    datasets
        Names of datasets; none for all that are there.
    state
        State, such as ``error``, of the datasets to list; empty for any.
    profile
        Name or path of the profile that says how S3 is reached.
    environment
        Environment variables to go by instead of this process's.

    Returns
    -------
    tuple of DatasetStatus
        By name.

    Raises
    ------
    UsageError
        If a name, a state, the output or a setting cannot be understood, or the output is ``none``.
    PublishError
        If the output does not exist, is not one of caldp's, or cannot be read.
    """
    from caldp.app.survey.survey_output import check_state, require_output, survey_output

    names = [DatasetName.given(name) for name in datasets]
    if state:
        check_state(state)
    store = _open_output(parse_output(output), profile, environment)
    found = survey_output(store, names)
    if not any(one.is_there for one in found):
        require_output(store)
    return tuple(one for one in found if state in ("", one.state))


def show(
    dataset: str,
    output: Place = "file:.",
    *,
    profile: str = "",
    environment: Mapping[str, str] | None = None,
) -> ShownDataset:
    """Look at one dataset of an output: its state, the record of its run, and the places of its files.

    Parameters
    ----------
    dataset
        Its name.
    output
        A directory or ``s3://bucket/prefix``, in either layout.
    profile, environment
        As for `survey`.

    Raises
    ------
    UsageError
        If the name, the output or a setting cannot be understood, or the output has nothing of the dataset.
    PublishError
        If the output does not exist, is not one of caldp's, or cannot be read.
    """
    from caldp.app.show.show_dataset import show_dataset

    name = DatasetName.given(dataset)
    location = parse_output(output).absolute(_absolute)
    return show_dataset(_open_output(location, profile, environment), name)


def gather_report(
    output: Place = "file:.", *, profile: str = "", environment: Mapping[str, str] | None = None
) -> GatherReport:
    """Open an output to gather what reports on it show.

    Parameters
    ----------
    output
        A directory or ``s3://bucket/prefix``, in either layout.
    profile, environment
        As for `survey`, which says what is raised, too.
    """
    from caldp.app.report.gather import GatherReport
    from caldp.factories import make_product_reader

    location = parse_output(output).absolute(_absolute)
    return GatherReport(_open_output(location, profile, environment), str(output), make_product_reader())


def _open_output(location: OutputLocation, profile: str, environment: Mapping[str, str] | None) -> ObjectStore:
    """Open an output that is to be read."""
    from caldp.domain.errors import UsageError
    from caldp.factories import open_store

    environ = os.environ if environment is None else environment
    settings = resolve_settings(profile, {}, environ).settings
    store = open_store(location, settings, environment_under(profile, environ))
    if store is None:
        raise UsageError(f"{location} holds nothing.", advice="Expected file:PATH or s3://bucket/prefix.")
    return store


def stale(
    places: Place | Sequence[Place],
    datasets: Sequence[str] = (),
    *,
    context: str | None = None,
    profile: str = "",
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Iterator[DatasetFinding]:
    """Find out which datasets a newer context would change, by how much, and why. Nothing is calibrated or downloaded.

    Parameters
    ----------
    places
        An output, ``s3://bucket/prefix`` or a directory, in either layout; or FITS files, tarballs and directories of
        them. One place or several.
    datasets
        Names of datasets; none for all.
    context
        Context to compare with. By default the profile's, else the newest in the cache; under a profile that may ask a
        server the server's.
    profile
        Name or path of the profile, which says where the CRDS cache is and how S3 is reached.
    environment
        Environment variables to go by instead of this process's.
    listener
        Callback for warnings. Must be thread-safe; if it raises, it is told no more.

    Yields
    ------
    DatasetFinding
        One dataset after the other, in the order of their names in each place. Those that cannot be examined are among
        them, with the problem.

    Raises
    ------
    UsageError
        If a name, a place or a setting cannot be understood; at once, before anything is yielded.
    BestrefsError
        If the context or its rules cannot be had.
    InputNotFound
        If there is nothing at a place.
    InvalidInput
        If a file that is named is neither FITS nor a tarball.
    CaldpError
        If an output cannot be read.
    """
    from caldp.app.process.audience import Audience
    from caldp.app.stale.places import search
    from caldp.factories import make_stale_search, newest_context, open_store

    names = [DatasetName.given(name) for name in datasets]
    environ = os.environ if environment is None else environment
    settings, environ = resolve_settings(profile, {}, environ).settings, environment_under(profile, environ)
    several = [places] if isinstance(places, str | PurePath) else list(places)
    locations = [parse_output(place).absolute(_absolute) for place in several]
    chosen = context or settings.crds_context or newest_context(settings)
    found = make_stale_search(settings, environ, chosen, Audience([] if listener is None else [listener]))
    return search(found, locations, names, lambda location: open_store(location, settings, environ))


def sync(
    source: Place,
    directory: Place,
    datasets: Sequence[str] = (),
    *,
    again: bool = False,
    profile: str = "",
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> tuple[SyncedDataset, ...]:
    """Fetch the datasets of an output that are processed and not yet in a directory.

    Each file is compared with the record of the run that published it. A dataset appears in the directory whole or not
    at all, and last of all the message ``dataset-synced/<dataset>`` with the absolute paths of its files. A call that
    was interrupted is taken up by the next. Nothing is written to the source.

    Parameters
    ----------
    source
        ``s3://bucket/prefix`` or ``file:PATH``, in either layout.
    directory
        A path, or ``file:PATH``; it gets the same layout.
    datasets
        Names of datasets; none for all that are processed.
    again
        Fetch also datasets that were removed from the directory since, and those that were processed again after the
        archive had acknowledged them, whose acknowledgement is removed.
    profile
        Name or path of the profile that says how S3 is reached.
    environment
        Environment variables to go by instead of this process's.
    listener
        Callback for notes and transfers. Must be thread-safe; if it raises, it is told no more.

    Returns
    -------
    tuple of SyncedDataset
        By name: what is in the directory now, and what could not be fetched and why.

    Raises
    ------
    UsageError
        If a name, a location or a setting cannot be understood.
    CaldpError
        If the source does not exist or cannot be listed.
    """
    from caldp.app.process.audience import Audience
    from caldp.app.sync.sync_output import SyncOutput
    from caldp.domain.errors import UsageError
    from caldp.factories import make_store, open_store

    names = [DatasetName.given(name) for name in datasets]
    origin = parse_output(source).absolute(_absolute)
    place = parse_output(directory).absolute(_absolute)
    if not place.local_paths or not str(place).isprintable():
        raise UsageError(f"{quoted(str(place))} is not a directory of this machine.", advice="Expected a path.")
    if origin == place:
        raise UsageError(f"{quoted(str(place))} is where the datasets are.", advice="Name another directory.")
    environ = os.environ if environment is None else environment
    settings, environ = resolve_settings(profile, {}, environ).settings, environment_under(profile, environ)
    source_store, target = open_store(origin, settings, environ), make_store(place, settings, environ)
    if source_store is None or target is None:
        raise UsageError(f"{source} holds nothing.", advice="Expected s3://bucket/prefix or file:PATH.")
    return SyncOutput(source_store, target, settings.transfers)(
        names, again=again, tell=Audience([] if listener is None else [listener])
    )


def examine(
    profile: str = "",
    *,
    dataset: str = "",
    input: Place | None = None,  # noqa: A002  it is what the command's argument is called
    offline: bool = False,
    environment: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """Examine whether a run could do its work on this machine under a profile.

    Parameters
    ----------
    profile
        Name or path of the profile.
    dataset
        Dataset whose run is examined too: its inputs, engines and references; empty for none.
    input
        Location of the dataset's inputs; the profile's by default.
    offline
        Ask no server.
    environment
        Environment variables to go by instead of this process's.

    Raises
    ------
    UsageError
        If a setting cannot be understood.
    """
    from caldp.app.examine.dataset import examine_dataset
    from caldp.domain.run.settings import NO_SERVER
    from caldp.factories import make_examination

    environ = os.environ if environment is None else environment
    settings = resolve_settings(profile, {}, environ).settings
    findings = make_examination(environment_under(profile, environ))(settings, offline=offline)
    if not dataset:
        return findings
    overrides = {"crds_server_url": NO_SERVER} if offline else None
    return findings + examine_dataset(
        dataset,
        lambda: plan(dataset, input, "none", profile=profile, overrides=overrides, environment=environ),
    )


def table(results: Result | Iterable[Result]) -> Table:
    """Make an `astropy.table.Table` of results, with types, units and meanings of columns.

    Parameters
    ----------
    results
        Results of `survey`, `show`, `stale`, `caldp.diff`, `caldp.batch` or `caldp.batch_status`, an outcome, or some
        records; one or several.

    Returns
    -------
    astropy.table.Table
        States: a row for each dataset. A batch: a row for each of its datasets. Staleness: a row for each dataset and
        type of reference file. A comparison: a row for each difference of values. Records: a row for each file.

    Raises
    ------
    TypeError
        If there is no table of them.

    Examples
    --------
    >>> len(table([]))
    0
    """
    from caldp.domain.tables.results import table_of
    from caldp.factories import to_astropy

    return to_astropy(table_of(results))
