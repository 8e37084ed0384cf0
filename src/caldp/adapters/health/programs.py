"""Python, packages and calibration programs of this machine."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.adapters.health.installers import find_installers
from caldp.adapters.support.our_programs import find_program
from caldp.app.pool import working
from caldp.domain.hst.instrument import Instrument
from caldp.domain.run.health import Finding, ok, problem, warning
from caldp.domain.run.settings import Settings

PACKAGES: Final = ("caldp", "astropy", "astroquery", "boto3", "crds", "numpy")
_PYTHON_ENGINES: Final = {
    "calcos": "calcos",
    "runastrodriz": "drizzlepac",
    "runsinglehap": "drizzlepac",
    "runmultihap": "drizzlepac",
}
_MOSAICS: Final = {"visits": ("runsinglehap",), "sky cells": ("runmultihap",)}
_PATIENCE: Final = 20.0  # s; the programs answer in milliseconds


@frozen
class Program:
    """A calibration program.

    Attributes
    ----------
    name
        Name of the program.
    path
        Path of the program; empty if it is not installed.
    version
        Version that it prints, empty if it prints none.
    """

    name: str
    path: str
    version: str


def needs() -> dict[str, tuple[str, ...]]:
    """Return the calibration programs that each instrument needs, and each kind of mosaic."""
    recipes = {instrument.name: instrument.recipe for instrument in Instrument}
    stages = {name: (recipe.stage1, recipe.stage2) for name, recipe in recipes.items()}
    return {name: tuple(words[0] for words in both if words) for name, both in stages.items()} | _MOSAICS


def package_versions() -> dict[str, str]:
    """Return the versions of caldp, Python and the packages that it works with."""
    versions = {name: found for name in PACKAGES if (found := _package_version(name))}
    return {"caldp": versions.pop("caldp", "?"), "python": platform.python_version(), **versions}


def programs(environ: Mapping[str, str]) -> tuple[Program, ...]:
    """Look for the calibration programs on the PATH of an environment, and ask for their versions."""
    names = tuple(dict.fromkeys(name for programs in needs().values() for name in programs))
    with working(len(names), "caldp-health") as pool:
        return tuple(pool.map(lambda name: _program(name, environ), names))


def examine_programs(_settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Examine Python, packages and calibration programs."""
    versions = package_versions()
    yield ok("Python", f"{versions.pop('python')} at {sys.executable}")
    yield ok("packages", ", ".join(f"{name} {found}" for name, found in versions.items()))
    found = {program.name: program for program in programs(environ)}
    present = [program for program in found.values() if program.path]
    for program in present:
        yield ok(program.name, f"{program.version or 'of unknown version'} at {program.path}")
    installers = find_installers(environ)
    for purpose, names in needs().items():
        missing = [name for name in names if not found[name].path]
        if missing:
            yield warning(purpose, f"cannot be done without {' and '.join(missing)}", installers.command(missing))
        else:
            yield ok(purpose, f"can be done with {' and '.join(names)}")
    if not present:
        yield problem("engines", "no calibration program at all is installed", installers.command(tuple(found)))


def _program(name: str, environ: Mapping[str, str]) -> Program:
    path = find_program(name, environ)
    if path is None:
        return Program(name, "", "")
    package = _PYTHON_ENGINES.get(name)  # those take a second to say their version
    return Program(name, str(path), _asked(path, environ) if package is None else _package_version(package))


def _asked(path: Path, environ: Mapping[str, str]) -> str:
    """Ask an HSTCAL program for its version, such as ``10.5.0 (16-Mar-2026)``."""
    try:
        done = subprocess.run(
            [path, "--version"], env=environ, capture_output=True, text=True, errors="replace", timeout=_PATIENCE,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().partition("\n")[0] if done.returncode == 0 else ""


def _package_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
