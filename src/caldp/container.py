"""The composition root: wires the adapters that settings and locations ask for into the use case.

Nothing else knows dependency_injector. Its providers are untyped, so every adapter has a typed factory, and
`build_pipeline` hands out the typed whole.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dependency_injector import containers, providers

from caldp.adapters.engines.drizzlepac_parameters import drizzle_parameters
from caldp.adapters.engines.subprocess import SubprocessRunner
from caldp.adapters.engines.warm import WarmEngines
from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.health.astrometry import examine_astrometry
from caldp.adapters.health.this_machine import describe_machine
from caldp.adapters.memory.cgroup import CgroupMemory
from caldp.adapters.packing.gzip import GzipPacker
from caldp.adapters.references.crds import CrdsReferences
from caldp.adapters.references.crds_s3_get import plugin_variables
from caldp.adapters.store.directory import try_to_write
from caldp.adapters.store.s3 import make_s3_store
from caldp.adapters.support.our_programs import with_our_programs
from caldp.adapters.support.pace import TransferLimits
from caldp.adapters.support.warm_line import own_line
from caldp.app.batch.gather_references import GatherReferences
from caldp.app.calibration.context import context_in_bucket
from caldp.app.calibration.remembered_fits import RememberedFits
from caldp.app.layouts import LAYOUTS
from caldp.app.plan.list_switches import ListSwitches
from caldp.app.plan.plan_run import PlanRun
from caldp.app.ports.archive_source import ArchiveSource
from caldp.app.ports.fits_files import FitsFiles
from caldp.app.ports.object_store import ObjectStore
from caldp.app.ports.preview_renderer import PreviewRenderer
from caldp.app.ports.probe import Probe
from caldp.app.process.flow import Destination
from caldp.app.process.process_dataset import ProcessDataset
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.location import InputLocation, OutputLocation, S3Location
from caldp.domain.output.previews import PreviewKind
from caldp.domain.run.crds_variables import crds_variables, reads_a_bucket
from caldp.domain.run.identity import Machine
from caldp.domain.run.request import RunRequest
from caldp.domain.run.settings import NO_SERVER, Settings
from caldp.factories import make_reference_choice, make_renderers, make_source, make_store

_PACKAGES = ("caldp", "crds", "calcos", "drizzlepac", "astropy", "numpy")


def make_context(
    settings: Settings, output: OutputLocation, environment: Mapping[str, str], gathered: str = ""
) -> str | Callable[[], str]:
    """Return the CRDS context of references that were gathered, or that a setting names, or what asks the output."""
    if gathered or settings.crds_context or not (settings.context_from_output and output.bucket):
        return gathered or settings.crds_context
    return lambda: context_in_bucket(make_s3_store(S3Location(output.bucket), settings, environment))


def make_references(
    settings: Settings,
    environment: Mapping[str, str],
    fits: FitsFiles,
    context: str | Callable[[], str],
    gathered: str = "",
    *,
    only_plan: bool = False,
    may_fetch_rules: bool = False,
) -> CrdsReferences:
    """Make the reference service that settings ask for.

    Parameters
    ----------
    settings, environment, fits, context
        As for `CrdsReferences`.
    gathered
        Context whose rules and references for this run have been put into the cache; empty if that is not known. The
        service asks no server then, and writes nothing.
    only_plan
        True to download no reference.
    may_fetch_rules
        True if a plan may put the rules of a context into the cache.
    """
    variables = crds_variables(settings, environment)
    is_served = bool(gathered) and not reads_a_bucket({**environment, **variables})
    if is_served:
        variables["CRDS_SERVER_URL"] = NO_SERVER
    if "CRDS_DOWNLOAD_PLUGIN" in variables:
        variables |= plugin_variables(environment)
    return CrdsReferences(
        Path(settings.crds_path).expanduser().absolute(),
        context,
        readonly=settings.crds_readonly_cache or is_served or (only_plan and not may_fetch_rules),
        environment={**environment, **variables},
        fits=fits,
        only_plan=only_plan,
        check=settings.verify_references,
        attempts=settings.attempts,
        timeout=settings.network_timeout,
        limits=TransferLimits.of(settings),
        at_once=settings.transfers,
    )


def make_runner(settings: Settings, engines: WarmEngines | None) -> SubprocessRunner:
    """Make what runs engines; from servers that it shares with other runs, if there are such."""
    line = own_line()
    shared = engines or (WarmEngines(line) if line else None)
    return SubprocessRunner(memory=CgroupMemory(), is_warm=settings.warm_engines, engines=shared)


def make_destination(store: ObjectStore | None, settings: Settings) -> Destination | None:
    """Put a store and a layout together; None if nothing is published."""
    return None if store is None else Destination(store, LAYOUTS[settings.layout], GzipPacker())


def local_source(location: InputLocation, make_source: Callable[[], ArchiveSource]) -> ArchiveSource | None:
    """Make a source that downloads nothing; None for one that would."""
    return make_source() if location.is_here else None


def make_trial(location: OutputLocation) -> Callable[[], None] | None:
    """Make what tries whether an output can be written; None for one that is not tried."""
    paths = [Path(path).expanduser() for path in location.local_paths]
    return partial(try_to_write, *paths) if paths else None


def output_root(output: OutputLocation, settings: Settings, dataset: AnyDataset) -> OutputLocation:
    """Find the root of an output: CALCLOUD's jobs name a directory below it."""
    return LAYOUTS[settings.layout].root(output, dataset)


def make_versions() -> dict[str, str]:
    """Collect the versions of what may take part in a run; what is not installed is left out."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def make_packages() -> dict[str, str]:
    """List the versions of all packages of this Python, by name; directories tell, which takes no time."""
    found = (path.stem for place in sys.path for path in Path(place).glob("*.dist-info"))
    return dict(sorted((name.lower(), version) for name, _, version in (stem.partition("-") for stem in found)))


def make_astrometry(environment: Mapping[str, str]) -> Probe:
    """Make the examination of the servers of astrometry."""
    return partial(examine_astrometry, environ=environment)


def make_machine() -> Machine:
    """Describe this machine."""
    return describe_machine(CgroupMemory())


class Container(containers.DeclarativeContainer):
    """Adapters of a run. The settings and locations of a run are its dependencies."""

    request = providers.Dependency(instance_of=RunRequest)
    settings = providers.Dependency(instance_of=Settings)
    dataset: providers.Provider[AnyDataset] = providers.Dependency()
    source_location: providers.Provider[InputLocation] = providers.Dependency()
    output_location: providers.Provider[OutputLocation] = providers.Dependency()
    environment = providers.Dependency(instance_of=dict)
    engines: providers.Provider[WarmEngines | None] = providers.Object(None)
    gathered: providers.Provider[str] = providers.Object("")

    fits: providers.Provider[FitsFiles] = providers.Singleton(RememberedFits, providers.Factory(AstropyFits))
    source: providers.Provider[ArchiveSource] = providers.Factory(
        make_source, source_location, settings, environment, fits
    )
    root: providers.Provider[OutputLocation] = providers.Callable(output_root, output_location, settings, dataset)
    store: providers.Provider[ObjectStore | None] = providers.Factory(make_store, root, settings, environment)
    context: providers.Provider[str | Callable[[], str]] = providers.Factory(
        make_context, settings, output_location, environment, gathered
    )
    references: providers.Provider[CrdsReferences] = providers.Factory(
        make_references, settings, environment, fits, context, gathered
    )
    runner: providers.Provider[SubprocessRunner] = providers.Factory(make_runner, settings, engines)
    renderers: providers.Provider[Mapping[PreviewKind, PreviewRenderer]] = providers.Singleton(make_renderers)
    astrometry: providers.Provider[Probe] = providers.Callable(make_astrometry, environment)
    destination: providers.Provider[Destination | None] = providers.Factory(make_destination, store, settings)
    pipeline: providers.Provider[ProcessDataset] = providers.Factory(
        ProcessDataset,
        request=request,
        environment=environment,
        versions=providers.Callable(make_versions),
        packages=providers.Callable(make_packages),
        machine=providers.Callable(make_machine),
        source=source,
        references=references,
        runner=runner,
        fits=fits,
        renderers=renderers,
        astrometry=astrometry,
        destination=destination,
        drizzle_parameters=providers.Object(drizzle_parameters),
    )
    planner: providers.Provider[PlanRun] = providers.Factory(
        PlanRun,
        request=request,
        environment=environment,
        source=providers.Callable(local_source, source_location, source.provider),
        references=providers.Factory(make_references, settings, environment, fits, context, only_plan=True),
        runner=runner,
        fits=fits,
        destination=destination,
        drizzle_parameters=providers.Object(drizzle_parameters),
        try_output=providers.Callable(make_trial, root),
    )
    switch_list: providers.Provider[ListSwitches] = providers.Factory(
        ListSwitches,
        request=request,
        source=providers.Callable(local_source, source_location, source.provider),
        fits=fits,
        choose=providers.Callable(
            partial, make_reference_choice, settings, environment, settings.provided.crds_context
        ),
    )


def build_pipeline(
    request: RunRequest, environment: Mapping[str, str], engines: WarmEngines | None = None, gathered: str = ""
) -> ProcessDataset:
    """Build the use case for one run.

    Parameters
    ----------
    request
        The run.
    environment
        The caller's environment, of which references, downloads and engines get what they need.
    engines
        Servers of Python engines that several runs share; the caller closes them.
    gathered
        CRDS context whose rules and references for this dataset are in the cache; empty if that is not known.
    """
    return _container(request, environment, engines, gathered).pipeline()


def build_planner(request: RunRequest, environment: Mapping[str, str]) -> PlanRun:
    """Build the planner of the run that `build_pipeline` would do, from the same parameters."""
    return _container(request, environment).planner()


def build_switch_list(request: RunRequest, environment: Mapping[str, str]) -> ListSwitches:
    """Build what lists the switches of the run that `build_pipeline` would do, from the same parameters."""
    return _container(request, environment).switch_list()


def _container(
    request: RunRequest, environment: Mapping[str, str], engines: WarmEngines | None = None, gathered: str = ""
) -> Container:
    if request.source.is_simulated:
        from caldp.simulation.archive import environment_of_simulation

        environment = environment_of_simulation(environment)
    return Container(
        request=request,
        settings=request.settings,
        dataset=request.dataset,
        source_location=request.source,
        output_location=request.target,
        environment=with_our_programs(environment),
        engines=providers.Object(engines),
        gathered=providers.Object(gathered),
    )


def rules_ahead(
    request: RunRequest, environment: Mapping[str, str], gathered: str, instruments: Iterable[str]
) -> Mapping[str, Any] | None:
    """Return the preparation of CRDS's workers that runs of a request on any datasets have in common.

    Parameters
    ----------
    request, environment, gathered
        As for `build_pipeline`.
    instruments
        Instruments of the datasets, in lower case.

    Returns
    -------
    mapping or None
        As `caldp.adapters.references.crds.CrdsReferences.ahead` has it.
    """
    settings, environ = request.settings, with_our_programs(environment)
    if request.source.is_simulated:
        return None
    context = make_context(settings, request.target, environ, gathered)
    return make_references(settings, environ, AstropyFits(), context, gathered).ahead(instruments)


def build_gatherer(
    request: RunRequest,
    environment: Mapping[str, str],
    locations: Callable[[int], InputLocation],
    *,
    only_plan: bool,
) -> GatherReferences:
    """Build the use case that assigns references to all datasets of a batch.

    Parameters
    ----------
    request
        Request of any of them.
    environment
        The caller's environment.
    locations
        Return the location of a dataset's inputs, given its number.
    only_plan
        True to download no reference, though rules.
    """
    settings, environ, fits = request.settings, with_our_programs(environment), AstropyFits()
    context = make_context(settings, request.target, environ)
    return GatherReferences(
        lambda number: make_source(locations(number), settings, environ, fits),
        lambda: make_references(settings, environ, fits, context, only_plan=only_plan, may_fetch_rules=True),
        Path(settings.home).expanduser(),
        fits,
        settings.switches,
    )
