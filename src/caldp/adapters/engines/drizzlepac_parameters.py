"""Parameters of the drizzlepac that is installed beside caldp, read without importing it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from caldp.domain.calibration.drizzle_parameters import Parameter, declared
from caldp.domain.errors import UsageError

_SPECIFICATION: Final = Path("pars", "astrodrizzle.cfgspc")


def drizzle_parameters() -> Mapping[str, Parameter]:
    """Return the parameters that may be set, by name.

    Raises
    ------
    UsageError
        If drizzlepac is not there, or has other files than those known.
    """
    found = find_spec("drizzlepac")
    for place in (found.submodule_search_locations or ()) if found is not None else ():
        try:
            parameters = declared((Path(place) / _SPECIFICATION).read_text(encoding="utf-8"))
        except OSError:
            continue
        if parameters:
            return parameters
    raise UsageError(
        "Drizzle parameters cannot be checked: drizzlepac is not installed beside caldp.",
        advice="Install it: pip install 'caldp[engines]'.",
    )
