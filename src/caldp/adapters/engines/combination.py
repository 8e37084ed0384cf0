"""Programs that combine exposures which an engine has calibrated, each in a run of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.adapters.engines.console_script import own_interpreter
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


_SAFE_PATH: Final = "-P"
"""Option of Python: the directory of the script, which holds modules of ours, is no place to import from."""

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
    if combination is None or package_identity(program, path)[0] not in combination.versions:
        return ()
    package = PACKAGES[program]
    interpreter = own_interpreter(path, package)
    places = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    if interpreter is None or any((Path(place) / package).exists() for place in places):
        return ()
    return (str(interpreter), _SAFE_PATH, str(_path_of(combination)))


def combines_for(argv: Sequence[str]) -> str:
    """Name the engine whose exposures a command combines; empty if it is no command of `combination_of`."""
    scripts = {str(_path_of(combination)): program for program, combination in PROVEN.items()}
    return scripts.get(argv[2], "") if len(argv) > 2 and argv[1] == _SAFE_PATH else ""


def _path_of(combination: Combination) -> Path:
    return Path(__file__).with_name(combination.script)
