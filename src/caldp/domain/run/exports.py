"""Variables that a configuration script exports, sorted by the part of a run that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from caldp.domain.run.engine_environment import REFERENCE_VARIABLES, SWITCHES
from caldp.domain.run.settings import Layer, environment_layer, setting_variables

PROFILE_VARIABLE: Final = "CALDP_PROFILE_ENV"
"""Names the profile whose variables a shell has evaluated, so that the next one can replace them."""

_CRDS: Final = "CRDS_"


def exported_layer(origin: str, exports: Mapping[str, str]) -> Layer:
    """Read exported variables as the values of a profile.

    Settings are known by their environment variables. Other CRDS_* variables go to ``crds_environment``, variables of
    the engines to ``engine_environment``.

    Parameters
    ----------
    origin
        Name of the script, for messages.
    exports
        Values by variable; an empty one sets nothing.
    """
    settings = environment_layer(exports)
    tables = {
        "crds_environment": {name: value for name, value in exports.items() if _is_further_crds(name) and value},
        "engine_environment": {name: value for name, value in exports.items() if name in SWITCHES},
    }
    return Layer(origin, {**settings.values, **{name: table for name, table in tables.items() if table}})


def exported_environment(exports: Mapping[str, str]) -> dict[str, str]:
    """Return the exported variables that are no setting, such as AWS_PROFILE: they belong to a run's environment."""
    known = {PROFILE_VARIABLE, *setting_variables(), *SWITCHES, *REFERENCE_VARIABLES}
    return {name: value for name, value in exports.items() if name not in known and not name.startswith(_CRDS)}


def _is_further_crds(name: str) -> bool:
    return name.startswith(_CRDS) and name not in setting_variables()
