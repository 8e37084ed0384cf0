"""Profiles that can be named here, and the settings that they resolve to.

Commands that need no more than settings import this room, and neither the library's face nor the container.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from caldp.domain.run.settings import NO_SERVER

if TYPE_CHECKING:
    from caldp.adapters.settings.toml import TomlProfiles
    from caldp.domain.run.setting_values import Value
    from caldp.domain.run.settings import Layer, Resolved

_CENTRAL_STORE: Final = Path("/grp/crds")


def make_profiles(environment: Mapping[str, str] | None = None) -> TomlProfiles:
    """Make the collection of profiles that can be named here: ours, the project's, the user's.

    Parameters
    ----------
    environment
        Environment to go by instead of this process's.
    """
    from caldp.adapters.settings.toml import TomlProfiles, config_directories

    return TomlProfiles(config_directories(Path.cwd()), environment)


def usual_profile(environment: Mapping[str, str]) -> str:
    """Return the profile of those who name none.

    It is onsite where STScI's Central Store is mounted, and where the environment names a cache (CRDS_PATH) and no
    server (CRDS_SERVER_URL): a cache alone is used as it is. Anywhere else it is offsite.

    Parameters
    ----------
    environment
        Environment variables.
    """
    is_alone = bool(environment.get("CRDS_PATH")) and environment.get("CRDS_SERVER_URL") in (None, "", NO_SERVER)
    return "onsite" if is_alone or _CENTRAL_STORE.is_dir() else "offsite"


def environment_under(profile: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Add to an environment what a profile exports beside settings, if it is a configuration script.

    The environment wins, except where the script has started from it: PATH is as the script leaves it.

    Raises
    ------
    InvalidSetting
        If there is no such profile, or its script cannot be used.
    """
    exported = make_profiles(environment).environment(profile or usual_profile(environment))
    return {**exported, **environment, **{name: exported[name] for name in ("PATH",) if name in exported}}


def resolve_settings(
    profile: str, overrides: Mapping[str, Value], environment: Mapping[str, str], *implied: Layer
) -> Resolved:
    """Merge what else implies, a profile, the environment and overrides, in this order, into settings.

    Parameters
    ----------
    profile
        Name of a profile, or path of a TOML file or configuration script; empty for the usual one.
    overrides
        Values by setting, such as a command line has them.
    environment
        Environment variables.
    implied
        Layers that any other source wins over.

    Raises
    ------
    InvalidSetting
        If there is no such profile, or a value is unknown or of the wrong type.
    """
    from caldp.domain.run.settings import Layer, environment_layer, resolve

    name, layers = make_profiles(environment).layers(profile or usual_profile(environment))
    return resolve(name, (*implied, *layers, environment_layer(environment), Layer("command line", overrides)))
