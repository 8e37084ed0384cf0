"""What the commands beside ``caldp process`` need, each made by a typed function.

They do without the container, whose library takes longer to import than most of them take to run.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from caldp.adapters.containers.docker import DockerCli
    from caldp.adapters.containers.ecr import EcrLogin
    from caldp.adapters.settings.toml import TomlProfiles
    from caldp.app.clean.clean_up import Cleaned
    from caldp.app.ports.object_store import ObjectStore
    from caldp.app.ports.preview_renderer import PreviewRenderer
    from caldp.domain.output.previews import PreviewKind
    from caldp.domain.run.health import Finding
    from caldp.domain.run.settings import Layer, Resolved, Settings, Value


def make_profiles() -> TomlProfiles:
    """Make the collection of profiles that can be named here: ours, the project's, the user's."""
    from caldp.adapters.settings.toml import TomlProfiles, config_directories

    return TomlProfiles(config_directories(Path.cwd()))


def resolve_settings(
    profile: str, overrides: Mapping[str, Value], environment: Mapping[str, str], *implied: Layer
) -> Resolved:
    """Merge what else implies, a profile, the environment and overrides, in this order, into settings.

    Parameters
    ----------
    profile
        Name of a profile, or path of a TOML file.
    overrides
        Values by setting, such as a command line has them.
    environment
        Environment variables.
    implied
        What any other source wins over.

    Raises
    ------
    InvalidSetting
        If there is no such profile, or a value is unknown or of the wrong type.
    """
    from caldp.domain.run.settings import Layer, environment_layer, resolve

    name, layers = make_profiles().layers(profile)
    return resolve(name, (*implied, *layers, environment_layer(environment), Layer("command line", overrides)))


def make_renderers() -> Mapping[PreviewKind, PreviewRenderer]:
    """Make what draws previews, by what it draws."""
    from caldp.adapters.previews.image import ImagePreviewRenderer
    from caldp.adapters.previews.spectrum import SpectrumPreviewRenderer
    from caldp.domain.output.previews import PreviewKind

    images, spectra = ImagePreviewRenderer(), SpectrumPreviewRenderer()
    return {PreviewKind.IMAGE: images, PreviewKind.COLOUR: images, PreviewKind.SPECTRUM: spectra}


def open_output(output: str, profile: str) -> ObjectStore:
    """Open an output for reading.

    Raises
    ------
    UsageError
        If the text is no location, or one that holds nothing.
    """
    from caldp.adapters.store.directory import make_directory_store
    from caldp.domain.errors import PublishError, UsageError
    from caldp.domain.output.location import FileLocation, S3Location, parse_output
    from caldp.domain.run.quoting import quoted

    location = parse_output(output)
    if isinstance(location, FileLocation):
        if not Path(location.path).expanduser().is_dir():
            raise PublishError(
                f"There is no output directory {quoted(location.path)}.", advice="Check the path after file:."
            )
        return make_directory_store(location)
    if isinstance(location, S3Location):
        from caldp.adapters.store.s3 import make_s3_store

        settings = resolve_settings(profile, {}, os.environ).settings
        return make_s3_store(location, settings, os.environ)
    raise UsageError(f"{output} holds nothing.", advice="Expected file:PATH or s3://bucket/prefix.")


def clean_up(
    directories: Sequence[str] = (),
    *,
    dry_run: bool = False,
    kept: bool = False,
    gone_hosts: Collection[str] = (),
    profile: str = "onsite",
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

    from caldp.domain.output.location import FileLocation, parse_output

    output = parse_output(settings.output) if settings.output else None
    outputs = [Path(output.path).expanduser()] if isinstance(output, FileLocation) else []
    caches = [] if settings.crds_readonly_cache else [Path(settings.crds_path).expanduser()]
    return [Path(settings.home).expanduser(), *outputs, *caches, Path(tempfile.gettempdir())]


def examine(profile: str, environ: Mapping[str, str], *, offline: bool) -> tuple[Finding, ...]:
    """Examine whether a run could do its work on this machine under a profile.

    Parameters
    ----------
    profile
        Name or path of the profile.
    environ
        Environment variables.
    offline
        Leave out whatever has to be asked of others.
    """
    from caldp.adapters.health.machine import examine_machine
    from caldp.adapters.health.network import examine_network
    from caldp.adapters.health.programs import examine_programs
    from caldp.adapters.health.references import examine_references
    from caldp.adapters.memory.cgroup import CgroupMemory
    from caldp.adapters.support.our_programs import with_our_programs
    from caldp.domain.output.location import SimulatedLocation, parse_input

    settings = resolve_settings(profile, {}, environ).settings
    simulates = isinstance(parse_input(settings.input), SimulatedLocation)  # and makes its references, asking nobody
    return (
        *examine_programs(with_our_programs(environ)),
        *(() if simulates else examine_references(settings)),
        *examine_machine(settings, CgroupMemory()),
        *(() if simulates or offline else examine_network(settings, environ)),
    )


def versions(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of caldp, Python, packages, and the calibration programs that are installed."""
    from caldp.adapters.health.programs import package_versions, programs
    from caldp.adapters.support.our_programs import with_our_programs

    engines = {one.name: one.version for one in programs(with_our_programs(environ)) if one.path}
    return {**package_versions(), **engines}


def crds_plugin_directory() -> Path:
    """Return the directory of our ``crds_s3_get``."""
    from caldp.adapters.references.crds_s3_get import plugin_directory

    return plugin_directory()


def make_docker(environ: Mapping[str, str]) -> DockerCli:
    """Make the composer of docker commands."""
    from caldp.adapters.containers.docker import DockerCli

    return DockerCli(environ)


def ecr_login(environ: Mapping[str, str], region: str, role: str) -> EcrLogin:
    """Ask AWS for the password of its container registry."""
    from caldp.adapters.containers.ecr import ecr_login as ask

    return ask(environ, region, role)
