"""Python, packages and calibration programs of this machine."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from attrs import frozen

from caldp.app.pool import working
from caldp.domain.calibration.engines import how_to_install
from caldp.domain.run.health import Finding, ok, problem, warning
from caldp.domain.run.settings import Settings

PACKAGES: Final = ("caldp", "astropy", "astroquery", "boto3", "crds", "numpy")
_PYTHON_ENGINES: Final = {
    "calcos": "calcos",
    "runastrodriz": "drizzlepac",
    "runsinglehap": "drizzlepac",
    "runmultihap": "drizzlepac",
}
_PURPOSES: Final = {
    "calcos": "COS",
    "calacs.e": "ACS",
    "calwf3.e": "WFC3",
    "cs0.e": "STIS",
    "runastrodriz": "drizzled ACS and WFC3 products",
    "runsinglehap": "mosaics of visits",
    "runmultihap": "mosaics of sky cells",
}
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


def package_versions() -> dict[str, str]:
    """Return the versions of caldp, Python and the packages that it works with."""
    versions = {name: found for name in PACKAGES if (found := _package_version(name))}
    return {"caldp": versions.pop("caldp", "?"), "python": platform.python_version(), **versions}


def programs(environ: Mapping[str, str]) -> tuple[Program, ...]:
    """Look for the calibration programs on the PATH of an environment, and ask for their versions."""
    with working(len(_PURPOSES), "caldp-health") as pool:
        return tuple(pool.map(lambda name: _program(name, environ), _PURPOSES))


def examine_programs(_settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Examine Python, packages and calibration programs."""
    versions = package_versions()
    yield ok("Python", f"{versions.pop('python')} at {sys.executable}")
    yield ok("packages", ", ".join(f"{name} {found}" for name, found in versions.items()))
    found = programs(environ)
    for program in found:
        if program.path:
            yield ok(program.name, f"{program.version or 'of unknown version'} at {program.path}")
        else:
            yield warning(program.name, f"not installed: no {_PURPOSES[program.name]}", how_to_install(program.name))
    if not any(program.path for program in found):
        yield problem("engines", "no calibration program at all is installed", "See environment.yml, or use the image.")


def _program(name: str, environ: Mapping[str, str]) -> Program:
    path = shutil.which(name, path=environ.get("PATH", os.defpath)) or ""
    if not path:
        return Program(name, "", "")
    package = _PYTHON_ENGINES.get(name)  # those take a second to say their version
    return Program(name, path, _asked(path, environ) if package is None else _package_version(package))


def _asked(path: str, environ: Mapping[str, str]) -> str:
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
