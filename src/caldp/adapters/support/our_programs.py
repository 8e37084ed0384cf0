"""Programs by name, those that pip puts beside us among them."""

from __future__ import annotations

import os
import shutil
import sysconfig
from collections.abc import Mapping
from pathlib import Path


def our_programs() -> str:
    """Return the directory of the commands that were installed with us."""
    return sysconfig.get_path("scripts")


def with_our_programs(environment: Mapping[str, str]) -> dict[str, str]:
    """Add the directory of pip's programs beside us to PATH, as its last.

    So the engines of the ``engines`` extra are found also where nobody has activated the environment that holds them.
    """
    path = environment.get("PATH", os.defpath)
    return {**environment, "PATH": os.pathsep.join((path, our_programs()))}


def find_program(name: str, environment: Mapping[str, str]) -> Path | None:
    """Find a program on the PATH of an environment; None if no directory has it.

    The path is absolute: the program may be started in another directory than ours.
    """
    found = shutil.which(name, path=environment.get("PATH", os.defpath))
    return None if found is None else Path(found).absolute()
