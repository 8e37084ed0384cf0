"""Typed factories of adapters: each takes values of the domain and imports only the technology that it makes.

The container wires them together for a run. Commands beside ``caldp process`` call them without it, since its library
takes longer to import than most of these commands take to run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from caldp.domain.output.location import FileLocation, MastLocation, Nowhere, S3Location, SimulatedLocation

if TYPE_CHECKING:
    from astropy.table import Table as AstropyTable

    from caldp.adapters.containers.docker import DockerCli
    from caldp.adapters.containers.ecr import EcrLogin
    from caldp.adapters.launchers.warm_jobs import WarmJobs
    from caldp.app.compare.side import CatalogueSide
    from caldp.app.examine.examine import Examine
    from caldp.app.ports.archive_source import ArchiveSource
    from caldp.app.ports.fits_files import FitsFiles
    from caldp.app.ports.input_listing import InputListing
    from caldp.app.ports.launcher import Launcher
    from caldp.app.ports.listener import Listener
    from caldp.app.ports.object_store import ObjectStore
    from caldp.app.ports.preview_renderer import PreviewRenderer
    from caldp.app.ports.product_reader import ProductReader
    from caldp.app.ports.reference_choice import ReferenceChoice
    from caldp.app.stale.find_stale import FindStale
    from caldp.domain.batch.queue import Machine as BatchMachine
    from caldp.domain.hst.dataset import AnyDataset
    from caldp.domain.output.location import InputLocation, OutputLocation
    from caldp.domain.output.previews import PreviewKind
    from caldp.domain.run.settings import Settings
    from caldp.domain.tables.table import Table

_PROGRAM: Final = Path(__file__).with_name("__main__.py")
"""The command ``caldp``, as a script of this Python."""


def begin_early(*, has_line: bool = False) -> Callable[[], None]:
    """Begin what takes long and every run needs; return what ends it, if it turns out that nobody needs it.

    Parameters
    ----------
    has_line
        True if standard input is a line to the warm servers of a batch.
    """
    from caldp.adapters.references.head_start import begin, give_up
    from caldp.adapters.support.warm_line import open_own_line

    if has_line:
        open_own_line()
    begin()
    return give_up


def check_drizzle(wishes: Mapping[str, str]) -> None:
    """Check parameters of AstroDrizzle against those of the drizzlepac that is installed.

    Raises
    ------
    UsageError
        If it has no such parameter, a value is of the wrong type, or it is not installed.
    """
    from caldp.adapters.engines.drizzlepac_parameters import drizzle_parameters
    from caldp.domain.calibration.drizzle_parameters import parameters_for_table

    parameters_for_table(wishes, drizzle_parameters())


def make_source(
    location: InputLocation, settings: Settings, environment: Mapping[str, str], fits: FitsFiles
) -> ArchiveSource:
    """Make the archive that an input location names."""
    match location:
        case FileLocation():
            from caldp.adapters.archive.file import make_file_archive

            return make_file_archive(location, settings, fits)
        case MastLocation():
            from caldp.adapters.archive.mast import make_mast_archive

            return make_mast_archive(location, settings, environment, fits)
        case S3Location():
            from caldp.adapters.archive.s3 import make_s3_archive

            return make_s3_archive(location, settings, environment, fits)
        case SimulatedLocation():
            from caldp.simulation.archive import SimulatedArchive

            return SimulatedArchive(location, fits)


def make_store(location: OutputLocation, settings: Settings, environment: Mapping[str, str]) -> ObjectStore | None:
    """Make the store that an output location names; None for ``none``."""
    match location:
        case FileLocation():
            from caldp.adapters.store.directory import make_directory_store

            return make_directory_store(location)
        case S3Location():
            from caldp.adapters.store.s3 import make_s3_store

            return make_s3_store(location, settings, environment)
        case Nowhere():
            return None


def open_store(location: OutputLocation, settings: Settings, environment: Mapping[str, str]) -> ObjectStore | None:
    """Make the store of an output that is to be read.

    Raises
    ------
    PublishError
        If it is a directory that does not exist.
    """
    from caldp.domain.errors import PublishError
    from caldp.domain.run.quoting import quoted

    for path in location.local_paths:
        if not Path(path).expanduser().is_dir():
            raise PublishError(f"There is no output directory {quoted(path)}.", advice="Check the path.")
    return make_store(location, settings, environment)


def make_listing(location: InputLocation, settings: Settings, environment: Mapping[str, str]) -> InputListing | None:
    """Make the listing of a location of inputs; None if what it holds cannot be listed."""
    from caldp.adapters.fits.astropy import AstropyFits

    match location:
        case FileLocation():
            from caldp.adapters.listing.directory import DirectoryListing

            return DirectoryListing(Path(location.path).expanduser(), AstropyFits())
        case S3Location():
            from caldp.adapters.listing.s3 import make_s3_listing

            return make_s3_listing(location, settings, environment, AstropyFits())
        case _:
            return None


def make_warm_jobs(environment: Mapping[str, str], settings: Settings, *, uses_s3: bool) -> WarmJobs | None:
    """Let a server import what the jobs of this machine import, which takes a second or two; returns at once.

    Parameters
    ----------
    environment
        Environment of the jobs.
    settings
        Settings that the jobs have in common.
    uses_s3
        True if inputs or products lie in S3.

    Returns
    -------
    WarmJobs or None
        Server, which its owner closes; None if each job is to import for itself.
    """
    from caldp.adapters.launchers.warm_jobs import WarmJobs
    from caldp.adapters.memory.cgroup import CgroupMemory
    from caldp.adapters.support.room import has_room_for_servers

    if not (settings.warm_engines and has_room_for_servers(CgroupMemory())):
        return None
    return WarmJobs(_PROGRAM, environment, Path.cwd(), uses_s3=uses_s3)


def make_local_launcher(
    command: Callable[[int], Sequence[str]],
    environment: Mapping[str, str],
    settings: Settings,
    warm: WarmJobs | None,
    *,
    rules: Callable[[], Mapping[str, Any] | None] = lambda: None,
    programs: Iterable[str] = (),
) -> Launcher:
    """Make the engine that runs jobs as child processes.

    Parameters
    ----------
    command
        Return the words of caldp's command line for a job, given the number of its dataset.
    environment
        Environment of the jobs.
    settings
        Settings that the jobs have in common.
    warm
        Server that jobs are forked from, which the launcher closes; None for none.
    rules
        Return the preparation of CRDS's workers that jobs have in common; None if there is none.
    programs
        Engines of the jobs, in the order in which they are needed.
    """
    from caldp.adapters.launchers.local import LocalLauncher, our_command
    from caldp.adapters.memory.cgroup import CgroupMemory
    from caldp.adapters.support.our_programs import with_our_programs
    from caldp.domain.run.engine_environment import build_environment

    if warm is not None:
        loaded = rules()
        if loaded is not None:
            warm.prepare_rules(loaded)
        own = build_environment(with_our_programs(environment), settings.engine_environment, {}, {})
        warm.prepare_engines(programs, own)
    return LocalLauncher(command, environment, CgroupMemory(), warm=warm, program=our_command())


def make_slurm_launcher(
    command: Callable[[str], Sequence[str]],
    environment: Mapping[str, str],
    logs: Path,
    options: Sequence[str],
    at_once: int,
) -> Launcher:
    """Make the engine that submits arrays to Slurm.

    Parameters
    ----------
    command
        Return the words of caldp's command line for the jobs of a launch, given its name.
    environment
        Environment of the jobs.
    logs
        Directory of the jobs' logs.
    options
        Further options of sbatch.
    at_once
        Greatest number of jobs of an array at the same time; 0 for no bound.
    """
    from caldp.adapters.launchers.local import our_command
    from caldp.adapters.launchers.slurm import SlurmLauncher

    return SlurmLauncher(lambda name: our_command(*command(name)), environment, logs, options, at_once)


def make_aws_batch_launcher(
    environment: Mapping[str, str], queue: str, definition: str, command: Sequence[str]
) -> Launcher:
    """Make the engine that submits arrays to AWS Batch.

    Parameters
    ----------
    environment
        Environment with the credentials.
    queue, definition
        Job queue, and beginning of the names of job definitions.
    command
        Words of a job's command in its container, before the name of its launch.
    """
    from caldp.adapters.launchers import aws_batch

    return aws_batch.make_aws_batch_launcher(environment, aws_batch.BatchPlan(queue, definition), command)


def check_parsl(config: str) -> None:
    """Raise `UsageError` if Parsl is not installed, or there is no file at the given path of a configuration."""
    from caldp.adapters.launchers.parsl_config import check_parsl as check

    check(config)


def make_parsl_launcher(
    command: Callable[[int], Sequence[str]],
    word: Callable[[], str],
    say: Callable[[str], None],
    environment: Mapping[str, str],
    config: str,
    directory: Path,
    at_once: int,
) -> tuple[Launcher, tuple[int, ...]]:
    """Make the engine that hands jobs to Parsl; return it with the sizes of memory that it gives, MiB.

    Parameters
    ----------
    command
        Return the words of caldp's command line for a job, given the number of its dataset.
    word
        Return the driver's word to its jobs; called by workers, to which it is pickled.
    say
        Leave the driver's word.
    environment
        Environment of the jobs. Workers have their own; they get what is different here, but for credentials.
    config
        Path of the user's configuration, which is run; empty for one of this machine.
    directory
        Directory for Parsl's own files.
    at_once
        Greatest number of jobs at the same time; 0 for no bound.
    """
    from caldp.adapters.launchers.local import our_command
    from caldp.adapters.launchers.parsl import ParslLauncher, ParslPlan
    from caldp.adapters.launchers.parsl_config import local_config, read_config, settle
    from caldp.adapters.launchers.parsl_task import Task
    from caldp.domain.run.secrets import without_secrets

    shipped = {name: text for name, text in without_secrets(environment).items() if os.environ.get(name) != text}
    chosen = settle(read_config(config) if config else local_config(at_once), directory)
    plan = ParslPlan(chosen, None if config else directory, at_once)
    launcher = ParslLauncher(plan, lambda number: Task(partial(our_command, *command(number)), word, shipped), say)
    return launcher, plan.sizes


def this_machine(memory_mib: int | None, places: int | None) -> BatchMachine:
    """Return memory and places of this machine for jobs: 90 % of what there is, and a place for each core.

    Parameters
    ----------
    memory_mib, places
        Wishes of the user; MiB, and a number; None to take all.
    """
    from caldp.adapters.health.this_machine import describe_machine, physical_memory
    from caldp.adapters.memory.cgroup import CgroupMemory
    from caldp.domain.batch.queue import Machine as BatchMachine

    machine = describe_machine(CgroupMemory())
    size = min(physical_memory(), machine.memory_limit or physical_memory())
    return BatchMachine(memory_mib or int(0.9 * size) >> 20, places or max(1, machine.cores))


def make_renderers(look: str = "caldp", *, annotates: bool = False) -> Mapping[PreviewKind, PreviewRenderer]:
    """Make the renderer of each kind of preview.

    Parameters
    ----------
    look
        Name of the look of images, one of `LOOKS`.
    annotates
        True for an annotated picture of each image too.
    """
    from caldp.adapters.previews.image import ImagePreviewRenderer
    from caldp.adapters.previews.spectrum import SpectrumPreviewRenderer
    from caldp.domain.output.looks import LOOKS
    from caldp.domain.output.previews import PreviewKind

    images, spectra = ImagePreviewRenderer(LOOKS[look], annotates), SpectrumPreviewRenderer()
    return {PreviewKind.IMAGE: images, PreviewKind.COLOUR: images, PreviewKind.SPECTRUM: spectra}


def make_examination(environment: Mapping[str, str]) -> Examine:
    """Make the examination of this machine for runs in an environment."""
    from caldp.adapters.health.astrometry import examine_astrometry
    from caldp.adapters.health.machine import examine_machine
    from caldp.adapters.health.network import examine_network
    from caldp.adapters.health.programs import examine_programs
    from caldp.adapters.health.references import examine_references
    from caldp.adapters.memory.cgroup import CgroupMemory
    from caldp.adapters.support.our_programs import with_our_programs
    from caldp.app.examine.examine import Examine

    return Examine(
        programs=partial(examine_programs, environ=with_our_programs(environment)),
        references=examine_references,
        machine=partial(examine_machine, memory=CgroupMemory(), environ=environment),
        network=partial(examine_network, environ=environment),
        astrometry=partial(examine_astrometry, environ=environment),
    )


def installed_versions(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of caldp, Python, packages, and the calibration programs that are installed."""
    from caldp.adapters.health.programs import package_versions, programs
    from caldp.adapters.support.our_programs import with_our_programs

    engines = {one.name: one.version for one in programs(with_our_programs(environment)) if one.path}
    return {**package_versions(), **engines}


def make_reference_choice(
    settings: Settings, environment: Mapping[str, str], context: str, tell: Listener
) -> ReferenceChoice:
    """Make what chooses references by a context; it starts a process when it is asked, which the caller closes.

    Parameters
    ----------
    settings
        Place of the cache, and the server.
    environment
        The caller's environment.
    context
        The context; empty for the operational one of the server or cache.
    tell
        Hears warnings.
    """
    from caldp.adapters.references.crds_choice import CrdsChoice
    from caldp.adapters.references.crds_s3_get import plugin_variables
    from caldp.domain.run.crds_variables import crds_variables

    directory = Path(settings.crds_path).expanduser().absolute()
    variables = crds_variables(settings, environment)
    if "CRDS_DOWNLOAD_PLUGIN" in variables:
        variables |= plugin_variables(environment)
    return CrdsChoice(directory, context, {**environment, **variables}, tell, settings.network_timeout)


def make_stale_search(settings: Settings, environment: Mapping[str, str], context: str, tell: Listener) -> FindStale:
    """Make the search for stale datasets; it starts a process for CRDS when it is asked, which the caller closes.

    Parameters
    ----------
    settings
        Present settings.
    environment
        The caller's environment.
    context
        Context to compare with; empty for the operational one of the server or cache.
    tell
        Hears warnings.
    """
    from caldp.adapters.fits.astropy import AstropyFits
    from caldp.adapters.headers.files import Headers
    from caldp.adapters.references.comparing import ValueComparison
    from caldp.adapters.support.tar_gate import TarLimits
    from caldp.app.stale.find_stale import FindStale
    from caldp.domain.run.request import determining_settings
    from caldp.domain.stale.remarks import Present

    return FindStale(
        make_reference_choice(settings, environment, context, tell),
        ValueComparison(),
        Headers(TarLimits(settings.tar_max_files, settings.tar_max_bytes)),
        AstropyFits(),
        Present(cache(lambda: installed_versions(environment)), determining_settings(settings, no_wishes_too=True)),
        dict(settings.reference_overrides),
    )


def constraints_file() -> Path:
    """Return the file of the versions that this one was tested with.

    Raises
    ------
    CaldpError
        If there is none.
    """
    from caldp.adapters.support import constraints

    return constraints.constraints_file()


def operational_context(settings: Settings) -> str:
    """Return the context that is operational, as the CRDS cache has it; empty if it does not know."""
    from caldp.adapters.health.references import operational_context

    return operational_context(Path(settings.crds_path).expanduser())


def newest_context(settings: Settings) -> str:
    """Return the context with the highest number in a CRDS cache that is used without a server; empty for any other."""
    from caldp.adapters.references.contexts import newest_context

    return newest_context(Path(settings.crds_path).expanduser()) if settings.crds_is_alone else ""


def make_product_reader() -> ProductReader:
    """Make the reader of products for pages."""
    from caldp.adapters.previews.product_values import ProductValues

    return ProductValues()


def to_astropy(table: Table) -> AstropyTable:
    """Make an `astropy.table.Table` of a table."""
    from caldp.adapters.support.astropy_tables import to_astropy

    return to_astropy(table)


def require_context(settings: Settings) -> None:
    """Check that a CRDS cache has the context that settings name; one that a server may be asked for is not checked.

    Raises
    ------
    CacheIncomplete
        If there is no such cache or context; the message names the contexts that there are.
    """
    from caldp.adapters.references.contexts import require_context

    if settings.crds_readonly_cache and settings.crds_context:
        require_context(Path(settings.crds_path).expanduser(), settings.crds_context)


def crds_plugin_directory() -> Path:
    """Return the directory of our ``crds_s3_get``."""
    from caldp.adapters.references.crds_s3_get import plugin_directory

    return plugin_directory()


def image_variables(environment: Mapping[str, str], clone: Path | None = None) -> dict[str, str]:
    """Read the configuration of the Docker image, a script that is installed beside the commands.

    Parameters
    ----------
    environment
        The caller's environment.
    clone
        A clone of caldp's repository, whose own ``scripts/caldp-image-config`` comes first.

    Returns
    -------
    dict
        Its variables, such as CALDP_DOCKER_IMAGE; empty if there is no such file.

    Raises
    ------
    InvalidSetting
        If a shell cannot source it.
    """
    from caldp.adapters.settings.script import read_exports
    from caldp.adapters.support.our_programs import our_programs

    name = "caldp-image-config"
    places = [*([clone / "scripts" / name] if clone else []), Path(our_programs(), name)]
    found = next((place.resolve() for place in places if place.is_file()), None)
    return read_exports(found, environment) if found else {}


def make_docker(environment: Mapping[str, str], engine: str = "") -> DockerCli:
    """Make the composer of commands for Docker or Podman.

    Parameters
    ----------
    environment
        The caller's environment.
    engine
        Program that is wanted; empty to take what the environment names, or what is installed.

    Raises
    ------
    UsageError
        If the engine is neither Docker nor Podman.
    """
    from caldp.adapters.containers.docker import DockerCli
    from caldp.adapters.containers.engine import find_engine

    return DockerCli(environment, find_engine(environment, engine))


def make_registry_login(environment: Mapping[str, str], region: str, role: str) -> EcrLogin:
    """Ask AWS for the password of its container registry."""
    from caldp.adapters.containers.ecr import ecr_login

    return ecr_login(environment, region, role)


def unpack_tarball(tarball: Path, directory: Path, settings: Settings) -> Mapping[str, Path]:
    """Unpack a tarball of products into a new directory; return its files by name.

    Raises
    ------
    InputTarError
        If the tarball is damaged or unsafe.
    """
    from caldp.adapters.support.tar_gate import TarLimits
    from caldp.adapters.support.unpacking import unpack
    from caldp.domain.run.quoting import quoted

    directory.mkdir(parents=True)
    limits = TarLimits(files=settings.tar_max_files, total_bytes=settings.tar_max_bytes)
    with tarball.open("rb") as source:
        return {path.name: path for path in unpack(source, directory, quoted(tarball), limits)}


def make_mast_side(
    dataset: AnyDataset, settings: Settings, environment: Mapping[str, str], scratch: Path
) -> CatalogueSide:
    """Make the side of a comparison that has the archive's products of a dataset.

    Parameters
    ----------
    dataset
        The dataset.
    settings, environment
        Patience with the archive, and MAST_API_TOKEN.
    scratch
        A new directory for what is downloaded.

    Raises
    ------
    ArchiveError, InputNotFound
        If the archive cannot be reached, or has nothing of the dataset.
    """
    from caldp.adapters.archive.mast_products import MastProducts
    from caldp.adapters.fits.astropy import AstropyFits
    from caldp.app.compare.side import CatalogueSide

    products = MastProducts.find(dataset, settings, environment, AstropyFits(), scratch)
    return CatalogueSide("astroquery:", dataset.name, products.sizes, products.fetch)
