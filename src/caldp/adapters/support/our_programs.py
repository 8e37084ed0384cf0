"""Directory in which pip puts programs beside us."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Mapping


def our_programs() -> str:
    """Return the directory of the commands that were installed with us."""
    return sysconfig.get_path("scripts")


def with_our_programs(environment: Mapping[str, str]) -> dict[str, str]:
    """Add the directory of pip's programs beside us to PATH, as its last.

    So the engines of the ``engines`` extra are found also where nobody has activated the environment that holds them.
    """
    path = environment.get("PATH", os.defpath)
    return {**environment, "PATH": os.pathsep.join((path, our_programs()))}
