"""The program that builds and runs images: Docker, or Podman, whose command line is the same but for a few words."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.domain.errors import UsageError

VARIABLE: Final = "CALDP_CONTAINER_ENGINE"
EPOCH: Final = "SOURCE_DATE_EPOCH"
"""Variable for the time of what is built: https://reproducible-builds.org/specs/source-date-epoch."""
_NAMES: Final = ("docker", "podman")


@frozen
class ContainerEngine:
    """A program with Docker's command line.

    Attributes
    ----------
    program
        Its name, or its path.
    """

    program: str

    @property
    def is_podman(self) -> bool:
        """True for Podman, which has words of its own."""
        return Path(self.program).name == "podman"

    def user_words(self, uid: int, gid: int) -> list[str]:
        """Return the options with which files in a mounted directory belong to its owner.

        Podman without root maps the user to the container's root, and everyone else to numbers that own nothing here,
        unless it is told to keep the user's number.
        """
        keep = ["--userns", "keep-id"] if self.is_podman and uid else []
        return [*keep, "--user", f"{uid}:{gid}"]

    def build_words(self, epoch: str = "") -> list[str]:
        """Return the options of a build. Podman's own format has no health check.

        Parameters
        ----------
        epoch
            Seconds since 1970 of the image, and with Podman of the files that the build makes; empty for those of the
            build itself. Docker's BuildKit takes the argument's name for that.
        """
        times = [] if not epoch else ["--timestamp", epoch] if self.is_podman else ["--build-arg", f"{EPOCH}={epoch}"]
        return [*(["--format", "docker"] if self.is_podman else []), *times]


def find_engine(environ: Mapping[str, str], wanted: str = "") -> ContainerEngine:
    """Find the program to use: the one that is wanted, else Docker, else Podman.

    Parameters
    ----------
    environ
        Environment, with ``CALDP_CONTAINER_ENGINE`` and PATH.
    wanted
        Name or path of the program; it wins over the variable.

    Raises
    ------
    UsageError
        If another program is wanted.
    """
    wanted = wanted or environ.get(VARIABLE, "")
    if wanted:
        if Path(wanted).name not in _NAMES:
            raise UsageError(f"{wanted!r} is no container engine that caldp knows.", advice="Give docker or podman.")
        return ContainerEngine(wanted)
    installed = [name for name in _NAMES if shutil.which(name, path=environ.get("PATH"))]
    return ContainerEngine(installed[0] if installed else _NAMES[0])
