"""Images through the command line of Docker or Podman: built, pushed and run as the founding readme's scripts did."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

from attrs import frozen

from caldp.adapters.containers.commands import become, feed
from caldp.adapters.containers.engine import EPOCH, ContainerEngine
from caldp.domain.errors import CaldpError, UsageError
from caldp.domain.run.crds_variables import crds_variables, reference_variables
from caldp.domain.run.engine_variables import BY_NAME as ENGINE_VARIABLES_BY_NAME
from caldp.domain.run.secrets import holds_secret
from caldp.domain.run.settings import Settings, setting_variables

CONTAINER_HOME: Final = "/home/developer"
CONTAINER_CACHE: Final = "/grp/crds/cache"
_NO_MOUNT: Final = "none"
# These name places of this machine, which the container sees elsewhere.
_PLACES: Final = frozenset({"CALDP_HOME", "CALDP_WORK_DIR", "CRDS_PATH", "HLA_CLASSIC_BASEPATH"})
_PATH_ENDINGS: Final = ("_FILE", "_BUNDLE")
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
"""Arguments that a build has without being told so, and leaves out of the image's history."""


@frozen
class Mounts:
    """Directories of this machine that a container sees.

    Attributes
    ----------
    home
        Directory that is the container's home; None for none.
    cache
        CRDS cache; None if the cache is the container's own, below its home.
    cache_readonly
        True if the container must not write to the cache.
    aws
        AWS configuration directory; None if there is none, or if it lies in the home anyway.
    """

    home: Path | None
    cache: Path | None
    cache_readonly: bool
    aws: Path | None


class DockerCli:
    """Composes and runs docker commands.

    Parameters
    ----------
    environ
        Environment to go by: ``CALDP_HOME`` (default: the current directory; ``none`` for no mount), ``CRDS_PATH``,
        ``CALDP_DOCKER_RUN_PARS``, and what the container is to get too.
    engine
        The program.
    """

    def __init__(self, environ: Mapping[str, str], engine: ContainerEngine) -> None:
        self._environ, self._engine = environ, engine

    def become(self, arguments: Sequence[str], variables: Mapping[str, str] | None = None) -> NoReturn:
        """Replace this process by a command, which gets the variables that it only names.

        Raises
        ------
        CaldpError
            If the program is not installed, or cannot be started.
        """
        become(arguments, self._environ, variables or {})

    def login(self, registry: str, password: str) -> int:
        """Log in to a registry, with the password on the standard input, and return the exit status.

        Raises
        ------
        CaldpError
            If the program is not installed, or cannot be started.
        """
        words = [self._engine.program, "login", "--username", "AWS", "--password-stdin", registry]
        return feed(words, self._environ, password)

    def push(self, image: str) -> list[str]:
        """Compose ``docker push``."""
        return [self._engine.program, "push", image]

    def mounts(self, settings: Settings) -> Mounts:
        """List the directories that a container must see."""
        environ = self._environ
        home = None if environ.get("CALDP_HOME") == _NO_MOUNT else Path(environ.get("CALDP_HOME") or ".").absolute()
        mounted = bool(environ.get("CRDS_PATH")) or settings.crds_readonly_cache
        cache = Path(settings.crds_path).expanduser().absolute() if mounted else None
        aws = Path(environ["HOME"]) / ".aws" if environ.get("HOME") else None
        if aws is not None and (not aws.is_dir() or (home is not None and (home / ".aws").exists())):
            aws = None
        # Central Store is everyone's: nothing writes to it from a container.
        return Mounts(home, cache, settings.crds_readonly_cache or str(cache) == CONTAINER_CACHE, aws)

    def run(self, settings: Settings, image: str, command: Sequence[str]) -> list[str]:
        """Compose ``docker run`` for a command.

        Variables that may be secret are passed on by name, so that their values are on no command line.
        ``CALDP_DOCKER_RUN_PARS`` replaces ``--rm`` and comes last, so that it wins.
        """
        seen = self.mounts(settings)
        # Files in the mounted home shall belong to whoever runs the container.
        user = self._engine.user_words(os.getuid(), os.getgid()) if seen.home is not None else []
        return [
            self._engine.program, "run", "--no-healthcheck",  # a run says itself how it fares
            *_each("--volume", _volumes(seen)), *user, "--workdir", CONTAINER_HOME,
            *_each("--env", (_given(name, value) for name, value in self._profile_variables(settings, seen).items())),
            *_each("--env", self._passed_on()),
            *self._parameters(), image, *command,
        ]  # fmt: skip

    def secret_variables(self, settings: Settings) -> dict[str, str]:
        """Return the profile's variables that `run` names without their values; pass them to `call`."""
        variables = self._profile_variables(settings, self.mounts(settings))
        return {name: value for name, value in variables.items() if holds_secret(name, value)}

    def build(
        self, directory: Path, image: str, base: str = "", certificates: Path | None = None, network: str = ""
    ) -> list[str]:
        """Compose ``docker build``; with ``SOURCE_DATE_EPOCH`` the image has that time.

        Parameters
        ----------
        directory
            A clone of caldp's repository.
        image
            Repository and tag; the image is tagged ``caldp`` too.
        base
            Image that has the engines; empty to make one from conda-forge.
        certificates
            Further CA certificates, PEM.
        network
            Network of the build, such as ``host``; empty for the engine's own. Proxies of the environment are passed
            on by name.

        Raises
        ------
        UsageError
            If a file is missing, or the time is none.
        CaldpError
            If the clone cannot tell its version.
        """
        if not (directory / "Dockerfile").is_file():
            raise UsageError(f"There is no Dockerfile in {directory}.", advice="Run this in a clone of caldp.")
        if certificates is not None and not certificates.is_file():
            raise UsageError(f"There is no file {certificates}.", advice="Give a PEM file of CA certificates.")
        epoch = self._environ.get(EPOCH, "")
        if epoch and not (epoch.isascii() and epoch.isdigit()):
            raise UsageError(
                f"{EPOCH}={epoch} is no time.", advice="Give seconds since 1970, as in $(git log -1 --format=%ct)."
            )
        return [
            self._engine.program, "build", *self._engine.build_words(epoch),
            "--file", str(directory / "Dockerfile"), "--tag", "caldp", "--tag", image,
            *(["--build-arg", f"CAL_BASE_IMAGE={base}"] if base else []),
            "--build-arg", f"CSYS_VER={base or image}",
            *self._version_words(directory),
            *(["--network", network] if network else []),
            *_each("--build-arg", (name for name in _PROXIES if self._environ.get(name))),
            *(["--secret", f"id=ca_certificates,src={certificates}"] if certificates is not None else []),
            str(directory),
        ]  # fmt: skip

    def _version_words(self, directory: Path) -> list[str]:
        """Ask the clone for its version: the build sees no repository that could tell it."""
        script = directory / "scripts" / "version.py"
        if not script.is_file():
            return []
        done = subprocess.run(
            [sys.executable, str(script)], env=self._environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            reason = done.stderr.strip().rpartition("\n")[2]
            raise CaldpError(
                f"{directory} has no version: {reason}", advice="Set CALDP_BUILD_VERSION to the right one."
            )
        return ["--build-arg", f"CALDP_BUILD_VERSION={done.stdout.strip()}"]

    def _profile_variables(self, settings: Settings, seen: Mounts) -> dict[str, str]:
        """List the profile's variables, with the cache where the container sees it."""
        cache = CONTAINER_CACHE if seen.cache is not None else f"{CONTAINER_HOME}/crds_cache"
        return {
            "HOME": CONTAINER_HOME,
            "CALDP_DOCKER": "1",
            **crds_variables(settings, self._environ),
            **reference_variables(cache, flat=settings.crds_readonly_cache),
            "CRDS_PATH": cache,
        }

    def _passed_on(self) -> list[str]:
        """Name the variables of this environment that the container gets too."""
        ours = {*setting_variables(), *ENGINE_VARIABLES_BY_NAME, "MAST_API_TOKEN"}
        return sorted(
            name
            for name, value in self._environ.items()
            if value and (name in ours - _PLACES or (name.startswith("AWS_") and not name.endswith(_PATH_ENDINGS)))
        )

    def _parameters(self) -> list[str]:
        text = self._environ.get("CALDP_DOCKER_RUN_PARS", "--rm")
        try:
            return shlex.split(text)
        except ValueError as error:
            raise UsageError(f"CALDP_DOCKER_RUN_PARS cannot be split into words: {error}: {text}") from error


def _given(name: str, value: str) -> str:
    """Write a variable for ``--env``: every user of the machine sees the command line, so a secret is only named."""
    return name if holds_secret(name, value) else f"{name}={value}"


def _volumes(seen: Mounts) -> list[str]:
    volumes = []
    if seen.home is not None:
        volumes.append(f"{seen.home}:{CONTAINER_HOME}")
    if seen.cache is not None:
        volumes.append(f"{seen.cache}:{CONTAINER_CACHE}" + (":ro" if seen.cache_readonly else ""))
    if seen.aws is not None:
        volumes.append(f"{seen.aws}:{CONTAINER_HOME}/.aws:ro")
    return volumes


def _each(option: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (option, value)]
