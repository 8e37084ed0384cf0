"""Programs that combine exposures which an engine has calibrated, each in a run of its own."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.adapters.engines.identity import PACKAGES, package_identity


@frozen
class Combination:
    """A program that combines, and the versions of the engine for which it is proven.

    Attributes
    ----------
    versions
        Versions whose products were the same in every HDU and card, as `tests/integration/engines` compares them.
    script
        Script that combines, beside this module; it is run by our own interpreter.
    """

    versions: frozenset[str]
    script: str


PROVEN: Final = {"calcos": Combination(frozenset({"3.6.2"}), "cos_combination.py")}


def combination_of(program: str, path: Path, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Find the program that combines what an engine has calibrated.

    Parameters
    ----------
    program
        Name of the engine.
    path
        Its executable. It must be the one that pip has made for our own interpreter: the combination imports the
        engine's package, which must be the same.
    environment
        The engine's environment. PYTHONPATH must not lead to another package of that name.

    Returns
    -------
    tuple of str
        Program and arguments; empty if there is none.
    """
    combination = PROVEN.get(program)
    if combination is None or not _is_ours(path) or package_identity(program, path)[0] not in combination.versions:
        return ()
    places = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    if any((Path(place) / PACKAGES[program]).exists() for place in places):
        return ()
    return (sys.executable, "-P", str(Path(__file__).with_name(combination.script)))


def _is_ours(path: Path) -> bool:
    """Tell whether pip has made a program for our own interpreter, by its place and its first line."""
    if path.parent != Path(sysconfig.get_path("scripts")):
        return False
    try:
        with path.open("rb") as file:
            first = file.readline(4096).decode(errors="replace").strip()
    except OSError:
        return False
    interpreter = Path(first.removeprefix("#!"))
    return first.startswith("#!/") and interpreter.is_file() and interpreter.samefile(sys.executable)
