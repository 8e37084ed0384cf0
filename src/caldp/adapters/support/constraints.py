"""The versions of all packages that this version of caldp was tested with."""

from __future__ import annotations

from pathlib import Path

from caldp.domain.errors import CaldpError

_NAME = "constraints.txt"


def constraints_file(package: Path | None = None) -> Path:
    """Return the path of the constraints: in the installed package, else in the clone that is installed editably.

    Parameters
    ----------
    package
        Directory of the package, if it is another than this one.

    Raises
    ------
    CaldpError
        If only modules were copied.
    """
    package = package or Path(__file__).resolve().parents[2]
    for place in (package / _NAME, package.parents[1] / _NAME):
        if place.is_file():
            return place
    raise CaldpError(f"There is no {_NAME} in {package}.", advice="Install caldp from its wheel or from a clone.")
