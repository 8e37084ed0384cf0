"""Identity of calibration programs: what they and their packages say of themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final

PACKAGES: Final = {
    "calcos": "calcos",
    "runastrodriz": "drizzlepac",
    "runsinglehap": "drizzlepac",
    "runmultihap": "drizzlepac",
}
"""Packages of the engines that are written in Python, which do not tell a version of themselves."""


def executable_digest(path: Path) -> str:
    """Digest an executable; empty if it may be run and not read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def package_identity(program: str, path: Path) -> tuple[str, str]:
    """Find the version and build of the Python package that a program was installed with.

    The package is looked for where the program lies, which need not be the Python that caldp runs in.

    Parameters
    ----------
    program
        Name of the program, one of `PACKAGES`.
    path
        Its executable.

    Returns
    -------
    version, build : str
        Both empty if the package is not found.
    """
    prefix = path.resolve().parent.parent
    places = [str(place) for place in sorted(prefix.glob("lib/python3*/*-packages"))]
    found = next(iter(distributions(name=PACKAGES[program], path=places)), None)
    return ("", "") if found is None else (found.version, _installed(found))


def _installed(package: Distribution) -> str:
    """Digest the list of a package's installed files; what depends on the place of installation is left out."""
    lines = (package.read_text("RECORD") or "").splitlines()
    files = sorted(line for line in lines if "sha256=" in line and not _is_of_installation(line))
    return f"sha256:{hashlib.sha256(chr(10).join(files).encode()).hexdigest()}" if files else ""


def _is_of_installation(line: str) -> bool:
    """Tell whether a line of RECORD is of a script, whose first line names a path, or of metadata."""
    path = line.partition(",")[0]
    return path.startswith(("..", "/")) or ".dist-info/" in path


def commit_of(lines: Sequence[str]) -> str:
    """Read the answer of an HSTCAL program to ``--gitinfo``.

    Parameters
    ----------
    lines
        Lines such as ``git tag: 3.2.0-6-g5c1c1775``, ``git branch: main`` and ``HEAD @: 5c1c1775...`` (HSTCAL 3.2).

    Returns
    -------
    str
        Tag and commit.
    """
    values = dict(line.split(": ", 1) for line in lines if ": " in line)
    return " ".join(text for name in ("git tag", "HEAD @") if (text := values.get(name, "").strip()))
